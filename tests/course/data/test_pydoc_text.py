"""The text of the Python reference: the same each time, in parts that share nothing."""

import doctest
import re
from collections import Counter
from pydoc_data.topics import topics

import numpy as np
import pytest

from course.data import pydoc_text
from course.data.pydoc_text import LARGE, groups_of, load, unigram_entropy


def spaced(text):
    return re.sub(r"\s+", " ", text)


def runs(text, length):
    text = spaced(text)
    return {text[start : start + length] for start in range(len(text) - length + 1)}


PARTS = ("train", "visible", "hidden")


def test_the_parts_are_groups_that_share_no_run():
    split = load()
    seen = {}
    for part in PARTS:
        for text in getattr(split, part):
            for run in runs(text, 80):
                assert seen.setdefault(run, part) == part, run
    assert {len(getattr(split, part)) > 8 for part in PARTS} == {True}


def test_what_shares_a_run_is_one_group_and_what_does_not_is_not():
    run = "".join(map(chr, range(200, 290)))
    made = {"a": "x" + run[:85], "b": run[3:], "c": run[:79], "d": "short"}
    assert groups_of(made) == [["a", "b"], ["c"], ["d"]]
    assert groups_of(made, run=79) == [["a", "b", "c"], ["d"]]


def test_white_space_hides_no_repetition():
    line = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen more"
    assert groups_of({"a": line, "b": line.replace(" ", "\n   ")}) == [["a", "b"]]


def test_groups_join_through_a_third_topic():
    one, two = "".join(map(chr, range(200, 290))), "".join(map(chr, range(400, 490)))
    assert groups_of({"a": one, "b": two, "c": one + two}) == [["a", "b", "c"]]


def test_every_topic_is_in_one_group():
    names = [name for group in groups_of(topics) for name in group]
    assert sorted(names) == sorted(topics)


def test_the_parts_are_the_same_each_time_and_large_enough():
    split = load()
    assert load() == split
    sizes = {part: sum(map(len, getattr(split, part))) for part in PARTS}
    assert sizes["train"] > 200_000  # of a text to learn from
    for part in ("visible", "hidden"):
        assert 0.05 < sizes[part] / sum(sizes.values()) < 0.12


def test_a_topic_stays_in_its_part_when_others_change():
    """As they do from one version of Python to the next."""
    before = load()
    other = {name: text + " More was said." for name, text in topics.items()}
    del other["while"], other["pass"]
    after = load({**other, "zebra": "A topic that no version has so far."})
    for part in ("visible", "hidden"):
        titles = [{text[:20] for text in getattr(split, part)} for split in (before, after)]
        assert titles[0] <= titles[1] | {topics["pass"].lstrip()[:20]}


def test_a_large_group_is_always_trained_on():
    small = {name: f"{name} is short" for name in topics}
    held = {text.split()[0] for text in load(small).visible + load(small).hidden}
    for name in sorted(held)[:3]:
        large = {**small, name: " ".join(f"{name}{number}" for number in range(LARGE // 4))}
        assert any(text.startswith(f"{name}0 ") for text in load(large).train)


def test_no_long_paragraph_comes_twice():
    split = load()
    for texts in (split.train, split.visible, split.hidden):
        marks = Counter(spaced(part).strip() for text in texts for part in text.split("\n\n"))
        assert {mark: count for mark, count in marks.items() if len(mark) >= 80 and count > 1} == {}


def test_all_of_a_text_that_repeats_nothing_is_kept():
    made = {name: f"{name} first\n\n{name} second" for name in "abcdefgh"}
    split = load(made)
    found = split.train + split.visible + split.hidden
    assert sorted(found) == [f"{n} first\n\n{n} second\n\n" for n in "abcdefgh"]
    assert [split.train, split.visible, split.hidden] == [sorted(p) for p in (
        split.train, split.visible, split.hidden)]  # fmt: skip


def test_a_part_without_text_is_refused():
    with pytest.raises(ValueError, match=r"Each part must have a text. Received: 0, 1, 0 topics"):
        load({"z": "only one"})


def test_entropy_by_hand_and_by_numpy():
    assert doctest.testmod(pydoc_text).failed == 0
    assert unigram_entropy(np.array([3, 3, 3, 9])) == pytest.approx(
        0.75 * np.log(4 / 3) + 0.25 * np.log(4)
    )
    assert unigram_entropy("aaaa") == 0.0
