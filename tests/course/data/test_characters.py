import doctest

import numpy as np
import pytest

from course.data import characters as module
from course.data.characters import END, START, UNK, Characters, Pairs, padded

ABC = Characters("abc")


def test_the_doctests():
    assert doctest.testmod(module).failed == 0


def test_a_text_comes_back_and_what_is_unknown_shows():
    assert ABC.decode(ABC.encode("cabbac")) == "cabbac"
    assert ABC.decode(ABC.encode("cat")) == "ca\N{REPLACEMENT CHARACTER}"
    assert ABC.encode("t") == [UNK]
    assert ABC.encode("") == []


def test_decoding_stops_at_the_first_end():
    assert ABC.decode(np.array([START, 5, END, 6, END], "int32")) == "b"
    assert ABC.decode([]) == ""


@pytest.mark.parametrize("number", [-1, 7])
def test_an_id_that_no_character_has_is_an_error(number):
    with pytest.raises(ValueError, match=f"in 0 to 6. Received: {number}"):
        ABC.decode([number])


def test_an_alphabet_holds_each_character_once():
    with pytest.raises(ValueError, match=r"each character once. Received: 'abca'"):
        Characters("abca")


def test_targets_stand_between_start_and_end():
    pairs = Pairs(["ab", "c"], ["b", ""])
    assert pairs.source_ids(ABC) == [[4, 5], [6]]
    assert pairs.target_ids(ABC) == [[START, 5, END], [START, END]]
    assert pairs[1:] == Pairs(["c"], [""])
    assert len(pairs) == 2


def test_pairs_are_pairs():
    with pytest.raises(ValueError, match="Received: 1 sources and 0 targets"):
        Pairs(["a"], [])


def test_rows_get_padding_behind_them():
    array = padded([[4, 5], [], [6]], 2)
    assert array.tolist() == [[4, 5], [0, 0], [6, 0]]
    assert array.dtype == "int32"
    assert padded([], 3).shape == (0, 3)


def test_what_is_longer_is_not_cut_off():
    with pytest.raises(ValueError, match=r"`length` must be at least 3. Received: length=2"):
        padded([[4, 5, 6]], 2)
