"""No exercise lacks a part; a sentence says which part is missing, and where to add it.

`gaps` is the list that CONTRIBUTING promises. Each of its sentences is seen here on an exercise
that lacks the part.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.exercises import EXERCISES, LESSONS
from autograder.exercises.form import Misconception
from autograder.weave import lesson as lessons

PAGE = Path(__file__).parents[3] / "docs" / "exercises.md"
UNGRADED = ("00-start-here",)
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def blocks():
    """The exercises' places in the prose, by id."""
    return {name: block for slug in LESSONS for name, block in lessons.read(slug).blocks.items()}


def gaps(exercise, block, page, graded=True):
    """Return a sentence for each part that an exercise lacks.

    block: its place in a lesson, or None.    page: the text of `docs/exercises.md`.
    graded: whether it must be worth a point.
    """
    found = [] if exercise.attachment else list(_of_programs(exercise))
    if graded and not exercise.points > 0:
        found.append("is worth no point: set `points`")
    if block is None:
        found.append("has no place in a lesson: add an `{exercise}` block to the lesson's text")
    elif len(block.hints) < 2:
        found.append("has fewer than two hints: add steps to the `{hints}` of its block")
    elif not block.goes_wrong.strip():
        found.append("does not say what goes wrong: fill the `{goes-wrong}` of its block")
    if f"`{exercise.id}`" not in page:
        found.append("is not in docs/exercises.md: run `make build`")
    for mistake in exercise.misconceptions:
        found += [f"misconception `{mistake.id}` {gap}" for gap in _of_mistake(exercise, mistake)]
        if f"`{mistake.id}`" not in page:
            found.append(f"misconception `{mistake.id}` is not in docs/exercises.md: `make build`")
    return [f"{exercise.id} {gap}." for gap in found]


def _of_programs(exercise):
    """The gaps of what is judged by cases; a file of trained weights is judged by what it does."""
    if len(exercise.misconceptions) < 2:
        yield "has fewer than two misconceptions: add them by `@EXERCISE.misconception`"
    if len(exercise.variants) < 2:
        yield "has fewer than two other right answers: add them by `@EXERCISE.variant`"
    if not 2 <= len(exercise.visible()) <= 4:
        yield f"shows {len(exercise.visible())} cases: `visible` must return 2 to 4"


def _of_mistake(exercise, mistake):
    if not KEBAB.fullmatch(mistake.id):
        yield "must be named in kebab-case"
    if [other.id for other in exercise.misconceptions].count(mistake.id) > 1:
        yield "occurs twice"
    if mistake.program.__name__ != exercise.name:
        yield f"must be a program called `{exercise.name}`"
    if not mistake.hint.endswith("?"):
        yield "has a hint that does not ask: end it with a question"
    if not mistake.explanation.endswith("."):
        yield "has no explanation in whole sentences"


@pytest.mark.parametrize("name", EXERCISES)
def test_nothing_is_missing(name):
    slug = next(slug for slug, ones in LESSONS.items() if EXERCISES[name] in ones)
    page = PAGE.read_text(encoding="utf-8")
    assert not gaps(EXERCISES[name], blocks().get(name), page, graded=slug not in UNGRADED)


def wrong(**changes):
    """A misconception of `attention.scale` with something amiss."""
    parts = {"id": "some-fault", "title": "t", "explanation": "A sentence.", "hint": "A question?"}
    program = EXERCISES["attention.scale"].misconceptions[0].program
    return Misconception(**{**parts, "program": program, **changes})


GAPS = {
    "fewer than two misconceptions": {"misconceptions": []},
    "fewer than two other right answers": {"variants": []},
    "is worth no point": {"points": 0},
    "shows 1 cases": {"visible": lambda: [None]},
    "is not in docs/exercises.md: run `make build`": {"id": "attention.new"},
    "`some-fault` is not in docs/exercises.md": {"misconceptions": [wrong()] * 2},
    "must be named in kebab-case": {"misconceptions": [wrong(id="Some_Fault")]},
    "occurs twice": {"misconceptions": [wrong(), wrong()]},
    "must be a program called `scale_scores`": {"misconceptions": [wrong(program=gaps)]},
    "a hint that does not ask": {"misconceptions": [wrong(hint="Divide.")]},
    "no explanation in whole sentences": {"misconceptions": [wrong(explanation="")]},
}


@pytest.mark.parametrize(("sentence", "changes"), GAPS.items(), ids=list(GAPS))
def test_a_gap_is_told(sentence, changes):
    exercise, page = EXERCISES["attention.scale"], PAGE.read_text(encoding="utf-8")
    block = blocks()[exercise.id]
    assert sentence not in " ".join(gaps(exercise, block, page))
    assert sentence in " ".join(gaps(replace(exercise, **changes), block, page))


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        ("has fewer than two hints", lambda block: replace(block, hints=["One?"])),
        ("does not say what goes wrong", lambda block: replace(block, goes_wrong=" ")),
        ("has no place in a lesson", lambda block: None),
    ],
)
def test_a_gap_in_the_lesson_is_told(sentence, change):
    exercise, page = EXERCISES["attention.scale"], PAGE.read_text(encoding="utf-8")
    found = " ".join(gaps(exercise, change(blocks()[exercise.id]), page))
    assert f"attention.scale {sentence}" in found
