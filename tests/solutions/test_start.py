"""`solutions.start` against a pencil, against NumPy in float64, and by its properties."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import start
from solutions.start import normalize_rows

SHAPES = [(1, 4), (3, 5), (2, 3, 5), (2, 3, 4, 5)]


def shares(table):
    return ops.convert_to_numpy(normalize_rows(ops.convert_to_tensor(table)))


def positive(shape, dtype="float32"):
    return np.random.default_rng(1).uniform(0.1, 9.0, shape).astype(dtype)


def test_the_votes_of_the_lesson_by_pencil():
    votes = np.array([[6, 2, 1, 1], [1, 2, 1, 1], [2, 2, 6, 10]], "float32")
    expected = [[0.6, 0.2, 0.1, 0.1], [0.2, 0.4, 0.2, 0.2], [0.1, 0.1, 0.3, 0.5]]
    np.testing.assert_allclose(shares(votes), expected, atol=1e-7)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_row_is_divided_by_its_own_sum(shape):
    table = positive(shape, "float64")
    expected = np.empty_like(table)
    for row in np.ndindex(shape[:-1]):
        expected[row] = [entry / sum(table[row]) for entry in table[row]]
    np.testing.assert_allclose(shares(table), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_sum_to_one_and_the_shape_stays(shape):
    result = shares(positive(shape))
    assert result.shape == shape
    np.testing.assert_allclose(result.sum(axis=-1), 1.0, atol=1e-6)


def test_how_many_were_asked_does_not_matter():
    table = positive((2, 3, 5))
    asked = np.array([1.0, 20.0, 300.0], "float32")[:, None]
    np.testing.assert_allclose(shares(table * asked), shares(table), atol=1e-6)


def test_a_row_of_a_batch_is_treated_as_if_alone():
    table = positive((2, 3, 5))
    np.testing.assert_allclose(shares(table)[1, 2], shares(table[1, 2:])[0], atol=1e-7)


def test_an_unknown_batch_and_length_stay_unknown():
    assert normalize_rows(keras.KerasTensor((None, None, 4))).shape == (None, None, 4)


def test_the_examples_of_the_docstrings_run():
    result = doctest.testmod(start)
    assert result.attempted
    assert not result.failed
