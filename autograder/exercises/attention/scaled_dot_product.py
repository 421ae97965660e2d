"""`attention.scaled_dot_product`: the whole formula, softmax(Q Kᵀ / √d_k) V."""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import FLOAT32, Call, Case
from solutions import attention
from solutions.attention import dot_product_scores, scale_scores, softmax

FLOAT16 = 2e-2  # scores near 16 have steps of 2^-6, which the weights feel
LARGE = 1e-3  # scores near 1600 have steps of 2^-13 in float32, which the weights feel
GRADIENT = 1e-4  # a sum over every entry of both outputs, in float32


def inputs(rng, *leading, queries, keys, width, value_width, scale=1.0):
    query = normal(rng, *leading, queries, width, scale=scale)
    key = normal(rng, *leading, keys, width, scale=scale)
    return [query, key, normal(rng, *leading, keys, value_width)]


def case(rng, name, *leading, observe=("output",), tolerance=FLOAT32, **sizes):
    return Case(name, (Call(inputs(rng, *leading, **sizes), observe=observe),), tolerance=tolerance)


def half(rng, name, *leading, **sizes):
    """Inputs in float16."""
    args = inputs(rng, *leading, **sizes, scale=1.5)
    call = Call(args, observe=("float16",))
    return Case(name, (call,), tolerance=FLOAT16, because="rounding in float16")


def large(rng, name, *leading, **sizes):
    """All scores 1600 higher than those of a normal draw, which changes no weight."""
    query, key, value = inputs(rng, *leading, **sizes)
    query[..., 0] = key[..., 0] = 40.0
    because = "rounding of large scores in float32"
    return Case(name, (Call([query, key, value]),), 2.0, tolerance=LARGE, because=because)


def ones(rng, name, *leading, **sizes):
    """Weights that sum to one give back a value that is the same at every key."""
    query, key, value = inputs(rng, *leading, **sizes)
    return Case(name, (Call([query, key, np.ones_like(value)]),))


def sat():
    """The scores and values of "the cat sat on the mat", as queries and keys of width 64."""
    query, key = np.zeros((1, 64), "float32"), np.zeros((5, 64), "float32")
    query[0, 0] = 1.0
    key[:, 0] = [0.3, 2.1, 1.2, 1.6, 1.8]
    value = [[0.1, 0, 0.2, 0], [0.6, 0.1, 0.3, 0.5], [0.2, 0.8, 0.4, 0.1]]  # the, cat, sat
    value += [[0.3, 0.3, 0.2, 0.4], [0.4, 0.2, 0.1, 0.6]]  # on, mat
    call = Call([query, key, np.array(value, "float32")])
    return Case("by hand: the cat sat on the mat", (call,))


def visible():
    rng = np.random.default_rng(34)
    heads = {"queries": 4, "keys": 5, "width": 6, "value_width": 7}
    slope = {"observe": ("output", "input gradient"), "tolerance": GRADIENT}
    return [
        sat(),
        case(rng, "a batch of heads, and its gradient", 2, 3, **heads, **slope),
        large(rng, "large scores in a batch", 2, queries=3, keys=4, width=6, value_width=5),
        half(rng, "in float16", 2, queries=3, keys=5, width=4, value_width=6),
    ]


def hidden(rng):
    slope = {"observe": ("input gradient",), "tolerance": GRADIENT}
    return [
        case(rng, "a table", queries=4, keys=6, width=9, value_width=5),
        case(rng, "a batch", 3, queries=5, keys=4, width=10, value_width=2),
        case(rng, "a batch of heads", 2, 3, queries=5, keys=4, width=6, value_width=7),
        case(rng, "more queries than keys", 3, 4, queries=7, keys=2, width=5, value_width=6),
        large(rng, "large scores", 2, queries=3, keys=5, width=4, value_width=6),
        ones(rng, "values of one give one", 2, 7, queries=4, keys=5, width=6, value_width=3),
        half(rng, "in float16", 3, 2, queries=5, keys=4, width=6, value_width=7),
        case(rng, "its gradient", 3, 2, queries=6, keys=5, width=4, value_width=7, **slope),
    ]


WHOLE_FORMULA = dict.fromkeys(
    ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention",
     "GroupedQueryAttention", "dot_product_attention"),
    "it computes the whole formula, which is the exercise",
)  # fmt: skip
EXERCISE = Exercise(
    id="attention.scaled_dot_product",
    title="Scaled dot-product attention",
    kind="function",
    points=4,
    reference=attention.scaled_dot_product_attention,
    visible=visible,
    hidden=hidden,
    returns=("output", "weights"),
    forbidden=WHOLE_FORMULA,
    uses=("attention.scores", "attention.scale", "attention.softmax"),
)


