"""What is observed of a layer between other layers: the mask it passes on, and any length."""

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.case import Call, Case
from course.checking.probe import probe

X = np.arange(24, dtype="float32").reshape(2, 4, 3)


class Passing(keras.layers.Layer):
    def call(self, x, factor=1.0):
        return factor * x

    def compute_mask(self, x, mask=None):
        return mask


class Dropping(keras.layers.Layer):
    def call(self, x):
        return 1.0 * x


class FirstLength(Passing):
    def build(self, x_shape):
        self.length = x_shape[1]

    def call(self, x):
        return ops.reshape(x, (-1, self.length, 3))


class Nested(keras.layers.Layer):
    """Returns a pair of which one part is a pair, as an attention with a cache does."""

    def build(self, x_shape):
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")

    def call(self, x):
        return x, (self.factor * x, 2.0 * x)


def outcome(layer, observation, **kwargs):
    return probe(layer, Case("a batch", (Call([X], kwargs, observe=(observation,)),)))


def test_the_mask_that_comes_out_is_that_which_went_in():
    mask = outcome(Passing, "mask passed on")["values"]["mask passed on"]
    np.testing.assert_array_equal(mask, [[1, 1, 1, 0], [1, 1, 0, 0]])
    assert mask.dtype == bool


def test_a_layer_that_drops_the_mask_has_none():
    assert outcome(Dropping, "mask passed on") == {
        "values": {"mask passed on": "no mask"}, "error": None
    }  # fmt: skip


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_a_model_for_any_length_gives_the_values_of_the_layer(factor):
    values = outcome(Passing, "any length", factor=factor)["values"]
    np.testing.assert_array_equal(values["any length"], factor * X)


def test_a_layer_that_needs_to_know_the_length_is_found():
    assert outcome(FirstLength, "output")["error"] is None
    assert outcome(FirstLength, "any length")["error"]["type"] in ("TypeError", "ValueError")


def test_a_gradient_goes_through_nested_outputs():
    case = Case("a batch", (Call([X], observe=("gradients",)),), weights={"factor": np.float32(3)})
    values = probe(Nested, case)["values"]["gradients"]
    weights = np.cos(np.arange(X.size)).reshape(X.shape)
    np.testing.assert_allclose(values["factor"], (X * weights).sum(), rtol=1e-5)
