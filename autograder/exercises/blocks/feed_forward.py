"""`blocks.feed_forward`: widen the features of each position, bend them, and bring them back.

Its wrong programs stand in `feed_forward_mistakes`, which adds them to it.
"""

import keras
import numpy as np
from keras import ops

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import blocks

WIDE = {"tolerance": 2e-5, "because": "rounding in float32, of sums up to 20"}


def weights(rng, width, hidden_dim, scale=0.8):
    """The two matrices and the two biases by path."""
    return {
        "expand.kernel": normal(rng, width, hidden_dim, scale=scale),
        "expand.bias": normal(rng, hidden_dim),
        "contract.kernel": normal(rng, hidden_dim, width, scale=scale),
        "contract.bias": normal(rng, width),
    }


def case(rng, name, *shape, hidden_dim, activation=None, observe=("output",), **options):
    """One call; without an activation the constructor's own, ReLU, is taken."""
    return Case(
        name,
        (Call([normal(rng, *shape)], observe=observe),),
        construct={"hidden_dim": hidden_dim, **({"activation": activation} if activation else {})},
        weights=weights(rng, shape[-1], hidden_dim),
        **{**WIDE, **options},
    )


def structure(rng, *shape, hidden_dim):
    return Case(
        "its weights: two matrices and two biases",
        (Call([normal(rng, *shape)], observe=("weights",)),),
        points=0.3,
        construct={"hidden_dim": hidden_dim},
    )


def by_hand():
    """(1, 2) becomes (3, −1, 2) + (0, 0, 1) = (3, −1, 3), bent (3, 0, 3), and (−1, 1) no less."""
    return Case(
        "by hand: two features, three inside, ReLU",
        (Call([np.array([[[1.0, 2.0], [-1.0, 1.0]]], "float32")], observe=("output", "weights")),),
        construct={"hidden_dim": 3},
        weights={
            "expand.kernel": np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 1.0]], "float32"),
            "expand.bias": np.array([0.0, 0.0, 1.0], "float32"),
            "contract.kernel": np.array([[1.0, 0.0], [5.0, 7.0], [-1.0, 2.0]], "float32"),
            "contract.bias": np.array([0.5, -4.0], "float32"),
        },
    )


def gelu_by_hand():
    """A thousand times gelu of −1, 1 and 2; the form with tanh is 0.15 off at 1."""
    one = np.ones((1, 1), "float32")
    return Case(
        "by hand: a thousand times gelu(-1), gelu(1) and gelu(2)",
        (Call([np.array([[[-1.0], [1.0], [2.0]]], "float32")]),),
        construct={"hidden_dim": 1, "activation": "gelu"},
        weights={
            "expand.kernel": one,
            "expand.bias": 0 * one[0],
            "contract.kernel": 1000 * one,
            "contract.bias": 0 * one[0],
        },
        tolerance=1e-3,
        because="rounding in float32, of numbers around 1000",
    )


def visible():
    rng = np.random.default_rng(62)
    return [
        by_hand(),
        gelu_by_hand(),
        case(rng, "a batch with GELU, and its gradients", 2, 3, 5, hidden_dim=7, activation="gelu",
             observe=("output", "gradients"), **SLOPE),
        case(rng, "a batch with a third activation", 2, 5, 3, hidden_dim=4, activation="tanh"),
    ]  # fmt: skip


def steep(rng, name, *shape, hidden_dim):
    """GELU where its two forms are furthest apart: many sums around ±2, weighted heavily."""
    drawn = weights(rng, shape[-1], hidden_dim, scale=1.5)
    drawn["contract.kernel"] = np.abs(drawn["contract.kernel"]) * 10
    return Case(
        name,
        (Call([normal(rng, *shape)]),),
        construct={"hidden_dim": hidden_dim, "activation": "gelu"},
        weights=drawn,
        tolerance=1e-4,
        because="rounding in float32, of sums around 200",
    )


def hidden(rng):
    return [
        case(rng, "a batch with ReLU", 2, 4, 6, hidden_dim=11, points=2.0),
        case(rng, "a batch with GELU", 3, 4, 5, hidden_dim=8, activation="gelu", points=2.0),
        steep(rng, "GELU, heavily weighted", 2, 5, 4, hidden_dim=9),
        case(rng, "another activation", 2, 3, 6, hidden_dim=5, activation="softplus"),
        case(rng, "narrower inside than outside", 3, 2, 7, hidden_dim=4),
        case(rng, "edge: a batch of one", 1, 4, 5, hidden_dim=6, points=0.5),
        case(rng, "gradients of all weights", 2, 4, 3, hidden_dim=6, observe=("gradients",),
             **SLOPE),
        case(rng, "any batch and any length", 2, 3, 4, hidden_dim=7, observe=("any length",),
             points=0.5),
        case(rng, "made anew from its configuration", 2, 3, 6, hidden_dim=5, activation="gelu",
             observe=("config",), points=0.3),
        structure(rng, 2, 3, 5, hidden_dim=7),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="blocks.feed_forward",
    title="The feed-forward network",
    kind="layer",
    points=3,
    reference=blocks.FeedForward,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
)


@EXERCISE.variant
class FeedForward(blocks.FeedForward):
    def build(self, x_shape):
        width = x_shape[-1]
        self.expand = keras.layers.Dense(self.hidden_dim)
        self.contract = keras.layers.Dense(width)
        self.expand.build((None, None, width))
        self.contract.build((None, None, self.hidden_dim))

    def call(self, x):
        bend = keras.activations.get(self.activation)
        return self.contract(bend(self.expand(x)))


@EXERCISE.variant
class FeedForward(blocks.FeedForward):
    def call(self, x):
        wide = ops.einsum("btd,df->btf", x, self.expand.kernel) + self.expand.bias
        bent = keras.layers.Activation(self.activation)(wide)
        return ops.einsum("btf,fd->btd", bent, self.contract.kernel) + self.contract.bias
