"""The comparator tells each kind of difference, the kinds that matter most first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.checking.compare import Difference, difference, inside, largest, say

F32 = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "float32")


def changed(array, index, value):
    array = array.copy()
    array[index] = value
    return array


@pytest.mark.parametrize(
    ("expected", "received"),
    [
        (F32, F32 + np.float32(9e-6)),
        (F32, F32.astype("float64")),
        (F32, F32.astype("float16")),
        (F32, F32.astype(">f4")),
        (np.arange(3, dtype="int32"), np.arange(3, dtype="uint8")),
        (np.array([np.nan, np.inf, -np.inf, 1.0]), np.array([np.nan, np.inf, -np.inf, 1.0])),
        (np.zeros((0, 3)), np.zeros((0, 3), "float32")),
        (np.array(2.5), 2.5),
        (2.5, np.array(2.5, "float32")),
        (3, np.array(3)),
        (True, np.array(True)),
        (float("nan"), np.array(np.nan)),
        (0.0, -0.0),
        (None, None),
        ("text", "text"),
        ([1, [2.0, None]], [1, [2.0 + 1e-6, None]]),
        ({"a": 1, "b": F32}, {"b": F32, "a": 1}),
        ([], []),
        ({}, {}),
    ],
)
def test_equal(expected, received):
    assert difference(expected, received, 1e-5) is None


@pytest.mark.parametrize(
    ("expected", "received", "found"),
    [
        (F32, "text", ("type", "", "floats of shape (2, 3)", "'text'")),
        (F32, None, ("type", "", "floats of shape (2, 3)", "None")),
        (F32, [[1.0], [2.0, 3.0]], ("type", "", "floats of shape (2, 3)", "a list of 2")),
        (F32, 1.5, ("type", "", "floats of shape (2, 3)", "1.5")),
        (1.5, np.array([1.5]), ("type", "", "1.5", "floats of shape (1,)")),
        (None, 0, ("type", "", "None", "0")),
        ("1", 1, ("type", "", "'1'", "1")),
        ([1, 2], {"a": 1}, ("type", "", "[1, 2]", "a dict with 'a'")),
        (F32, F32.T, ("shape", "", "shape (2, 3)", "shape (3, 2)")),
        (F32, F32[None], ("shape", "", "shape (2, 3)", "shape (1, 2, 3)")),
        ([1, 2], [1], ("shape", "", "2 items", "1 items")),
        ({"a": 1}, {"b": 1}, ("shape", "", "a dict with 'a'", "a dict with 'b'")),
        ({"a": 1}, {}, ("shape", "", "a dict with 'a'", "a dict with no keys")),
        (F32, F32.astype("int32"), ("dtype", "", "floats", "integers (int32)")),
        (F32 > 2, (F32 > 2).astype("int8"), ("dtype", "", "booleans", "integers (int8)")),
        (True, 1, ("dtype", "", "booleans", "integers (int64)")),
        (1, 1.0, ("dtype", "", "integers", "floats (float64)")),
        (np.zeros((0,)), np.zeros((0,), "int64"), ("dtype", "", "floats", "integers (int64)")),
        (F32, changed(F32, (1, 2), 7), ("values", "(1, 2)", "6", "7")),
        (F32, changed(F32, (0, 1), np.nan), ("values", "(0, 1)", "2", "nan")),
        (F32, changed(F32, (0, 1), np.inf), ("values", "(0, 1)", "2", "inf")),
        (np.array([np.inf]), np.array([-np.inf]), ("values", "(0)", "inf", "-inf")),
        (np.array([np.nan]), np.array([0.0]), ("values", "(0)", "nan", "0")),
        (1.5, 1.6, ("values", "", "1.5", "1.6")),
        (True, False, ("values", "", "True", "False")),
        ("right", "wrong", ("values", "", "'right'", "'wrong'")),
        ([1, 2, 3], [1, 2, 4], ("values", "item 2", "3", "4")),
        ([[1], [2]], [[1], [3]], ("values", "item 0 of item 1", "2", "3")),
        ({"a": [F32]}, {"a": [F32 * 2]}, ("values", "(1, 2) of item 0 of a", "6", "12")),
    ],
)
def test_different(expected, received, found):
    assert difference(expected, received, 1e-5) == Difference(*found)


def test_the_largest_difference_is_told():
    received = changed(changed(F32, (0, 0), 1.5), (1, 1), -9)
    assert difference(F32, received, 1e-5).where == "(1, 1)"


def test_nan_counts_as_larger_than_any_difference():
    received = changed(changed(F32, (0, 0), 1e30), (1, 1), np.nan)
    assert difference(F32, received, 1e-5).where == "(1, 1)"


def test_type_comes_before_shape_before_dtype_before_values():
    expected = [F32, F32, F32, F32]
    received = [F32 * 2, F32.astype(int), F32.T, "text"]
    kinds = []
    while received:
        kinds.append(difference(expected, received, 1e-5).kind)
        expected.pop()
        received.pop()
    assert kinds == ["type", "shape", "dtype", "values"]


def test_of_one_kind_the_first_is_told():
    assert difference([1, 2, 3], [1, 9, 9], 0).where == "item 1"


def test_the_tolerance_is_absolute_and_inclusive():
    assert difference(np.array([1000.0]), np.array([1000.5]), 0.5) is None
    assert difference(np.array([1000.0]), np.array([1000.75]), 0.5)
    assert difference(1.0, 1.0 + 1e-16, 0.0) is None
    assert difference(1.0, 1.0 + 1e-15, 0.0)


def test_integers_have_no_tolerance():
    assert difference(np.array([1, 2]), np.array([1, 3]), 5.0).where == "(1)"
    assert difference(7, 8, 5.0)


def test_integers_that_float64_cannot_tell_apart():
    found = difference(np.array([0, 2**63 - 1]), np.array([0, 2**63 - 2]), 0.0)
    assert (found.where, found.expected) == ("(1)", str(2**63 - 1))
    assert difference(np.array([2**63], "uint64"), np.array([2**63 - 1], "int64"), 0.0)


def test_huge_floats_raise_no_warning():
    low, high = np.array([-1.7e308, np.inf]), np.array([1.7e308, -np.inf])
    assert difference(low, high, 1e-5).kind == "values"
    assert difference(np.array([6e4], "float16"), np.array([-6e4], "float16"), 1e-5)


def test_numbers_are_told_with_as_many_digits_as_tell_them_apart():
    found = difference(100.12345678, 100.12346789, 1e-9)
    assert (found.expected, found.received) == ("100.123457", "100.123468")
    found = difference(1.0, 1.0 + 1e-12, 0.0)
    assert found.expected != found.received


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.array(3.14159265), "3.14159"),
        (np.array(7), "7"),
        (np.zeros((2, 3), bool), "booleans of shape (2, 3)"),
        (np.zeros((2,), "uint8"), "integers of shape (2,)"),
        (0.1 + 0.2, "0.3"),
        (float("nan"), "nan"),
        (None, "None"),
        ([1, 2.5, "a"], "[1, 2.5, 'a']"),
        ([1] * 9, "a list of 9"),
        ([[1]], "a list of 1"),
        ([np.zeros(2)], "a list of 1"),
        ({"a": 1, "b": 2}, "a dict with 'a', 'b'"),
        ("two\nlines", "'two\\nlines'"),
    ],
)
def test_say(value, words):
    assert say(value) == words


@pytest.mark.parametrize("value", ["x" * 5000, ["x" * 100] * 8, {"k" * 5000: 1}])
def test_say_is_short(value):
    assert len(say(value)) == 120
    assert say(value).endswith("…")


def test_inside():
    assert inside("(1)", "weights") == "(1) of weights"
    assert inside("(1)", "") == "(1)"
    assert inside("", "weights") == "weights"


@given(hnp.arrays("float32", (2, 3), elements=st.floats(-10, 10, width=32)), st.floats(0, 1))
def test_difference_agrees_with_numpy(array, tolerance):
    received = F32 + array
    close = np.allclose(received.astype(float), F32.astype(float), rtol=0, atol=tolerance)
    assert (difference(F32, received, tolerance) is None) == close


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": np.array([-3.0, np.inf, np.nan]), "b": [2, True, "9"]}, 3.0),
        ([], 0.0),
        (np.zeros((0, 2)), 0.0),
        (None, 0.0),
        (np.array(["9"]), 0.0),
        (-7, 7.0),
    ],
)
def test_the_largest_value_is_finite_and_a_number(value, expected):
    assert largest(value) == expected
