"""Lesson 06: shortcuts, answers that compute nothing, and the numbers of the lesson."""

import keras
import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions import blocks
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("layer_norm", "self.norm = keras.layers.LayerNormalization(epsilon=1e-5)"),
        ("layer_norm", "y = ops.layer_normalization(x, self.gamma, self.beta)"),
        ("layer_norm", "from keras.layers import LayerNormalization as Norm"),
        ("encoder", "block = keras_hub.layers.TransformerEncoder(8, 2)"),
        ("decoder", "block = keras_hub.layers.TransformerDecoder(8, 2)"),
    ],
)
def test_a_shortcut_is_found(name, source):
    assert len(forbidden_uses(source, EXERCISES[f"blocks.{name}"].forbidden)) == 1


class Unchanged(blocks.LayerNorm):
    def call(self, x):
        return ops.cast(x, self.compute_dtype)


class Zeros(blocks.FeedForward):
    def call(self, x):
        return ops.zeros_like(x)


class NormAlone(blocks.Residual):
    def call(self, x, sublayer):
        return x if self.norm_first else self.norm(x)


class Encoded(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        return x


class Decoded(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        return x


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("layer_norm", Unchanged, 0.05),
        ("feed_forward", Zeros, 0.05),
        ("residual", NormAlone, 0.1),
        ("encoder", Encoded, 0.1),  # with everything dropped, pre-LN is x
        ("decoder", Decoded, 0.1),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[f"blocks.{name}"]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


def output_by_hand(name, number=0):
    exercise = EXERCISES[f"blocks.{name}"]
    return probe(exercise.reference, exercise.visible()[number])["values"]["output"]


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    norm = output_by_hand("layer_norm")[0]
    np.testing.assert_allclose(norm[0], [-1.34110, -0.44703, 0.44703, 1.34110], atol=1e-5)
    np.testing.assert_allclose(norm[1], np.zeros(4))
    np.testing.assert_allclose(norm[2], np.array([-1, -1, 1, 1]) * 0.01 / 0.0011**0.5, atol=1e-6)
    np.testing.assert_allclose(output_by_hand("feed_forward")[0, 0], [0.5, 2.0])
    np.testing.assert_allclose(
        output_by_hand("feed_forward", 1)[0, :, 0], [-158.655, 841.345, 1954.500], atol=1e-3
    )
    np.testing.assert_allclose(
        output_by_hand("residual")[0, 0], [1.633, 0.0, -0.816, -0.816], atol=1e-3
    )


def test_with_everything_dropped_the_two_arrangements_differ():
    """With everything dropped pre-LN leaves x, and post-LN its norm: two outcomes."""
    post, pre = EXERCISES["blocks.residual"].visible()[2:]
    for case, kept in ((post, False), (pre, True)):
        values = probe(blocks.Residual, case)["values"]
        x = case.calls[0].args[0]
        assert np.allclose(values["output of call 1"], x) is kept
        assert not np.allclose(values["output of call 2"], values["output of call 1"])


def test_a_mask_by_position_that_is_none_is_the_trap_that_the_lesson_tells():
    class ByPosition(keras.layers.Layer):
        def call(self, x, source, source_mask=None):
            return x

    x = ops.ones((1, 2, 3))
    ByPosition()(x, x, source_mask=None)
    with pytest.raises(TypeError, match="multiple values for argument 'source_mask'"):
        ByPosition()(x, x, None)