@EXERCISE.misconception(
    "softmax-over-queries",
    title="softmax over the queries, not over the keys",
    explanation="The columns of the weights sum to one and the rows do not: keys compete for "
    "queries. In a decoder this leaks the future, for each weight depends on all later queries.",
    hint="Rows are queries. Which should sum to one, a row of the weights or a column?",
)
def scaled_dot_product_attention(query, key, value):
    weights = softmax(scale_scores(dot_product_scores(query, key), query), axis=-2)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "missing-scale",
    title="no division by √d_k",
    explanation="Scores grow with the width of the head, softmax saturates and gradients vanish.",
    hint="What happens to the size of a dot product as d_k grows?",
)
def scaled_dot_product_attention(query, key, value):
    weights = softmax(dot_product_scores(query, key))
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scale-by-d-k",
    title="dividing by d_k, not by its square root",
    explanation="The variance of the scores shrinks to 1/d_k: all tokens are looked at alike.",
    hint="Variances add up over d_k terms. What does the typical size grow with?",
)
def scaled_dot_product_attention(query, key, value):
    weights = softmax(dot_product_scores(query, key) / query.shape[-1])
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scale-by-d-model",
    title="dividing by √d_model, the width of all heads together",
    explanation="Each dot product has d_k terms, however many heads there are. With H heads this "
    "divides by √H too much; the model trains all the same, with flatter attention.",
    hint="With several heads, over how many terms does the dot product of one head run?",
)
def scaled_dot_product_attention(query, key, value):
    num_heads = query.shape[1] if len(query.shape) == 4 else 1
    d_model = num_heads * query.shape[-1]
    weights = softmax(dot_product_scores(query, key) / math.sqrt(d_model))
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scale-by-d-model-of-values",
    title="dividing by the square root of the width of the values, taken for d_model",
    explanation="The values have no part in the scores; their width is often that of the model, "
    "or equal to d_k, and then nobody notices.",
    hint="Which tensors did the dot product multiply? Was `value` one of them?",
)
def scaled_dot_product_attention(query, key, value):
    weights = softmax(dot_product_scores(query, key) / math.sqrt(value.shape[-1]))
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scale-by-d-model-of-the-paper",
    title="dividing by √512, the paper's d_model",
    explanation="512 is the width of the paper's base model; its heads are 64 wide. The width to "
    "divide by is that of the queries that came in.",
    hint="Where does your 512 come from? Which width have the queries of this case?",
)
def scaled_dot_product_attention(query, key, value):
    weights = softmax(dot_product_scores(query, key) / math.sqrt(512))
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scale-by-number-of-keys",
    title="dividing by the square root of the number of keys",
    explanation="A dot product sums over the width of a key. How many keys there are changes how "
    "many scores there are, not how large they are.",
    hint="Over which axis of `key` does one dot product sum?",
)
def scaled_dot_product_attention(query, key, value):
    weights = softmax(dot_product_scores(query, key) / math.sqrt(key.shape[-2]))
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scale-after-softmax",
    title="dividing the weights by √d_k, after the softmax",
    explanation="Softmax has saturated by then, and the rows no longer sum to one.",
    hint="Add up a row of your weights. At which step should the scale come?",
)
def scaled_dot_product_attention(query, key, value):
    weights = scale_scores(softmax(dot_product_scores(query, key)), query)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "naive-softmax",
    title="softmax without taking off the maximum",
    explanation="Past 88 exp is infinite in float32, and infinity divided by infinity is NaN.",
    hint="What is exp(1000)? What did your softmax do about it?",
)
def scaled_dot_product_attention(query, key, value):
    exponentials = ops.exp(scale_scores(dot_product_scores(query, key), query))
    weights = exponentials / ops.sum(exponentials, axis=-1, keepdims=True)
    return ops.matmul(weights, value), weights


@EXERCISE.misconception(
    "scores-as-weights",
    title="returning the scores as weights",
    explanation="The output is right. What is returned beside it was not through the softmax.",
    hint="Do the rows of the second value that you return sum to one?",
)
def scaled_dot_product_attention(query, key, value):
    scores = scale_scores(dot_product_scores(query, key), query)
    return ops.matmul(softmax(scores), value), scores


@EXERCISE.variant
def scaled_dot_product_attention(query, key, value):
    scores = ops.einsum("...td,...sd->...ts", query, key) * query.shape[-1] ** -0.5
    weights = ops.softmax(scores, axis=-1)
    return ops.einsum("...ts,...sv->...tv", weights, value), weights


@EXERCISE.variant
def scaled_dot_product_attention(query, key, value):
    if len(query.shape) > 2:
        pairs = [
            scaled_dot_product_attention(query[i], key[i], value[i]) for i in range(query.shape[0])
        ]
        return ops.stack([output for output, _ in pairs]), ops.stack([w for _, w in pairs])
    rows = []
    for t in range(query.shape[0]):
        dots = [ops.sum(query[t] * key[s]) for s in range(key.shape[0])]
        rows.append(softmax(ops.stack(dots) / math.sqrt(query.shape[1])))
    outputs = [sum(row[s] * value[s] for s in range(key.shape[0])) for row in rows]
    return ops.stack(outputs), ops.stack(rows)


@EXERCISE.variant
def scaled_dot_product_attention(query, key, value):
    scaled_query = query / ops.sqrt(ops.cast(query.shape[-1], query.dtype))
    weights = softmax(dot_product_scores(scaled_query, key))
    return ops.matmul(weights, value), weights
