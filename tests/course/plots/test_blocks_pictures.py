"""The numbers in the pictures of lesson 06, and those that its text quotes."""

import math
from importlib.resources import files

import keras
import numpy as np
import pytest
from keras import ops

from course import plots
from course.plots import norms
from course.toys import depth

LESSON = (files("course") / "lessons" / "06-blocks.md").read_text(encoding="utf-8")


def test_the_norm_worked_by_hand():
    centred, normal = norms.normalised(norms.FEATURES, norms.EPSILON)
    assert centred.tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert normal == pytest.approx([-1.34110, -0.44703, 0.44703, 1.34110], abs=1e-5)
    assert math.sqrt(1.251) == pytest.approx(1.1185, abs=5e-5)
    assert r"$-1.5 / 1.1185 = -1.3411$" in LESSON
    assert "Centred: -1.5, -0.5, 0.5, 1.5, variance 1.25" in plots.norm_steps().alt


def test_the_norm_forgets_offset_and_scale_until_epsilon_decides():
    x = np.array(norms.FEATURES)
    _, normal = norms.normalised(x, 1e-3)
    assert norms.normalised(x + 7, 1e-3)[1] == pytest.approx(normal)
    assert norms.normalised(10 * x, 1e-3)[1] == pytest.approx(normal, abs=1e-3)
    assert np.abs(norms.normalised(0.01 * x, 1e-3)[1]).max() < 0.5
    assert "variance 0.01235" in plots.play_with_norm().draw(3.0, -2.5, "1e-3").alt


@pytest.mark.parametrize("approximate", [False, True])
def test_gelu_is_that_of_keras_in_both_forms(approximate):
    x = np.linspace(-4, 4, 41)
    oracle = ops.convert_to_numpy(ops.gelu(x.astype("float32"), approximate=approximate))
    np.testing.assert_allclose(norms.gelu(x, approximate), oracle, atol=1e-6)


def test_the_two_forms_of_gelu_are_half_a_thousandth_apart_at_most():
    x = np.linspace(-6, 6, 4001)
    gap = np.abs(norms.gelu(x) - norms.gelu(x, approximate=True)).max()
    assert gap == pytest.approx(0.000473, abs=1e-6)
    assert float(ops.gelu(ops.array(1.0))) == pytest.approx(0.84119, abs=5e-6)
    assert float(keras.activations.gelu(ops.array(1.0))) == pytest.approx(0.84134, abs=5e-6)


def test_a_fresh_embedding_is_smaller_than_keras_epsilon():
    keras.utils.set_random_seed(6)
    words = keras.layers.Embedding(1000, 512)(ops.arange(1000))
    assert float(ops.var(words)) == pytest.approx(0.00083, abs=5e-6)
    spread = float(ops.std(keras.layers.LayerNormalization(epsilon=1e-3)(words)))
    assert f"{spread:.2f}" == "0.67"
    assert "and what should have a spread of 1 has 0.67" in LESSON


def test_layer_norm_and_batch_norm_by_hand():
    for second, layer, batch in (
        ([5, 3], [[-1, 1], [1, -1]], [[-1, 0], [1, 0]]),
        ([1, 9], [[-1, 1], [-1, 1]], [[0, -1], [0, 1]]),
    ):
        x = np.array([[1, 3], second], float)
        for axis, expected in ((1, layer), (0, batch)):
            centred = x - x.mean(axis=axis, keepdims=True)
            spread = x.std(axis=axis, keepdims=True)
            found = np.divide(centred, spread, out=np.zeros_like(x), where=spread > 0)
            assert found.tolist() == expected


def test_the_word_followed_through_both_arrangements():
    def norm(x):
        return (x - x.mean()) / x.std()

    x = np.array([3.0, 1.0, 0.0, 0.0])
    assert norm(3 * x) == pytest.approx([1.633, 0, -0.816, -0.816], abs=5e-4)
    assert x + 2 * norm(x) == pytest.approx([6.266, 1, -1.633, -1.633], abs=5e-4)
    assert "$(6.266, 1, -1.633, -1.633)$" in LESSON


def test_the_picture_names_those_who_noticed():
    changes = {"attention": np.array([0.1, 0.2, 0.3]), "network": np.array([0.0, 0.5, 1e-8])}
    alt = plots.who_notices(changes, 1, ["a", "b", "c"]).alt
    assert "after attention at a, b, c; after network at b." in alt


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [6, 1, 2])
def test_what_the_lesson_tells_of_sixty_four_blocks(capsys, seed):
    stacks = depth.measure(depths=(4, 16, 64), seed=seed)
    assert 1e-20 < stacks["bare", 64].gradients[0] < 1e-17
    assert 1e12 < stacks["residual only", 64].sizes[-1] < 1e14
    assert np.isnan(stacks["residual only", 64].gradients[0])
    assert stacks["norm only", 4].differences[-1] < 1e-4
    assert stacks["norm only", 64].differences[-1] < 1e-6
    assert stacks["norm only", 64].gradients[0] > 0.01
    assert stacks["post-LN", 16].differences[-1] == pytest.approx(0.01, abs=0.003)
    assert stacks["post-LN", 64].gradients[0] > 0.05
    assert 0.15 < stacks["pre-LN", 64].differences[-1] < 0.25
    assert 8 < stacks["pre-LN", 64].sizes[-1] < 9.1
