"""`attention.self_attention`: one head of self-attention as a layer."""

import math

import keras
import numpy as np
from keras import ops

from autograder.exercises.attention import projections
from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.attention.scaled_dot_product import WHOLE_FORMULA
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import attention
from solutions.attention import (
    Projections,
    dot_product_scores,
    scale_scores,
    scaled_dot_product_attention,
    softmax,
)


def kernels(*arguments):
    paths = projections.kernels(*arguments)
    return {f"projections.{path}": kernel for path, kernel in paths.items()}


def case(rng, name, batch, lengths, width, key_dim, value_dim, observe=("output",), **options):
    """One call for each of `lengths`, with the same weights."""
    calls = (Call([normal(rng, batch, length, width)], observe=observe) for length in lengths)
    return Case(
        name,
        tuple(calls),
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
    """Scores 2, 0 / 0, 0 at d_k = 4: scaled 1, 0 / 0, 0."""
    query, key = np.zeros((2, 4), "float32"), np.zeros((2, 4), "float32")
    query[0, 0], key[0, 0] = 2.0, 1.0
    return Case(
        "by hand: two words, each marked by one feature",
        (Call([np.array([[[1.0, 0.0], [0.0, 1.0]]], "float32")]),),
        construct={"key_dim": 4, "value_dim": 3},
        weights={
            "projections.query.kernel": query,
            "projections.key.kernel": key,
            "projections.value.kernel": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 4.0]], "float32"),
        },
    )


def visible():
    rng = np.random.default_rng(36)
    return [
        by_hand(),
        case(rng, "a batch of two, in two lengths", 2, (3, 7), 6, 4, 5),
        case(rng, "gradients of all three matrices", 2, (3,), 6, 4, 5, ("gradients",), **SLOPE),
        structure(rng, 2, 3, 6, 4, 5),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", 2, (4,), 5, 3, 6),
        case(rng, "a batch in two lengths", 3, (5, 8), 6, 4, 7),
        case(rng, "a narrow head", 3, (5,), 8, 2, 4),
        case(rng, "values wider than the input", 2, (5,), 4, 3, 9),
        case(rng, "gradients of all three matrices", 2, (3,), 7, 4, 5, ("gradients",), **SLOPE),
        case(rng, "made anew from its configuration", 3, (4,), 7, 5, 2, ("config",), points=0.2),
        structure(rng, 2, 3, 7, 5, 4),
    ]


EXERCISE = Exercise(
    id="attention.self_attention",
    title="One head of self-attention",
    kind="layer",
    points=5,
    reference=attention.SelfAttention,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    forbidden=WHOLE_FORMULA,
    uses=(
        "attention.projections",
        "attention.scores",
        "attention.scale",
        "attention.softmax",
        "attention.scaled_dot_product",
    ),
)


@EXERCISE.misconception(
    "scale-by-d-model",
    title="dividing by √d_model, the width of the input",
    explanation="The dot product runs over the d_k entries of a query, not over the d_model "
    "features of the input. The model trains all the same, with attention flatter than it need be.",
    hint="How many terms has the dot product of a query and a key? Which tensor is that wide?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, value = self.projections(x)
        weights = softmax(dot_product_scores(query, key) / math.sqrt(x.shape[-1]))
        return ops.matmul(weights, value)


@EXERCISE.misconception(
    "missing-scale",
    title="no division by √d_k",
    explanation="Scores grow with the width of the head, softmax saturates and gradients vanish.",
    hint="What happens to the size of a dot product as d_k grows?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, value = self.projections(x)
        return ops.matmul(softmax(dot_product_scores(query, key)), value)


@EXERCISE.misconception(
    "softmax-over-queries",
    title="softmax over the queries, not over the keys",
    explanation="In self-attention the weights are square, so no shape gives it away: columns sum "
    "to one where rows should.",
    hint="The scores are (B, T, T). Which of the two Ts are the keys?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, value = self.projections(x)
        scores = scale_scores(dot_product_scores(query, key), query)
        return ops.matmul(softmax(scores, axis=1), value)


@EXERCISE.misconception(
    "query-as-key",
    title="queries compared with queries",
    explanation="The keys are made and not used: the scores are symmetric and W_K never learns.",
    hint="Which two of the three projections meet in a dot product?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, _, value = self.projections(x)
        output, _ = scaled_dot_product_attention(query, query, value)
        return output


@EXERCISE.misconception(
    "input-as-value",
    title="averaging the input in place of the values",
    explanation="The weights average what W_V makes of the input. Without it the output keeps the "
    "width of the input and W_V never learns.",
    hint="How wide should the output be, and which projection has that width?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, _ = self.projections(x)
        output, _ = scaled_dot_product_attention(query, key, x)
        return output


@EXERCISE.misconception(
    "weights-returned-too",
    title="returning the pair of output and weights",
    explanation="The function returns both; the layer passes on the output alone.",
    hint="What does the docstring say that the layer returns?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, value = self.projections(x)
        return scaled_dot_product_attention(query, key, value)


@EXERCISE.misconception(
    "averaged-over-positions",
    title="one average for the whole sequence",
    explanation="Attention gives each position an output of its own. An average over positions is "
    "one vector a sequence, and no longer knows where anything was.",
    hint="How many vectors go in, and how many should come out?",
)
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, value = self.projections(x)
        output, _ = scaled_dot_product_attention(query, key, value)
        return ops.mean(output, axis=1)


@EXERCISE.variant
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        query, key, value = self.projections(x)
        scores = ops.einsum("btd,bsd->bts", query, key) / math.sqrt(self.key_dim)
        return ops.einsum("bts,bsv->btv", ops.softmax(scores), value)


@EXERCISE.variant
class SelfAttention(keras.layers.Layer):
    def __init__(self, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.projections = Projections(key_dim, value_dim)

    def call(self, x):
        return scaled_dot_product_attention(*self.projections(x))[0]

    def get_config(self):
        return {**super().get_config(), "key_dim": self.key_dim, "value_dim": self.value_dim}
