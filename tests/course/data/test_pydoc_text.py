"""The text of the Python reference: the same each time, in parts that share nothing."""

import doctest
import re
from collections import Counter
from pydoc_data.topics import topics

import numpy as np
import pytest

from course.data import pydoc_text
from course.data.pydoc_text import groups_of, load, unigram_entropy


def spaced(text):
    return re.sub(r"\s+", " ", text)


def runs(text, length):
    text = spaced(text)
    return {text[start : start + length] for start in range(len(text) - length + 1)}


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_the_parts_are_groups_that_share_no_run(seed):
    split = load(seed)
    of_part = {
        part: {name for name in topics if any(spaced(text)[:60] in spaced(topics[name])
                                              for text in texts)}
        for part, texts in (("train", split.train), ("held out", split.held_out))
    }  # fmt: skip
    assert len(of_part["held out"]) >= 3
    held = set().union(*(runs(topics[name], 80) for name in of_part["held out"]))
    for name in of_part["train"] - of_part["held out"]:
        assert not held & runs(topics[name], 80), name


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


def test_the_seed_decides_and_the_size_is_kept():
    assert load(3) == load(3)
    assert load(3).held_out != load(4).held_out
    for seed in range(4):
        split = load(seed)
        held, train = (sum(map(len, texts)) for texts in (split.held_out, split.train))
        assert 0.05 < held / (held + train) <= 0.1
        assert held + train > 200_000  # of a text to learn from


def test_no_long_paragraph_comes_twice():
    split = load()
    for texts in (split.train, split.held_out):
        marks = Counter(spaced(part).strip() for text in texts for part in text.split("\n\n"))
        assert {mark: count for mark, count in marks.items() if len(mark) >= 80 and count > 1} == {}


def test_all_of_a_text_that_repeats_nothing_is_kept():
    made = {name: f"{name} first\n\n{name} second" for name in ("b", "a", "c")}
    split = load(held_out=0.4, topics=made)
    assert sorted(split.train + split.held_out) == [f"{n} first\n\n{n} second\n\n" for n in "abc"]
    assert len(split.held_out) == 1


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_part_without_text_is_refused(share):
    with pytest.raises(ValueError, match=r"leave text to train on.*groups of \[5, 5\]"):
        load(held_out=share, topics={"a": "one", "b": "two"})


def test_entropy_by_hand_and_by_numpy():
    assert doctest.testmod(pydoc_text).failed == 0
    assert unigram_entropy(np.array([3, 3, 3, 9])) == pytest.approx(
        0.75 * np.log(4 / 3) + 0.25 * np.log(4)
    )
    assert unigram_entropy("aaaa") == 0.0
