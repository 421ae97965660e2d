"""`attention.scores`: the dot product of every query with every key."""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import attention


def case(rng, name, *leading, queries, keys, width):
    query = normal(rng, *leading, queries, width)
    key = normal(rng, *leading, keys, width)
    return Case(name, (Call([query, key]),))


def visible():
    rng = np.random.default_rng(32)
    query = np.array([[1.0, 2.0], [0.0, -1.0]], "float32")
    key = np.array([[3.0, 0.0], [0.0, 5.0], [1.0, 1.0]], "float32")
    return [
        Case("by hand: two queries, three keys", (Call([query, key]),)),
        case(rng, "a batch of two", 2, queries=3, keys=5, width=4),
        case(rng, "a batch of heads", 2, 3, queries=4, keys=5, width=6),
    ]


def hidden(rng):
    return [
        case(rng, "a table", queries=4, keys=6, width=3),
        case(rng, "a batch", 3, queries=5, keys=4, width=7),
        case(rng, "a batch of heads", 3, 2, queries=5, keys=4, width=6),
        case(rng, "more queries than keys", 2, queries=7, keys=3, width=5),
    ]


EXERCISE = Exercise(
    id="attention.scores",
    title="Score queries against keys",
    kind="function",
    points=2,
    reference=attention.dot_product_scores,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "transposes-all-axes",
    title="transposing all axes of the keys",
    explanation="`ops.transpose(key)` and `key.T` reverse every axis, the batch included. With a "
    "single table that is the transpose that is wanted; with a batch it is not.",
    hint="Which two axes of `key` have to change places when there is a batch in front of them?",
)
def dot_product_scores(query, key):
    return ops.matmul(query, ops.transpose(key))


@EXERCISE.misconception(
    "reshape-for-transpose",
    title="reshaping the keys in place of transposing them",
    explanation="`reshape` keeps the numbers in their order in memory and cuts the rows anew: the "
    "shape is right, and each column is a mixture of several keys.",
    hint="Write out a table of 2 by 3, transposed and reshaped to 3 by 2. Are they the same?",
)
def dot_product_scores(query, key):
    *leading, length, width = key.shape
    return ops.matmul(query, ops.reshape(key, (*leading, width, length)))


@EXERCISE.misconception(
    "keys-as-rows",
    title="a row for each key and a column for each query",
    explanation="The numbers are right and the table lies on its side. Here rows are queries and "
    "columns are keys, so that softmax runs over the last axis.",
    hint="One row of the result should answer the question of one query. What are its columns?",
)
def dot_product_scores(query, key):
    return ops.einsum("...td,...sd->...st", query, key)


@EXERCISE.misconception(
    "crosses-the-batch",
    title="scoring across the batch",
    explanation="`tensordot`, as NumPy's `dot`, multiplies everything with everything: each "
    "sequence is scored against the keys of all of them. `matmul` treats leading axes as a batch.",
    hint="How many axes has your result for a batch, and which of the two counts sequences twice?",
)
def dot_product_scores(query, key):
    return ops.tensordot(query, key, axes=[[-1], [-1]])


@EXERCISE.misconception(
    "scaled-already",
    title="dividing by √d_k here",
    explanation="The scores are the dot products as they are; the scale is an exercise of its own. "
    "Done in both places, it is done twice.",
    hint="Redo one entry by hand. What did you do after the sum?",
)
def dot_product_scores(query, key):
    return ops.matmul(query, ops.swapaxes(key, -1, -2)) / math.sqrt(query.shape[-1])


@EXERCISE.misconception(
    "cosine-similarity",
    title="cosines in place of dot products",
    explanation="Dividing by both lengths keeps only the angle. A long key is heard louder than a "
    "short one, and a model may use that.",
    hint="What happens to a score when its key is made twice as long? What should happen?",
)
def dot_product_scores(query, key):
    query = query / ops.norm(query, axis=-1, keepdims=True)
    key = key / ops.norm(key, axis=-1, keepdims=True)
    return ops.matmul(query, ops.swapaxes(key, -1, -2))


@EXERCISE.variant
def dot_product_scores(query, key):
    return ops.einsum("...td,...sd->...ts", query, key)


@EXERCISE.variant
def dot_product_scores(query, key):
    pairs = ops.expand_dims(query, -2) * ops.expand_dims(key, -3)  # (..., T, S, d_k)
    return ops.sum(pairs, axis=-1)


@EXERCISE.variant
def dot_product_scores(query, key):
    rows = []
    for position in range(query.shape[-2]):
        one = query[..., position, :]
        rows.append(ops.sum(ops.expand_dims(one, -2) * key, axis=-1))
    return ops.stack(rows, axis=-2)
