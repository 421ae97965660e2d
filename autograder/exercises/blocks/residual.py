"""`blocks.residual`: add what a sub-layer makes of its input, with a norm before or after.

Its wrong programs stand in `residual_mistakes`, which adds them to it.
"""

import keras
import numpy as np

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.blocks.layer_norm import scale_and_shift
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from course.checking.standins import standin
from solutions import blocks
from solutions.blocks import LayerNorm


def affine(rng, width):
    """A sub-layer that multiplies by a matrix and adds an offset."""
    return standin("affine", matrix=normal(rng, width, width), offset=normal(rng, width))


def mixer(rng, length):
    """A sub-layer that mixes positions, as attention does."""
    return standin("mixer", matrix=normal(rng, length, length))


def case(rng, name, *shape, norm_first, sublayer=None, spread=1.0, observe=("output",),
         dropout=None, **options):  # fmt: skip
    """One call, in use: not in training."""
    sublayer = sublayer or affine(rng, shape[-1])
    weights = scale_and_shift(rng, shape[-1])
    return Case(
        name,
        (Call([normal(rng, *shape, scale=spread)], {"sublayer": sublayer}, observe=observe),),
        construct={"norm_first": norm_first} | ({} if dropout is None else {"dropout": dropout}),
        weights={f"norm.{path}": values for path, values in weights.items()},
        **options,
    )


def trained_and_used(rng, name, *shape, norm_first):
    """One layer in training and in use. Everything is dropped: any other share would be random."""
    drawn = case(rng, name, *shape, norm_first=norm_first, dropout=1.0)
    [call] = drawn.calls
    training = Call(call.args, {**call.kwargs, "training": True})
    return Case(name, (training, call), construct=drawn.construct, weights=drawn.weights)


def by_hand():
    """The sub-layer doubles. x + 2x = (9, 3, 0, 0), whose mean is 3 and variance 13.5."""
    double = standin("affine", matrix=2.0 * np.eye(4))
    return Case(
        "by hand: post-LN around a sub-layer that doubles",
        (Call([np.array([[[3.0, 1.0, 0.0, 0.0]]], "float32")], {"sublayer": double}),),
        construct={"norm_first": False},
    )


def visible():
    rng = np.random.default_rng(63)
    return [
        by_hand(),
        case(rng, "pre-LN around a matrix, small features, and the gradients", 2, 3, 5,
             norm_first=True, spread=0.03, observe=("output", "gradients"), **SLOPE),
        trained_and_used(rng, "post-LN, everything dropped in training", 2, 4, 5, norm_first=False),
        trained_and_used(rng, "pre-LN, everything dropped in training", 2, 3, 6, norm_first=True),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "post-LN around a matrix", 2, 4, 6, norm_first=False, points=2.0),
        case(rng, "pre-LN around a matrix", 3, 4, 5, norm_first=True, points=2.0),
        case(rng, "post-LN around a mixture of positions", 2, 5, 4, norm_first=False,
             sublayer=mixer(rng, 5)),
        case(rng, "pre-LN around a mixture of positions", 2, 4, 7, norm_first=True,
             sublayer=mixer(rng, 4)),
        case(rng, "post-LN, small features", 3, 2, 5, norm_first=False, spread=0.01),
        case(rng, "pre-LN, small features", 2, 3, 6, norm_first=True, spread=0.01),
        trained_and_used(rng, "post-LN, everything dropped in training", 3, 4, 5,
                         norm_first=False),
        trained_and_used(rng, "pre-LN, everything dropped in training", 3, 2, 6, norm_first=True),
        case(rng, "the gradient of x, post-LN", 2, 4, 3, norm_first=False,
             observe=("input gradient",), points=0.5, **SLOPE),
        case(rng, "the gradient of x, pre-LN", 2, 3, 5, norm_first=True,
             observe=("input gradient",), points=0.5, **SLOPE),
        case(rng, "edge: a batch of one", 1, 4, 5, norm_first=True, points=0.5),
        case(rng, "made anew from its configuration", 2, 3, 5, norm_first=True, dropout=1.0,
             observe=("config",), points=0.3),
        Case("its weights: those of one norm",
             (Call([normal(rng, 2, 3, 5)], {"sublayer": affine(rng, 5)}, observe=("weights",)),),
             points=0.3, construct={"norm_first": True}),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="blocks.residual",
    title="The residual connection and its norm",
    kind="layer",
    points=5,
    reference=blocks.Residual,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    uses=("blocks.layer_norm",),
)


@EXERCISE.variant
class Residual(blocks.Residual):
    def build(self, x_shape):
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)
        self.norm.build(x_shape)

    def call(self, x, sublayer):
        given = self.norm(x) if self.norm_first else x
        total = keras.layers.Add()([x, self.dropout(sublayer(given))])
        return total if self.norm_first else self.norm(total)


@EXERCISE.variant
class Residual(keras.layers.Layer):
    def __init__(self, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.norm_first, self.rate = norm_first, dropout
        self.norm = LayerNorm()
        self.dropout = keras.layers.Dropout(dropout)

    def call(self, x, sublayer, training=None):
        def added(y):
            return self.dropout(sublayer(y), training=training)

        return x + added(self.norm(x)) if self.norm_first else self.norm(x + added(x))

    def get_config(self):
        return {**super().get_config(), "norm_first": self.norm_first, "dropout": self.rate}
