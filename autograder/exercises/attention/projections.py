"""`attention.projections`: queries, keys and values of a sequence, each by a matrix of its own."""

import keras
import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import attention

SLOPE = {"tolerance": 1e-4, "because": "a gradient sums over all outputs, in float32"}


def kernels(rng, width, key_dim, value_dim):
    """The weights W_Q, W_K and W_V, by the path at which the layer holds them."""
    return {
        "query.kernel": normal(rng, width, key_dim, scale=0.7),
        "key.kernel": normal(rng, width, key_dim, scale=0.7),
        "value.kernel": normal(rng, width, value_dim, scale=0.7),
    }


def case(rng, name, batch, length, width, key_dim, value_dim, observe=("output",), **options):
    return Case(
        name,
        (Call([normal(rng, batch, length, width)], observe=observe),),
        construct={"key_dim": key_dim, "value_dim": value_dim},
        weights=kernels(rng, width, key_dim, value_dim),
        **options,
    )


def structure(rng, batch, length, width, key_dim, value_dim):
    """The shapes of the weights that the layer makes by itself."""
    return Case(
        "its weights: three matrices and nothing else",
        (Call([normal(rng, batch, length, width)], observe=("weights",)),),
        points=0.3,
        construct={"key_dim": key_dim, "value_dim": value_dim},
    )


def by_hand():
    return Case(
        "by hand: one word of two features",
        (Call([np.array([[[1.0, 2.0]]], "float32")]),),
        construct={"key_dim": 1, "value_dim": 3},
        weights={
            "query.kernel": np.array([[3.0], [1.0]], "float32"),
            "key.kernel": np.array([[-5.0], [1.0]], "float32"),
            "value.kernel": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -4.0]], "float32"),
        },
    )


def visible():
    rng = np.random.default_rng(31)
    return [
        by_hand(),
        case(rng, "a batch, and the gradients", 2, 3, 6, 4, 5, ("output", "gradients"), **SLOPE),
        structure(rng, 2, 3, 6, 4, 5),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", 2, 4, 5, 3, 6),
        case(rng, "a longer sequence", 3, 7, 5, 4, 2),
        case(rng, "values wider than the input", 2, 3, 4, 5, 9),
        case(rng, "gradients of all three matrices", 2, 3, 5, 4, 6, ("gradients",), **SLOPE),
        case(rng, "made anew from its configuration", 3, 2, 7, 4, 5, ("config",), points=0.1),
        structure(rng, 2, 3, 7, 5, 4),
    ]


EXERCISE = Exercise(
    id="attention.projections",
    title="Project to queries, keys and values",
    kind="layer",
    points=2,
    reference=attention.Projections,
    visible=visible,
    hidden=hidden,
    returns=("query", "key", "value"),
    write=("build", "call"),
)


@EXERCISE.misconception(
    "bias-added",
    title="projections with a bias",
    explanation="`Dense` adds a bias unless told otherwise. It starts at zero, so the numbers are "
    "right at first, but there are more parameters than in W_Q, W_K and W_V.",
    hint="A projection here is one matrix product. Which weights does a `Dense` layer make?",
)
class Projections(attention.Projections):
    def build(self, x_shape):
        self.query = keras.layers.Dense(self.key_dim)
        self.key = keras.layers.Dense(self.key_dim)
        self.value = keras.layers.Dense(self.value_dim)
        for projection in (self.query, self.key, self.value):
            projection.build(x_shape)


@EXERCISE.misconception(
    "activation-added",
    title="an activation after the projection",
    explanation="A ReLU makes every entry of a query and of a key positive or zero, so that no "
    "score can be negative: nothing can be said to be unlike what is looked for.",
    hint="Is there anything in x W_Q after the matrix product?",
)
class Projections(attention.Projections):
    def build(self, x_shape):
        self.query = keras.layers.Dense(self.key_dim, activation="relu", use_bias=False)
        self.key = keras.layers.Dense(self.key_dim, activation="relu", use_bias=False)
        self.value = keras.layers.Dense(self.value_dim, activation="relu", use_bias=False)
        for projection in (self.query, self.key, self.value):
            projection.build(x_shape)


@EXERCISE.misconception(
    "shared-query-and-key",
    title="one layer for queries and keys",
    explanation="With W_Q = W_K the scores are symmetric: if one word looks for another, the other "
    "must look for it as much. A verb looks for its subject; the subject need not look back.",
    hint="Is what a word looks for the same as what it offers? How many matrices does that take?",
)
class Projections(attention.Projections):
    def build(self, x_shape):
        self.query = self.key = keras.layers.Dense(self.key_dim, use_bias=False)
        self.value = keras.layers.Dense(self.value_dim, use_bias=False)
        for projection in (self.query, self.value):
            projection.build(x_shape)


@EXERCISE.misconception(
    "key-by-query-matrix",
    title="keys made by W_Q",
    explanation="The layer for keys is there and is never used: its matrix gets no gradient and "
    "stays as it was drawn.",
    hint="Look at the second value that you return: by which layer is it made?",
)
class Projections(attention.Projections):
    def call(self, x):
        return self.query(x), self.query(x), self.value(x)


@EXERCISE.misconception(
    "value-as-wide-as-key",
    title="values of the width of a key",
    explanation="Queries and keys meet in a dot product and share a width. Values meet neither: "
    "`value_dim` sets theirs.",
    hint="Two of the three must be of one width. Which one is free to have its own?",
)
class Projections(attention.Projections):
    def build(self, x_shape):
        self.query = keras.layers.Dense(self.key_dim, use_bias=False)
        self.key = keras.layers.Dense(self.key_dim, use_bias=False)
        self.value = keras.layers.Dense(self.key_dim, use_bias=False)
        for projection in (self.query, self.key, self.value):
            projection.build(x_shape)


@EXERCISE.misconception(
    "value-before-key",
    title="returned in the order query, value, key",
    explanation="That is the order in which Keras' own `MultiHeadAttention` takes its arguments. "
    "The paper, and this layer, say query, key, value.",
    hint="In which order does the docstring name what is returned?",
)
class Projections(attention.Projections):
    def call(self, x):
        return self.query(x), self.value(x), self.key(x)


@EXERCISE.variant
class Projections(attention.Projections):
    def build(self, x_shape):
        widths = {"query": self.key_dim, "key": self.key_dim, "value": self.value_dim}
        for name, width in widths.items():
            projection = keras.layers.EinsumDense("btd,dk->btk", output_shape=(None, width))
            projection.build(x_shape)
            setattr(self, name, projection)


@EXERCISE.variant
class Projections(attention.Projections):
    def call(self, x):
        kernels = [self.query.kernel, self.key.kernel, self.value.kernel]
        return [ops.einsum("btd,dk->btk", x, kernel) for kernel in kernels]


@EXERCISE.variant
class Projections(keras.layers.Layer):
    def __init__(self, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.query = keras.layers.Dense(key_dim, use_bias=False)
        self.key = keras.layers.Dense(key_dim, use_bias=False)
        self.value = keras.layers.Dense(value_dim, use_bias=False)

    def call(self, x):
        return self.query(x), self.key(x), self.value(x)

    def get_config(self):
        return {**super().get_config(), "key_dim": self.key_dim, "value_dim": self.value_dim}
