"""`blocks.layer_norm`: mean 0 and variance 1 for each position, then a learned scale and shift.

Its wrong programs stand in `layer_norm_mistakes`, which adds them to it.
"""

import keras
import numpy as np
from keras import ops

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import blocks

HALF = {"tolerance": 4e-3, "because": "rounding in float16, of numbers up to 4"}
READY_MADE = ("LayerNormalization", "layer_normalization", "BatchNormalization", "normalize")


def scale_and_shift(rng, width):
    return {"gamma": np.round(rng.uniform(0.5, 1.5, width), 3).astype("float32"),
            "beta": normal(rng, width)}  # fmt: skip


def case(rng, name, *shape, spread=1.0, offset=0.0, observe=("output",), construct=None, **options):
    """One call on normal draws of the given spread around `offset`."""
    x = (offset + normal(rng, *shape, scale=spread)).astype("float32")
    return Case(
        name,
        (Call([x], observe=observe),),
        construct=construct or {},
        weights=scale_and_shift(rng, shape[-1]),
        **options,
    )


def large_halves(rng, name, *shape):
    """Numbers around ±600: float16 holds them, and not their squares."""
    options = {"spread": 600.0, "construct": {"dtype": "mixed_float16"}, **HALF}
    return case(rng, name, *shape, **options)


def structure(rng, *shape):
    return Case(
        "its weights: a scale and a shift for each feature, and the norm before they learn",
        (Call([normal(rng, *shape)], observe=("weights", "output")),),
    )


def by_hand():
    """Variances 1.25, 0 and 0.0001, the last of which epsilon outweighs."""
    rows = [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.02, 0.02]]
    return Case(
        "by hand: 1, 2, 3, 4, then features all alike, then nearly alike; epsilon is 0.001",
        (Call([np.array([rows], "float32")], observe=("output", "weights")),),
        construct={"epsilon": 1e-3},
    )


def visible():
    rng = np.random.default_rng(61)
    return [
        by_hand(),
        case(rng, "a batch, scaled and shifted, and its gradients", 2, 3, 5,
             observe=("output", "gradients"), **SLOPE),
        case(rng, "one sentence without a batch, far from 0", 4, 7, offset=3.0),
        large_halves(rng, "float16, and large numbers", 2, 3, 6),
    ]  # fmt: skip


def hidden(rng):
    epsilon = float(np.round(rng.uniform(0.2, 0.4), 2))
    return [
        case(rng, "a batch", 2, 4, 7, points=2.0),
        case(rng, "four axes", 2, 3, 5, 6),
        case(rng, "a table", 5, 8),
        case(rng, "a large epsilon", 3, 4, 5, construct={"epsilon": epsilon}),
        case(rng, "features of small variance", 3, 2, 6, spread=0.01),
        case(rng, "edge: a batch of one", 1, 3, 5, points=0.5),
        case(rng, "gradients of scale and shift", 3, 4, 6, observe=("gradients",), **SLOPE),
        case(rng, "the gradient of the input", 2, 3, 7, observe=("input gradient",), **SLOPE),
        large_halves(rng, "float16, and large numbers", 3, 2, 5),
        case(rng, "made anew from its configuration", 2, 3, 5, observe=("config",), points=0.3,
             construct={"epsilon": epsilon}),
        structure(rng, 3, 2, 7),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="blocks.layer_norm",
    title="Layer normalisation",
    kind="layer",
    points=4,
    reference=blocks.LayerNorm,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    forbidden=dict.fromkeys(READY_MADE, "this exercise writes it from mean and variance."),
)


@EXERCISE.variant
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        gamma, beta = ops.cast(self.gamma, "float32"), ops.cast(self.beta, "float32")
        mean, variance = ops.moments(ops.cast(x, "float32"), axes=[-1], keepdims=True)
        normal = (ops.cast(x, "float32") - mean) * ops.rsqrt(variance + self.epsilon)
        return ops.cast(normal * gamma + beta, self.compute_dtype)


@EXERCISE.variant
class LayerNorm(keras.layers.Layer):
    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.gamma = self.beta = None

    def build(self, x_shape):
        width = x_shape[-1]
        self.gamma = self.add_weight(shape=(width,), initializer=keras.initializers.Constant(1.0))
        self.beta = self.add_weight(shape=(width,), initializer="zeros")

    def call(self, x):
        scaled = ops.cast(x, "float32")
        scaled = scaled - ops.einsum("...d->...", scaled)[..., None] / x.shape[-1]
        mean_square = ops.einsum("...d,...d->...", scaled, scaled)[..., None] / x.shape[-1]
        normal = scaled * (mean_square + self.epsilon) ** -0.5
        return ops.add(ops.multiply(ops.cast(normal, x.dtype), self.gamma), self.beta)

    def get_config(self):
        return dict(super().get_config(), epsilon=self.epsilon)


@EXERCISE.variant
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        variance = ops.var(wide, axis=-1, keepdims=True)  # of Keras: the biased one
        spread = ops.sqrt(ops.add(variance, self.epsilon))
        normal = ops.divide(ops.subtract(wide, ops.mean(wide, axis=-1, keepdims=True)), spread)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta
