"""The contract is seen to fail: each layer here breaks it in one way."""

import keras
import numpy as np
import pytest
from keras import ops

from solutions.attention import SelfAttention


class DropsMask(SelfAttention):
    def compute_mask(self, x, mask=None):
        return None


class ForgetsAnArgument(SelfAttention):
    def get_config(self):
        config = super().get_config()
        del config["value_dim"]
        return config


class KeepsTheFirstLength(SelfAttention):
    def build(self, x_shape):
        super().build(x_shape)
        self.length = x_shape[1]

    def call(self, x):
        return ops.reshape(super().call(x), (-1, self.length, self.value_dim))


class HasAnIdleWeight(SelfAttention):
    def build(self, x_shape):
        super().build(x_shape)
        self.idle = self.add_weight(shape=(3,), initializer="ones")

    def call(self, x):
        return super().call(x) + 0.0 * ops.sum(self.idle)


class AnswersInFloat32(SelfAttention):
    def call(self, x):
        return ops.cast(super().call(x), "float32")


class RollsDice(SelfAttention):
    def call(self, x):
        return super().call(x) + keras.random.normal(())


class MixesTheBatch(SelfAttention):
    def call(self, x):
        return super().call(x) - ops.mean(x)


class DropsItsWeightsOnSaving(SelfAttention):
    def load_own_variables(self, store):
        pass

    def call(self, x):
        return super().call(x) * self.scale

    def build(self, x_shape):
        super().build(x_shape)
        self.scale = self.add_weight(shape=(), initializer="random_normal")


@pytest.mark.parametrize(
    ("layer_class", "message"),
    [
        (DropsMask, "mask was dropped"),
        (ForgetsAnArgument, "value_dim"),
        (
            KeepsTheFirstLength,
            "reshape|output shape",
        ),  # the second is what Keras says of JAX and PyTorch
        (HasAnIdleWeight, "did not learn"),
        (AnswersInFloat32, "float16"),
        (RollsDice, "Not equal to tolerance"),
        (MixesTheBatch, "Not equal to tolerance"),
        (DropsItsWeightsOnSaving, "Not equal to tolerance"),
    ],
)
def test_a_broken_layer_is_found(assert_layer_contract, layer_class, message):
    x = np.random.default_rng(0).normal(size=(2, 3, 7)).astype("float32")
    with pytest.raises(Exception, match=message):
        assert_layer_contract(layer_class, {"key_dim": 4, "value_dim": 5}, x)
