"""The largest array that a call makes, seen on the backend that runs the tests."""

import numpy as np
import pytest
from keras import ops

from course.checking.case import Call, Case
from course.checking.memory import largest_array
from course.checking.probe import probe

X = ops.ones((20, 3))
SMALL = "no array larger than twice the input"


def rows(x):
    """All products of two rows, one row at a time."""
    return ops.stack([ops.sum(ops.matmul(x, x[t])) for t in range(x.shape[0])])


def table(x):
    """The same, by a table of all products."""
    return ops.sum(ops.matmul(x, ops.transpose(x)), axis=0)


def test_the_largest_array_is_found():
    assert largest_array(table, [X], {}) == (20, 20)
    assert largest_array(rows, [X], {}) in {(20, 3), (20, 1), (20,)}


def test_an_array_made_of_no_input_counts():
    def masked(x):
        mask = ops.tril(ops.ones((30, 40)))
        return x[0] * mask[0, 0]

    assert largest_array(masked, [X], {}) == (30, 40)


def test_an_array_made_inside_a_loop_counts():
    def looping(x):
        return ops.fori_loop(0, 3, lambda i, total: total + ops.sum(ops.ones((50, 60))), ops.sum(x))

    assert largest_array(looping, [X], {}) == (50, 60)


def test_a_call_that_makes_nothing_has_no_shape():
    assert largest_array(lambda x: x, [X], {}) == ()


def test_nothing_is_noted_after_the_call():
    def failing(x):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        largest_array(failing, [X], {})
    assert largest_array(rows, [X], {}) != (70, 80)
    ops.ones((70, 80))
    assert largest_array(lambda x: x + 1.0, [X], {}) == (20, 3)


def test_keywords_arrive():
    def scaled(x, factor=1.0):
        return x * factor * ops.ones((8, 20, 3))

    assert largest_array(scaled, [X], {"factor": 2.0}) == (8, 20, 3)


@pytest.mark.parametrize(
    ("function", "expected"), [(rows, SMALL), (table, "an array of shape (20, 20)")]
)
def test_it_is_observed_as_a_text(function, expected):
    case = Case("a case", (Call([np.ones((20, 3), "float32")], observe=("memory",)),))
    assert probe(function, case) == {"values": {"memory": expected}, "error": None}
