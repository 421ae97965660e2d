"""Lesson directives become what every notebook shows, or a sentence that says what must hold."""

import pytest

from autograder.weave.directives import LessonError, numbered_items, split, to_markdown


def test_plain_markdown_stays_as_it_is():
    text = "# Title\n\nA line with $x_i$ and `code`.\n\n- one\n- two"
    assert to_markdown(text) == text


def test_an_admonition_becomes_a_block_quote():
    text = ":::{admonition} Predict\n:class: tip\nHow large?\n\nAnd why?\n:::"
    assert to_markdown(text) == "> **Predict**\n>\n> How large?\n>\n> And why?"


def test_a_dropdown_becomes_details():
    text = ":::{admonition} More\n:class: dropdown\n- one\n:::"
    assert to_markdown(text) == "<details><summary>More</summary>\n\n- one\n\n</details>"


def test_text_around_directives_keeps_its_order():
    parts = split("before\n:::{admonition} A\nbody\n:::\nafter")
    assert [part if isinstance(part, str) else part.name for part in parts] == [
        "before",
        "admonition",
        "after",
    ]


def test_a_longer_fence_holds_shorter_ones():
    (outer,) = split("::::{exercise} a.b\n:minutes: 5\ntask\n:::{hints}\n1. one\n:::\n::::")
    assert (outer.name, outer.argument, outer.options) == ("exercise", "a.b", {"minutes": "5"})
    assert [p if isinstance(p, str) else p.name for p in split(outer.body)] == ["task", "hints"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (":::{admonition} A\nbody", "must close by the same"),
        (":::{warning} A\nbody\n:::", "Only `admonition` may stand here. Received: `warning`"),
        ("see {ref}`there`", "No MyST may be left over"),
        ("```{figure} x.png\n```", "No MyST may be left over"),
        (":::\n", "No MyST may be left over"),
    ],
)
def test_what_no_notebook_shows_is_refused(text, message):
    with pytest.raises(LessonError, match=message):
        to_markdown(text)


def test_numbered_items_may_span_lines():
    assert numbered_items("1. one\n   more\n2. two\n\n3. three") == ["one more", "two", "three"]
