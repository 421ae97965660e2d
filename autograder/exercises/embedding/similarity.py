"""`embedding.similarity`: the cosine of every vector of one table with every vector of another."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import embedding

FLOAT16 = 5e-3  # some ten roundings of numbers below 1, each of 2^-12 at most


def case(rng, name, *leading, rows, others, width, zero=False, observe="output", **options):
    """Vectors of lengths that differ, none of length 1; with `zero` the last of `x` is zero."""
    x = normal(rng, *leading, rows, width, scale=2.0)
    y = normal(rng, *leading, others, width, scale=0.6)
    x[..., 0] += np.float32(1.5)  # so that no two columns are alike
    if zero:
        x[..., -1, :] = 0.0
    return Case(name, (Call([x, y], observe=(observe,)),), **options)


def visible():
    rng = np.random.default_rng(14)
    x = np.array([[3.0, 4.0], [-2.0, 0.0]], "float32")
    y = np.array([[1.0, 0.0], [6.0, 8.0], [0.0, -5.0]], "float32")
    return [
        Case("by hand: two vectors with three", (Call([x, y]),)),
        case(rng, "a batch", 2, rows=3, others=5, width=4),
        case(rng, "a vector of zeros", rows=4, others=3, width=6, zero=True),
    ]


def hidden(rng):
    return [
        case(rng, "two tables", rows=5, others=3, width=4),
        case(rng, "more rows on the right", rows=3, others=8, width=5),
        case(rng, "a batch", 3, rows=4, others=6, width=5),
        case(rng, "a batch of batches", 2, 3, rows=5, others=4, width=7),
        case(rng, "a vector of zeros", rows=3, others=4, width=5, zero=True),
        case(
            rng, "in float16", rows=4, others=3, width=5, observe="float16",
            tolerance=FLOAT16, because="rounding in float16",
        ),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="embedding.similarity",
    title="Compare directions",
    kind="function",
    points=2,
    reference=embedding.cosine_similarities,
    visible=visible,
    hidden=hidden,
    forbidden={
        "normalize": "dividing by the length is the exercise",
        "CosineSimilarity": "it is the exercise, ready-made",
        "cosine_similarity": "it is the exercise, ready-made",
    },
)


@EXERCISE.misconception(
    "dot-product",
    title="dot products, not divided by the lengths",
    explanation="A long vector has large dot products with everything. The cosine asks for the "
    "direction alone.",
    hint="What happens to your number when one of the vectors is made twice as long?",
)
def cosine_similarities(x, y):
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "one-length-forgotten",
    title="dividing by the length of `y` only",
    explanation="The order of the neighbours of one `x` is right, and the numbers are not cosines: "
    "they may be larger than 1.",
    hint="Can a cosine be larger than 1? Which of the two lengths did you divide by?",
)
def cosine_similarities(x, y):
    y = y / ops.maximum(ops.norm(y, axis=-1, keepdims=True), 1e-7)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "other-length-forgotten",
    title="dividing by the length of `x` only",
    explanation="The longest rows of `y` then look nearest to everything.",
    hint="Can a cosine be larger than 1? Which of the two lengths did you divide by?",
)
def cosine_similarities(x, y):
    x = x / ops.maximum(ops.norm(x, axis=-1, keepdims=True), 1e-7)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "root-forgotten",
    title="dividing by the squares of the lengths",
    explanation="The length is the root of the sum of squares. Without the root a vector twice as "
    "long is divided by four.",
    hint="How long is (3, 4)?",
)
def cosine_similarities(x, y):
    x = x / ops.maximum(ops.sum(ops.square(x), axis=-1, keepdims=True), 1e-7)
    y = y / ops.maximum(ops.sum(ops.square(y), axis=-1, keepdims=True), 1e-7)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "entries-added-up",
    title="dividing by the sum of the sizes of the entries",
    explanation="That is how far one walks along the axes; the length of a vector is the straight "
    "way, the root of the sum of squares.",
    hint="How long is (3, 4)?",
)
def cosine_similarities(x, y):
    x = x / ops.maximum(ops.sum(ops.abs(x), axis=-1, keepdims=True), 1e-7)
    y = y / ops.maximum(ops.sum(ops.abs(y), axis=-1, keepdims=True), 1e-7)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "zero-divided-by-zero",
    title="dividing a zero vector by its length",
    explanation="0 / 0 is NaN, and NaN spreads through all that is computed from it. A vector of "
    "zeros points nowhere, and its similarity is 0.",
    hint="What is the length of a vector of zeros, and what do you divide by it?",
)
def cosine_similarities(x, y):
    x = x / ops.norm(x, axis=-1, keepdims=True)
    y = y / ops.norm(y, axis=-1, keepdims=True)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "one-length-for-the-table",
    title="one length for the whole table",
    explanation="`ops.norm` without an axis is the length of the table as one long vector, and for "
    "a batch of tables an error with TensorFlow. Each vector has a length of its own.",
    hint="How many lengths are there in a table of five vectors? How many did you compute?",
)
def cosine_similarities(x, y):
    return ops.matmul(x, ops.swapaxes(y, -1, -2)) / (ops.norm(x) * ops.norm(y))


@EXERCISE.misconception(
    "lengths-of-columns",
    title="the lengths of the columns",
    explanation="Axis −2 runs from one vector to the next. The entries of one vector lie along the "
    "last axis.",
    hint="Along which axis do you walk to meet all the entries of one vector?",
)
def cosine_similarities(x, y):
    x = x / ops.maximum(ops.norm(x, axis=-2, keepdims=True), 1e-7)
    y = y / ops.maximum(ops.norm(y, axis=-2, keepdims=True), 1e-7)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


@EXERCISE.misconception(
    "distance",
    title="distances in place of cosines",
    explanation="Two vectors of the same direction may be far apart, because one is longer. And a "
    "distance is small where vectors are alike, a similarity large.",
    hint="How far is (1, 0) from (100, 0)? Do they point the same way?",
)
def cosine_similarities(x, y):
    apart = ops.expand_dims(x, -2) - ops.expand_dims(y, -3)
    return ops.sqrt(ops.sum(ops.square(apart), axis=-1))


@EXERCISE.misconception(
    "transposes-all-axes",
    title="transposing all axes of `y`",
    explanation="`ops.transpose(y)` reverses every axis, the batch included. With two tables that "
    "is what is wanted; with a batch of them it is not.",
    hint="Which two axes of `y` have to change places when there is a batch in front of them?",
)
def cosine_similarities(x, y):
    x = x / ops.maximum(ops.norm(x, axis=-1, keepdims=True), 1e-7)
    y = y / ops.maximum(ops.norm(y, axis=-1, keepdims=True), 1e-7)
    return ops.matmul(x, ops.transpose(y))


@EXERCISE.variant
def cosine_similarities(x, y):
    products = ops.einsum("...md,...nd->...mn", x, y)
    lengths = ops.norm(x, axis=-1)[..., :, None] * ops.norm(y, axis=-1)[..., None, :]
    return products / (lengths + 1e-7)


@EXERCISE.variant
def cosine_similarities(x, y):
    lengths = ops.sqrt(ops.sum(x * x, axis=-1, keepdims=True))
    others = ops.expand_dims(ops.sqrt(ops.sum(y * y, axis=-1)), -2)
    products = ops.matmul(x, ops.swapaxes(y, -2, -1))
    return ops.where(lengths * others > 0, products / ops.maximum(lengths * others, 1e-6), 0.0)
