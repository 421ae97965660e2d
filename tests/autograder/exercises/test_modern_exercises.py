"""Lesson 10: shortcuts, constant answers, strangers' right answers, and the lesson's numbers."""

import keras
import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions.modern import GroupedQueryAttention, RMSNorm, SwiGLU
from solutions.modern_decoder import CausalBlock
from tests.autograder.exercises.running import key_of, verdict_on, verdict_on_program
from tests.autograder.exercises.strangers import modern as strangers

RIGHT = {
    "modern.rotary": strangers.ROTARY,
    "modern.rms_norm": strangers.NORM,
    "modern.swiglu": strangers.SWIGLU,
    "modern.grouped_query": strangers.ATTENTION,
    "modern.parallel": strangers.BLOCK,
    "modern.decoder_only": strangers.MODEL,
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_strangers_go_wrong_by_their_mistake_only(name):
    verdict = verdict_on(EXERCISES[name], RIGHT[name], key_of(name, 0))
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("modern.rms_norm", "self.norm = keras.layers.RMSNormalization()"),
        ("modern.rms_norm", "return ops.rms_normalization(x, self.scale, epsilon=self.epsilon)"),
        ("modern.grouped_query", "layer = keras.layers.GroupQueryAttention(4, 2, 2)"),
        ("modern.grouped_query", "attended = ops.dot_product_attention(q, k, v, is_causal=True)"),
    ],
)
def test_a_shortcut_is_found(name, source):
    assert len(forbidden_uses(source, EXERCISES[name].forbidden)) == 1


def test_the_class_s_own_name_is_no_shortcut():
    source = "class GroupedQueryAttention(keras.layers.Layer):\n    pass\n"
    assert forbidden_uses(source, EXERCISES["modern.grouped_query"].forbidden) == []


class UnchangedNorm(RMSNorm):
    def call(self, x):
        return x


class Zeros(SwiGLU):
    def call(self, x):
        return ops.zeros_like(x)


class Silent(GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        shape = (x.shape[0], self.num_groups, x.shape[1], x.shape[2] // self.num_heads)
        return ops.zeros_like(x), (ops.zeros(shape), ops.zeros(shape))


class Untouched(CausalBlock):
    def call(self, x, positions=None, cache=None):
        return x, self.attention(x)[1]


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("modern.rotary", lambda x, positions, base=10000.0: x, 0.0),
        ("modern.rms_norm", UnchangedNorm, 0.1),
        ("modern.swiglu", Zeros, 0.1),
        ("modern.grouped_query", Silent, 0.1),  # the error for a number of groups is there
        ("modern.parallel", Untouched, 0.1),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


def test_the_pencil_s_numbers_stand_in_the_visible_cases():
    def first(name):
        exercise = EXERCISES[name]
        return probe(exercise.reference, exercise.visible()[0])["values"]["output"]

    rows = [[1, 2, 3, 4], [0.5403, 0.8415, 0.99995, 0.01], [-0.9093, -0.4161, -0.02, 0.9998]]
    np.testing.assert_allclose(first("modern.rotary")[0], rows, atol=5e-5)
    np.testing.assert_allclose(first("modern.swiglu").ravel(), [1.4621, 0.5379], atol=5e-5)
    [[seven, tenth]] = first("modern.rms_norm")
    np.testing.assert_allclose(seven, [1 / 25.02**0.5, 70 / 25.02**0.5], rtol=1e-5)
    np.testing.assert_allclose(tenth, [1.0, 0.0], atol=1e-6)
    output, _ = first("modern.grouped_query")
    mean = [2.0, 2.0, 2.0, 2.0]
    np.testing.assert_allclose(output[0], [[1, 2, 1, 2, 3, 4, 3, 4], [*mean, *mean]])


def test_half_precision_is_half_precision():
    """The case that large numbers are for: the mixed layer computes in float16."""
    case = next(c for c in EXERCISES["modern.rms_norm"].visible() if "half" in c.name)
    layer = RMSNorm(**case.construct)
    assert keras.backend.standardize_dtype(layer(case.calls[0].args[0]).dtype) == "float16"
    assert np.abs(case.calls[0].args[0]).max() > 256
