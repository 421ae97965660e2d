"""Mistakes of `masking.masked_softmax`, and its other right answers."""

import math

import keras
import numpy as np
from keras import ops

from autograder.exercises.masking.softmax import EXERCISE


@EXERCISE.misconception(
    "masked-after-softmax",
    title="weights set to 0 after softmax",
    explanation="The hidden keys have taken their share already. What is left does not sum to 1: "
    "the more is hidden, the smaller the output.",
    hint="Add up one row of your weights. Who has taken the rest?",
)
def masked_softmax(scores, mask=None, axis=-1):
    weights = ops.softmax(scores, axis=axis)
    return weights if mask is None else ops.where(mask, weights, 0.0)


@EXERCISE.misconception(
    "scores-multiplied",
    title="scores multiplied by the mask",
    explanation="A hidden score becomes 0, and e⁰ is 1: it keeps a weight, and beats every "
    "negative score.",
    hint="Which weight does softmax give to a score of 0?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is not None:
        scores = scores * ops.cast(mask, scores.dtype)
    return ops.softmax(scores, axis=axis)


@EXERCISE.misconception(
    "minus-infinity",
    title="hidden scores set to −∞",
    explanation="Right as long as something is left in each row. Where nothing is, the largest "
    "score is −∞, and −∞ − (−∞) is not a number.",
    hint="If a whole row is hidden, what does softmax take off each of its scores?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is not None:
        scores = ops.where(mask, scores, -math.inf)
    return ops.softmax(scores, axis=axis)


@EXERCISE.misconception(
    "nan-swept-away",
    title="−∞ added, and NaN put right after softmax",
    explanation="The weights are right, and their gradient is not: what was NaN on the way has a "
    "NaN for its derivative, and a sum hands it on. One row of padding ends the training.",
    hint="The values agree. Which gradient flows back through the NaN that you replaced?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return ops.softmax(scores, axis=axis)
    weights = ops.softmax(scores + ops.where(mask, 0.0, -math.inf), axis=axis)
    return ops.where(mask, weights, 0.0)


@EXERCISE.misconception(
    "zero-times-infinity",
    title="0 · −∞ added to what may be seen",
    explanation="The mask as a number times −∞ is meant to add 0 where it allows. But 0 · ∞ is "
    "not a number, so that every row is lost.",
    hint="What is 0 times infinity?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is not None:
        scores = scores + (1.0 - ops.cast(mask, scores.dtype)) * -math.inf
    return ops.softmax(scores, axis=axis)


@EXERCISE.misconception(
    "minus-a-billion-added",
    title="−1e9 added to hidden scores",
    explanation="In float32 it hides well, though a row that may see nothing becomes a plain "
    "average. In float16 −1e9 is −∞, and 0 · −∞ is not a number.",
    hint="What is the largest number of float16, and what becomes of −1e9 in it?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is not None:
        scores = scores + (1.0 - ops.cast(mask, scores.dtype)) * -1e9
    return ops.softmax(scores, axis=axis)


@EXERCISE.misconception(
    "average-of-what-is-hidden",
    title="a row that may see nothing shares out its weight",
    explanation="With all scores replaced by the same number softmax gives all keys the same "
    "weight: the query averages exactly what it must not see.",
    hint="If every score of a row is the same, what does softmax return, and what should it?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is not None:
        lowest = float(np.finfo(keras.backend.standardize_dtype(scores.dtype)).min)
        scores = ops.where(mask, scores, lowest)
    return ops.softmax(scores, axis=axis)


@EXERCISE.misconception(
    "not-low-enough",
    title="hidden scores set to −10000",
    explanation="It is low only beside scores that are higher. Beside a score of −30000 it is the "
    "largest, takes all the weight and loses it to the mask.",
    hint="What happens to a score of −30000 beside a hidden one of −10000?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return ops.softmax(scores, axis=axis)
    return ops.where(mask, ops.softmax(ops.where(mask, scores, -1e4), axis=axis), 0.0)


@EXERCISE.misconception(
    "shared-out-again-afterwards",
    title="softmax over all, then each row divided by what is left of it",
    explanation="The same in exact arithmetic. But if a hidden score is 200 higher, every other "
    "weight has been rounded to 0, and nothing is left to share out.",
    hint="One hidden score is far above all others. What is left of the others after softmax?",
)
def masked_softmax(scores, mask=None, axis=-1):
    weights = ops.softmax(scores, axis=axis)
    if mask is None:
        return weights
    weights = ops.where(mask, weights, 0.0)
    total = ops.sum(weights, axis=axis, keepdims=True)
    return weights / ops.where(total > 0, total, 1.0)


@EXERCISE.misconception(
    "ignores-the-axis",
    title="always along the last axis",
    explanation="The argument `axis` is taken and not used, so that only calls along the last axis "
    "come out right.",
    hint="What changes in your function when it is called with `axis=0`?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return ops.softmax(scores)
    lowest = float(np.finfo(keras.backend.standardize_dtype(scores.dtype)).min)
    return ops.where(mask, ops.softmax(ops.where(mask, scores, lowest)), 0.0)


@EXERCISE.misconception(
    "mask-inverted",
    title="the mask turned round",
    explanation="True means may attend. Inverted, each query sees exactly what is hidden from it.",
    hint="What does True mean in a mask of this course?",
)
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return ops.softmax(scores, axis=axis)
    lowest = float(np.finfo(keras.backend.standardize_dtype(scores.dtype)).min)
    weights = ops.softmax(ops.where(mask, lowest, scores), axis=axis)
    return ops.where(mask, 0.0, weights)


@EXERCISE.variant
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        mask = ops.ones_like(scores, dtype="bool")
    lowest = float(np.finfo(keras.backend.standardize_dtype(scores.dtype)).min)
    highest = ops.max(ops.where(mask, scores, lowest), axis=axis, keepdims=True)
    exponentials = ops.where(mask, ops.exp(ops.where(mask, scores - highest, 0.0)), 0.0)
    return exponentials / ops.maximum(ops.sum(exponentials, axis=axis, keepdims=True), 1.0)


@EXERCISE.variant
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return ops.softmax(scores, axis=axis)
    lowest = float(np.finfo(keras.backend.standardize_dtype(scores.dtype)).min)
    weights = ops.softmax(ops.where(mask, scores, lowest), axis=axis)
    return weights * ops.cast(mask, weights.dtype)


@EXERCISE.variant
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return ops.softmax(scores, axis=axis)
    # A NaN on the way does no harm where `where` put −∞: no gradient flows through its other side.
    weights = ops.softmax(ops.where(mask, scores, -math.inf), axis=axis)
    return ops.where(mask, weights, 0.0)


@EXERCISE.variant
def masked_softmax(scores, mask=None, axis=-1):
    dtype = scores.dtype
    if mask is None:
        return ops.softmax(scores, axis=axis)
    weights = ops.softmax(ops.where(mask, ops.cast(scores, "float32"), -1e30), axis=axis)
    return ops.cast(ops.where(mask, weights, 0.0), dtype)
