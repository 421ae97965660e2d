"""`attention.scale`: divide the scores by √d_k."""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import attention

FLOAT16 = 1e-2  # scaled scores below 8 have steps of 2^-8


def case(rng, name, *leading, queries, keys, width, points=1.0):
    """Random scores and queries; all sizes differ, so that no axis can stand in for another."""
    scores = normal(rng, *leading, queries, keys, scale=3.0)
    query = normal(rng, *leading, queries, width)
    return Case(name, (Call([scores, query]),), points)


def half(rng, name, *leading, **sizes):
    """float16 scores and queries: a scale in float32 does not divide them on every backend."""
    made = case(rng, name, *leading, **sizes)
    call = Call(made.calls[0].args, observe=("float16",))
    return Case(name, (call,), tolerance=FLOAT16, because="rounding in float16")


def visible():
    rng = np.random.default_rng(3)
    by_hand = Call([np.array([[1.0, 3.0], [4.0, 12.0]], "float32"), np.ones((2, 16), "float32")])
    return [
        Case("by hand: width 16 divides by 4", (by_hand,)),
        case(rng, "one sequence", queries=3, keys=5, width=7),
        case(rng, "a batch of two", 2, queries=3, keys=5, width=11),
        half(rng, "in float16", 2, queries=4, keys=3, width=5),
    ]


def hidden(rng):
    return [
        case(rng, "a table", queries=4, keys=6, width=9),
        case(rng, "a batch", 3, queries=5, keys=4, width=10),
        case(rng, "a batch of heads", 2, 3, queries=4, keys=5, width=6),
        case(rng, "wide queries", 2, queries=3, keys=4, width=64),
        half(rng, "in float16", 3, queries=4, keys=5, width=7),
    ]


EXERCISE = Exercise(
    id="attention.scale",
    title="Scale the scores",
    kind="function",
    points=2,
    reference=attention.scale_scores,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "missing-scale",
    title="no division at all",
    explanation="The scores keep growing with the width of the head, and softmax saturates.",
    hint="What happens to the size of a dot product as d_k grows?",
)
def scale_scores(scores, query):
    return scores


@EXERCISE.misconception(
    "scale-by-d-k",
    title="dividing by d_k, not by its square root",
    explanation="The variance of the scores shrinks to 1/d_k: all tokens are looked at alike.",
    hint="Variances add up over d_k terms. What does the typical size grow with?",
)
def scale_scores(scores, query):
    return scores / query.shape[-1]


@EXERCISE.misconception(
    "multiply-by-scale",
    title="multiplying by √d_k",
    explanation="The scores are already too large for a wide head; this makes them larger still.",
    hint="Should the scores of a wide head become larger or smaller?",
)
def scale_scores(scores, query):
    return scores * math.sqrt(query.shape[-1])


@EXERCISE.misconception(
    "scale-by-length",
    title="dividing by the square root of the number of queries",
    explanation="The number of terms in one dot product is the width of a query, not the length of "
    "the sequence. The two agree only when a sequence is as long as its head is wide.",
    hint="Over which axis of `query` does one dot product sum?",
)
def scale_scores(scores, query):
    return scores / math.sqrt(query.shape[-2])


@EXERCISE.misconception(
    "scale-by-number-of-keys",
    title="dividing by the square root of the number of keys",
    explanation="The last axis of `scores` counts keys. What made the scores large is the width.",
    hint="Which of the two arguments still has the axis that the dot product summed over?",
)
def scale_scores(scores, query):
    return scores / math.sqrt(scores.shape[-1])


@EXERCISE.variant
def scale_scores(scores, query):
    return ops.multiply(scores, query.shape[-1] ** -0.5)


@EXERCISE.variant
def scale_scores(scores, query):
    width = ops.cast(ops.shape(query)[-1], scores.dtype)
    return ops.divide(scores, ops.sqrt(width))
