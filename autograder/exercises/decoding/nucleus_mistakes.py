"""Mistakes of `decoding.nucleus`, and its other right answers."""

from keras import ops

from autograder.exercises.decoding.nucleus import EXERCISE


@EXERCISE.misconception(
    "crossing-token-left-out",
    title="the token that crosses p left out",
    explanation="The set that is kept then has less than p. Where one token alone has more than p, "
    "nothing is left, and 0 divided by 0 is NaN.",
    hint="Do the tokens that you keep have probability p together, or less?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    if p == 1:
        return probabilities
    order = ops.argsort(-probabilities, axis=-1)
    sums = ops.cumsum(ops.take_along_axis(probabilities, order, axis=-1), axis=-1)
    sums = ops.take_along_axis(sums, ops.argsort(order, axis=-1), axis=-1)
    kept = ops.where(sums <= p, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "one-more-where-p-is-reached",
    title="another token where the sum is p already",
    explanation="The smallest set that has p is wanted. Where a sum equals p nothing more is "
    "needed.",
    hint="1/2 and 1/4 have 0.75 together. How many tokens does p = 0.75 need?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    order = ops.argsort(-probabilities, axis=-1)
    ordered = ops.take_along_axis(probabilities, order, axis=-1)
    before = ops.cumsum(ordered, axis=-1) - ordered
    before = ops.take_along_axis(before, ops.argsort(order, axis=-1), axis=-1)
    kept = ops.where(before <= p, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "not-renormalised",
    title="what is left does not sum to one",
    explanation="The tail was cut off and its share given to nobody. Whoever draws from that gets, "
    "now and then, no token at all.",
    hint="What do your probabilities sum to?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    if p == 1:
        return probabilities
    order = ops.argsort(-probabilities, axis=-1)
    ordered = ops.take_along_axis(probabilities, order, axis=-1)
    before = ops.cumsum(ordered, axis=-1) - ordered
    before = ops.take_along_axis(before, ops.argsort(order, axis=-1), axis=-1)
    return ops.where(before < p, probabilities, 0.0)


@EXERCISE.misconception(
    "not-sorted",
    title="summed in the order of the ids",
    explanation="The first tokens of the vocabulary are kept, not the likeliest ones.",
    hint="Does your set hold the likeliest token, wherever its id is?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    if p == 1:
        return probabilities
    before = ops.cumsum(probabilities, axis=-1) - probabilities
    kept = ops.where(before < p, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "least-likely-first",
    title="summed from the least likely on",
    explanation="argsort puts the smallest first. Summed from there, the set begins with the tail "
    "that was to be cut off.",
    hint="Which token stands first in your order?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    if p == 1:
        return probabilities
    order = ops.argsort(probabilities, axis=-1)
    ordered = ops.take_along_axis(probabilities, order, axis=-1)
    before = ops.cumsum(ordered, axis=-1) - ordered
    before = ops.take_along_axis(before, ops.argsort(order, axis=-1), axis=-1)
    kept = ops.where(before < p, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "order-not-undone",
    title="returned in sorted order",
    explanation="The numbers are right and belong to other tokens: whatever is likeliest became "
    "token 0.",
    hint="Which id has the largest of your probabilities, and which had it before?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    if p == 1:
        return probabilities
    ordered = -ops.sort(-probabilities, axis=-1)
    before = ops.cumsum(ordered, axis=-1) - ordered
    kept = ops.where(before < p, ordered, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "threshold-for-single-tokens",
    title="p compared with single probabilities",
    explanation="Tokens with less than 1 − p each are dropped. That is another method, with a "
    "fixed threshold, and what is kept may have any probability together.",
    hint="What must reach p: the probability of a token, or of the set?",
)
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    kept = ops.where(probabilities >= 1 - p, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.variant
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError("p is a probability above 0")
    size = probabilities.shape[-1]
    mine, other = probabilities[..., :, None], probabilities[..., None, :]
    lower_id = ops.arange(size)[None, :] < ops.arange(size)[:, None]
    ahead = ops.logical_or(other > mine, ops.logical_and(other == mine, lower_id))
    before = ops.sum(ops.where(ahead, other, 0.0), axis=-1)
    kept = probabilities * ops.cast(before < p - 1e-6, "float32")
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.variant
def keep_nucleus(probabilities, p):
    if not 0 < p <= 1:
        raise ValueError("p is a probability above 0")
    size = probabilities.shape[-1]
    ordered, tokens = ops.top_k(probabilities, size)
    enough = ops.cumsum(ordered, axis=-1) >= p - 1e-6
    count = ops.argmax(ops.cast(enough, "int32"), axis=-1) + 1
    inside = ops.arange(size) < ops.cast(count, "int32")[..., None]
    chosen = ops.one_hot(tokens, size) * ops.cast(inside, "float32")[..., None]
    kept = probabilities * ops.sum(chosen, axis=-2)
    return kept / ops.sum(kept, axis=-1, keepdims=True)
