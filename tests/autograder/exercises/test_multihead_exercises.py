"""Lesson 05: shortcuts, constant answers, and the numbers of the lesson in the visible cases."""

import keras
import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.multihead.attention import some_allowed
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions.multihead import MultiHeadAttention
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    "source",
    [
        "self.attention = keras.layers.MultiHeadAttention(2, 4)",
        "from keras.layers import MultiHeadAttention as Heads",
        "attended = keras.ops.dot_product_attention(q, k, v)",
        "layer = keras.layers.GroupQueryAttention(4, 2, 2)",
    ],
)
def test_a_shortcut_is_found(source):
    assert len(forbidden_uses(source, EXERCISES["multihead.attention"].forbidden)) == 1


def test_the_class_s_own_name_is_no_shortcut():
    source = "class MultiHeadAttention(keras.layers.Layer):\n    pass\nx = MultiHeadAttention(2)"
    assert forbidden_uses(source, EXERCISES["multihead.attention"].forbidden) == []


class Zeros(MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        heads = ops.zeros((query.shape[0], self.num_heads, query.shape[1], value.shape[1]))
        return (ops.zeros_like(query), heads) if return_weights else ops.zeros_like(query)


class Untouched(keras.layers.Layer):
    def __init__(self, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads

    def build(self, x_shape, source_shape):
        self.attention = MultiHeadAttention(self.num_heads)
        self.attention.build(x_shape, source_shape)

    def call(self, x, source, source_mask=None):
        return x


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("multihead.split", lambda x, num_heads: ops.expand_dims(x, 1), 0.1),  # one head is right
        ("multihead.merge", lambda x: x[:, 0], 0.1),
        ("multihead.attention", Zeros, 0.15),  # weights and the error for a width are there
        ("multihead.cross", Untouched, 0.1),
        ("multihead.count", lambda **sizes: dict.fromkeys(("matrix", "head"), 0), 0.0),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


def test_a_drawn_mask_hides_and_allows_something_in_every_row():
    for seed in range(50):
        mask = some_allowed(np.random.default_rng(seed), 3, 4, 5)
        assert mask.any(axis=-1).all()
        assert not mask.all(axis=-1).any()


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    counts = [
        probe(EXERCISES["multihead.count"].reference, case)["values"]["output"]
        for case in EXERCISES["multihead.count"].visible()
    ]
    assert counts[0] == {"matrix": 18, "head": 72, "layer": 144, "model": 288}
    assert counts[2]["model"] == 57_982_058_496
    [case, *_] = EXERCISES["multihead.cross"].visible()
    output = probe(EXERCISES["multihead.cross"].reference, case)["values"]["output"]
    np.testing.assert_allclose(output, [[[0.5, 1.5]]])
