"""A lesson's text is read into data, and what is missing is named."""

import pytest

from autograder.weave.directives import LessonError
from autograder.weave.lesson import CodeCell, ExerciseBlock, parse, read, slugs

FRONT = "---\ntitle: T\nquestion: Q?\nminutes: 5\ngoals: [g]\nprerequisites: [p]\n---\n"
BLOCK = """::::{exercise} attention.scale
:minutes: 5
:difficulty: 1

The task.

:::{hints}
1. one
:::

:::{goes-wrong}
- this
:::
::::
"""


def test_parts_come_in_order():
    code = "```{code-cell}\n:tags: [experiment]\n\nx = 1\n```\n\n"
    text = f"{FRONT}intro\n\n{code}{BLOCK}end\n"
    intro, code, block, end = parse("03-x", text).parts
    assert (intro, end) == ("intro", "end")
    assert code == CodeCell("x = 1", ("experiment",))
    assert block == ExerciseBlock("attention.scale", 5, 1, "The task.", ["one"], "- this")


@pytest.mark.parametrize(
    ("front", "message"),
    [
        (FRONT.replace("title: T\n", ""), "must hold .*title"),
        (FRONT.replace("title: T", "title: T\nauthor: A"), "Received: .*author"),
        ("", "The front matter must hold"),
    ],
)
def test_front_matter_is_complete_and_knows_its_keys(front, message):
    with pytest.raises(LessonError, match=message):
        parse("03-x", front + "text")


@pytest.mark.parametrize("part", [":minutes: 5\n", ":::{hints}\n1. one\n:::\n"])
def test_an_exercise_without_a_part_is_named(part):
    with pytest.raises(LessonError, match=r"attention\.scale must have"):
        parse("03-x", FRONT + BLOCK.replace(part, ""))


LONGER = {"09-decoding": 110, "10-modern": 110}  # they say that they are two sittings


@pytest.mark.parametrize("slug", slugs())
def test_every_lesson_reads(slug):
    lesson = read(slug)
    assert lesson.slug == slug
    assert lesson.front.minutes <= LONGER.get(slug, 90)
    for block in lesson.blocks.values():
        assert block.task
        assert len(block.hints) >= 2, f"{block.id} needs hints in steps"
        assert block.goes_wrong.startswith("- ")
        assert 1 <= block.difficulty <= 3
