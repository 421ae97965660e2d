"""Byte-pair encoding against that of lesson 01, and what it must keep."""

import doctest
from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from course.data import pieces
from course.data.pieces import Pieces, learn_merges, merged
from course.toys import zen
from solutions.embedding import merge_pair, train_bpe


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(pieces)
    assert result.attempted >= 3
    assert result.failed == 0


@given(st.lists(st.text("abc", min_size=1, max_size=7), min_size=1, max_size=9), st.integers(0, 9))
def test_each_merge_is_a_most_frequent_pair(words, count):
    learned = learn_merges(Counter(words), count)
    found = [list(word) for word in words]
    for pair in learned:
        counts = Counter(p for word in found for p in pairwise(word))
        assert counts[pair] == max(counts.values())
        assert pair == min(p for p in counts if counts[p] == counts[pair])
        found = [merge_pair(word, *pair) for word in found]
    assert len(learned) == count or not any(len(word) > 1 for word in found)


def test_where_no_pairs_tie_the_merges_are_those_of_lesson_01():
    words = ["mug"] * 5 + ["hug"] * 9 + ["hugs"] * 2
    assert learn_merges(Counter(words), 3) == train_bpe(words, 3)


@given(st.lists(st.sampled_from("ab"), max_size=12))
def test_a_merge_is_that_of_lesson_01(tokens):
    assert merged(tokens, ("a", "a")) == merge_pair(tokens, "a", "a")


def test_a_text_comes_back():
    text = zen.text()
    tokens = Pieces([text], merges=60)
    ids = tokens.encode(text)
    assert ids.dtype == np.int32
    assert tokens.decode(ids) == text
    assert len(ids) < 0.7 * len(text)
    assert ids.min() > 0


@given(st.text("aber \n.", max_size=30))
def test_any_text_of_known_characters_comes_back(text):
    tokens = Pieces(["aber \n. aber aber"], merges=4)
    assert tokens.decode(tokens.encode(text)) == text


def test_an_unknown_character_gets_id_0():
    tokens = Pieces(["mug hug"], merges=2)
    assert tokens.decode(tokens.encode("müg")) == "m\ufffdg"
    assert tokens.encode("").tolist() == []


def test_every_merge_is_used_on_the_text_it_was_learned_from():
    tokens = Pieces([zen.text()], merges=100)
    assert len(tokens.tokens) == len(set(tokens.tokens))
    words = pieces.WORD.findall(zen.text())
    assert "".join(words) == zen.text()
