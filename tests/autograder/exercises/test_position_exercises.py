"""Lesson 02: shortcuts, constant answers, and the numbers of the lesson in the visible cases."""

import keras
import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions.position import LearnedPositionEmbedding, sinusoidal_table
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("position.sinusoidal", "table = keras_hub.layers.SinePositionEncoding()(x)"),
        ("position.encoding_layer", "from keras_hub.layers import SinePositionEncoding as PE"),
        ("position.shift_matrix", "layer = SinePositionEncoding()"),
        ("position.learned", "self.inner = keras_hub.layers.PositionEmbedding(9)"),
        ("position.learned", "keras_hub.layers.TokenAndPositionEmbedding(9, 4, 5)"),
    ],
)
def test_a_shortcut_is_found(name, source):
    assert len(forbidden_uses(source, EXERCISES[name].forbidden)) == 1


class Untouched(keras.layers.Layer):
    """Pass the input and its mask on."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x, start_index=0):
        return x


class TableUnused(LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        return x


def zeros(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError("an odd width")
    return ops.zeros((length, d_model))


def identity(offset, d_model):
    if d_model % 2:
        raise ValueError("an odd width")
    return ops.eye(d_model)


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("position.sinusoidal", zeros, 0.15),  # an odd width is refused
        ("position.encoding_layer", Untouched, 0.0),
        ("position.shift_matrix", identity, 0.31),  # that, and no shift at all
        ("position.learned", TableUnused, 0.1),  # the shape of its table
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_layer_is_right_however_large_a_table_it_keeps(dtype):
    """Of a table of 5000 rows in the precision of the layer the far rows are as good as others."""
    exercise = EXERCISES["position.encoding_layer"]

    class Kept(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.supports_masking = True

        def build(self, x_shape):
            self.rows = ops.convert_to_numpy(sinusoidal_table(5000, x_shape[-1])).astype(dtype)

        def call(self, x, start_index=0):
            places = start_index + ops.arange(ops.shape(x)[1])
            return x + ops.cast(ops.take(self.rows, places, axis=0), x.dtype)

    points = verdict_on_program(exercise, Kept).points
    assert (points == exercise.points) == (dtype == "float32")


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    def first(name):
        [case, *_] = EXERCISES[name].visible()
        return probe(EXERCISES[name].reference, case)["values"]

    one = [0.84147, 0.5403, 0.09983, 0.995, 0.01, 0.99995, 0.001, 1.0]
    np.testing.assert_allclose(first("position.sinusoidal")["output"][1], one, atol=1e-5)
    np.testing.assert_allclose(first("position.encoding_layer")["output"][0, 1], one, atol=1e-5)
    block = [[0.5403, 0.84147], [-0.84147, 0.5403]]
    np.testing.assert_allclose(first("position.shift_matrix")["output"][:2, :2], block, atol=1e-5)
    second = first("position.learned")["output of call 2"]
    np.testing.assert_allclose(second[0], [[0.5, 10.5], [5.5, 5.5]])
