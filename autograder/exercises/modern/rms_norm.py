"""`modern.rms_norm`: bring each position to a root mean square of one, without centring it."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import modern

READY_MADE = dict.fromkeys(
    ("RMSNormalization", "LayerNormalization", "rms_normalization", "layer_normalization"),
    "it normalises, which is the exercise",
)
HALF = {"tolerance": 1e-2, "because": "rounding in float16, of numbers up to 4"}
TINY = {"tolerance": 1e-4, "because": "rounding in float32, of wrong answers up to 100"}
SLOPE = {"tolerance": 1e-4, "because": "a gradient sums over all positions, in float32"}


def case(rng, name, shape, epsilon=1e-5, observe=("output",), size=1.0, mixed=False, **options):
    """size: standard deviation of the input, whose mean is as large."""
    x = normal(rng, *shape, scale=size) + np.float32(size)
    scale = (1.0 + normal(rng, shape[-1], scale=0.4)).astype("float32")
    construct = {"epsilon": epsilon, **({"dtype": "mixed_float16"} if mixed else {})}
    call = Call([x], observe=observe)
    return Case(name, (call,), construct=construct, weights={"scale": scale}, **options)


def unscaled(rng, name, shape, **options):
    """The layer as it is made."""
    call = Call([normal(rng, *shape) + np.float32(1.0)])
    return Case(name, (call,), construct={"epsilon": 1e-5}, **options)


def silent(rng, name, shape):
    """Positions of zeros among others: without epsilon they divide 0 by 0."""
    x = normal(rng, *shape)
    x[:, 1] = 0.0
    return Case(name, (Call([x]),), construct={"epsilon": 1e-5})


def structure(rng, name, shape, observe=("weights",)):
    call = Call([normal(rng, *shape)], observe=observe)
    return Case(name, (call,), 0.3, construct={"epsilon": 1e-5})


def by_hand():
    """Mean squares 25 and 0.02; with epsilon 0.02 the second root is 0.2."""
    x = np.array([[[1.0, 7.0], [0.2, 0.0]]], "float32")
    weights = {"scale": np.array([1.0, 10.0], "float32")}
    return Case("by hand: (1, 7) and (0.2, 0)", (Call([x]),), construct={"epsilon": 0.02},
                weights=weights)  # fmt: skip


def visible():
    rng = np.random.default_rng(102)
    return [
        by_hand(),
        case(rng, "a batch, and the gradient", (2, 5, 6), 0.1, ("output", "gradients"), **SLOPE),
        case(rng, "large numbers in half precision", (2, 3, 5), size=300.0, mixed=True, **HALF),
        structure(
            rng, "as it is made: its output and its weights", (2, 3, 5), ("output", "weights")
        ),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", (2, 5, 7)),
        case(rng, "a large epsilon", (3, 4, 6), float(np.round(rng.uniform(0.2, 0.9), 2))),
        case(rng, "tiny numbers", (2, 4, 5), 1e-5, size=1e-3, **TINY),
        case(rng, "heads", (2, 3, 5, 8), 0.01),
        case(rng, "gradients", (2, 4, 7), 0.1, ("gradients", "input gradient"), **SLOPE),
        case(rng, "large numbers in half precision", (3, 4, 6), size=400.0, mixed=True, **HALF),
        silent(rng, "a position of zeros", (2, 3, 6)),
        unscaled(rng, "as it is made", (3, 5, 4), points=0.5),
        case(rng, "edge: a batch of one", (1, 4, 6), 0.05, points=0.5),
        case(rng, "made anew from its configuration", (2, 3, 5), 0.3, ("config",), points=0.3),
        structure(rng, "its weights: one scale", (2, 3, 7)),
    ]


EXERCISE = Exercise(
    id="modern.rms_norm",
    title="RMSNorm",
    kind="layer",
    points=2,
    reference=modern.RMSNorm,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    forbidden=READY_MADE,
)


@EXERCISE.misconception(
    "centred",
    title="the mean subtracted first",
    explanation="That is layer normalisation without its bias. RMSNorm leaves the mean in: it only "
    "rescales.",
    hint="What does your layer make of a position whose features are all 5?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        x = x - ops.mean(x, axis=-1, keepdims=True)
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        normalized = x / ops.sqrt(mean_square + self.epsilon)
        return self.scale * ops.cast(normalized, self.compute_dtype)


@EXERCISE.misconception(
    "epsilon-outside-the-root",
    title="epsilon added to the root",
    explanation="For ordinary numbers the two agree. Where the mean square is as small as epsilon "
    "they do not: √ε is far larger than ε.",
    hint="In the formula, does epsilon stand under the root or beside it?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        normalized = x / (ops.sqrt(mean_square) + self.epsilon)
        return self.scale * ops.cast(normalized, self.compute_dtype)


@EXERCISE.misconception(
    "epsilon-missing",
    title="no epsilon",
    explanation="A position of zeros divides 0 by 0, and one NaN becomes a model of NaN.",
    hint="What does your layer make of a position whose features are all 0?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        normalized = x / ops.sqrt(ops.mean(ops.square(x), axis=-1, keepdims=True))
        return self.scale * ops.cast(normalized, self.compute_dtype)


@EXERCISE.misconception(
    "root-forgotten",
    title="divided by the mean square, without its root",
    explanation="Twice the input then gives half the output. A norm should not care how large its "
    "input is.",
    hint="If the input is doubled, what should happen to the output?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return self.scale * ops.cast(x / (mean_square + self.epsilon), self.compute_dtype)


@EXERCISE.misconception(
    "sum-of-squares",
    title="the sum of squares in place of their mean",
    explanation="That makes every position a vector of length 1, whose entries get smaller the "
    "wider the model is. RMSNorm makes it √d long: entries of size 1.",
    hint="After your layer, how large is a typical feature of a model that is 4096 wide?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        square = ops.sum(ops.square(x), axis=-1, keepdims=True)
        normalized = x / ops.sqrt(square + self.epsilon)
        return self.scale * ops.cast(normalized, self.compute_dtype)


@EXERCISE.misconception(
    "normalized-over-time",
    title="the mean taken over the positions",
    explanation="Each position then depends on all others, later ones included: a decoder leaks "
    "through its norm, and padding changes the result.",
    hint="If another word is put at position 3, may the output at position 1 change?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        mean_square = ops.mean(ops.square(x), axis=-2, keepdims=True)
        normalized = x / ops.sqrt(mean_square + self.epsilon)
        return self.scale * ops.cast(normalized, self.compute_dtype)
