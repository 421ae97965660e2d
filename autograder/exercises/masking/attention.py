"""`masking.masked_attention`: the whole formula, with a mask."""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.masking.softmax import WHOLE, some_allowed
from course.checking.case import FLOAT32, Call, Case
from solutions import masking
from solutions.attention import dot_product_scores, scale_scores
from solutions.masking import masked_softmax

SLOPE = {"tolerance": 1e-4, "because": "a sum over every entry of both outputs, in float32"}
HALF = {"tolerance": 2e-2, "because": "scores and outputs above 4 have steps of 2^-8 in float16"}


def case(rng, name, *leading, queries, keys, width, value_width, mask=None, empty=False, loud=False,
         observe=("output",), dtype="float32", tolerance=FLOAT32, **options):  # fmt: skip
    """loud: whether what no query may see has values of a thousand."""
    query = normal(rng, *leading, queries, width)
    key, value = normal(rng, *leading, keys, width), normal(rng, *leading, keys, value_width)
    if mask is None:
        mask = some_allowed(rng, *leading, queries, keys, empty=empty)
    if loud:
        value[~mask.any(axis=-2)] = 1000.0
    arrays = [array.astype(dtype) for array in (query, key, value)]
    call = Call([*arrays, mask], observe=observe)
    return Case(name, (call,), tolerance=tolerance, **options)


def padding(rng, batch, keys):
    """A padding mask `(B, 1, S)` that hides at least one key of each sequence."""
    return np.arange(keys) < rng.integers(1, keys, batch)[:, None, None]


def unmasked(rng, name, *leading, queries, keys, width, value_width):
    drawn = case(rng, name, *leading, queries=queries, keys=keys, width=width,
                 value_width=value_width)  # fmt: skip
    return Case(name, (Call(drawn.calls[0].args[:3]),))


def by_hand():
    """Three words that score alike: each row is the plain average of what it may see."""
    value = np.array([[6.0, 0.0], [2.0, 4.0], [1.0, 2.0]], "float32")
    call = Call([np.zeros((3, 4), "float32"), np.ones((3, 4), "float32"), value,
                 np.tril(np.ones((3, 3), bool))])  # fmt: skip
    return Case("by hand: running averages of three words", (call,))


def visible():
    rng = np.random.default_rng(45)
    slope = {"observe": ("output", "input gradient"), **SLOPE}
    return [
        by_hand(),
        case(rng, "a batch with a query that may see nothing, and the gradient", 2, queries=3,
             keys=4, width=5, value_width=6, empty=True, **slope),
        case(rng, "edge: one mask for all queries; padding is loud", 3, queries=4, keys=5, width=6,
             value_width=2, mask=padding(rng, 3, 5), loud=True),
    ]  # fmt: skip


def hidden(rng):
    sizes = {"queries": 4, "keys": 6, "width": 5, "value_width": 7}
    return [
        case(rng, "a table", **sizes),
        case(rng, "a batch", 2, **sizes, points=2.0),
        case(rng, "a batch of heads", 2, 3, **sizes, points=2.0),
        case(rng, "queries that may see nothing", 3, **sizes, empty=True),
        case(rng, "edge: one mask for all queries; padding is loud", 3, **sizes, loud=True,
             mask=padding(rng, 3, 6)),
        case(rng, "the gradient", 2, **sizes, empty=True, observe=("input gradient",), **SLOPE),
        case(rng, "float16", 2, **sizes, empty=True, dtype="float16", **HALF),
        unmasked(rng, "without a mask", 3, **sizes),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="masking.masked_attention",
    title="Attention with a mask",
    kind="function",
    points=3,
    reference=masking.masked_attention,
    visible=visible,
    hidden=hidden,
    returns=("output", "weights"),
    forbidden=WHOLE,
    uses=("masking.masked_softmax",),
)


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Every query attends to everything: padding, and the future.",
    hint="Which weights should be 0, and which are in yours?",
)
def masked_attention(query, key, value, mask=None):
    scores = scale_scores(dot_product_scores(query, key), query)
    weights = masked_softmax(scores)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "missing-scale",
    title="no division by √d_k",
    explanation="The scores of lesson 3 are divided by √d_k; a mask changes nothing about that.",
    hint="What happens to the size of a dot product as d_k grows?",
)
def masked_attention(query, key, value, mask=None):
    weights = masked_softmax(dot_product_scores(query, key), mask)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "mask-lost-while-scaling",
    title="masked scores that are scaled afterwards, as weights",
    explanation="The division by √d_k belongs to the scores. Behind softmax it makes rows that do "
    "not sum to 1.",
    hint="Add up one row of your weights. What is it, times √d_k?",
)
def masked_attention(query, key, value, mask=None):
    weights = scale_scores(masked_softmax(dot_product_scores(query, key), mask), query)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "weights-masked-afterwards",
    title="weights set to 0 after softmax",
    explanation="What is hidden has taken its share already, so that rows no longer sum to 1.",
    hint="Add up one row of your weights. Who has taken the rest?",
)
def masked_attention(query, key, value, mask=None):
    weights = ops.softmax(scale_scores(dot_product_scores(query, key), query))
    if mask is not None:
        weights = weights * ops.cast(mask, weights.dtype)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "output-masked-only",
    title="queries silenced, keys not",
    explanation="Rows that may see nothing give 0, as they should; all other rows still see "
    "everything that is hidden from them.",
    hint="A mask says something about every pair. What do you ask of a pair?",
)
def masked_attention(query, key, value, mask=None):
    weights = ops.softmax(scale_scores(dot_product_scores(query, key), query))
    if mask is not None:
        weights = weights * ops.cast(ops.any(mask, axis=-1, keepdims=True), weights.dtype)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "mask-inverted",
    title="the mask turned round",
    explanation="True means may attend. Inverted, each query sees exactly what is hidden from it.",
    hint="What does True mean in a mask of this course?",
)
def masked_attention(query, key, value, mask=None):
    scores = scale_scores(dot_product_scores(query, key), query)
    weights = masked_softmax(scores, None if mask is None else ops.logical_not(mask))
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scores-returned",
    title="scores in place of weights",
    explanation="The second result is what the output was mixed with: shares that sum to one.",
    hint="Do the rows of what you return as weights sum to one?",
)
def masked_attention(query, key, value, mask=None):
    scores = scale_scores(dot_product_scores(query, key), query)
    return ops.matmul(masked_softmax(scores, mask), value), scores


@EXERCISE.variant
def masked_attention(query, key, value, mask=None):
    scores = ops.einsum("...td,...sd->...ts", query, key) / math.sqrt(query.shape[-1])
    weights = masked_softmax(scores, mask)
    return ops.einsum("...ts,...sv->...tv", weights, value), weights


@EXERCISE.variant
def masked_attention(query, key, value, mask=None):
    keys = ops.swapaxes(key, -2, -1)
    weights = masked_softmax(ops.matmul(query * query.shape[-1] ** -0.5, keys), mask, axis=-1)
    output = ops.matmul(weights, value)
    return output, weights
