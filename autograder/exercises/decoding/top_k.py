"""`decoding.top_k`: the k likeliest tokens, and nothing else."""

import numpy as np
from keras import ops

from autograder.exercises.decoding.models import shares
from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import decoding

HAND = np.array([0.125, 0.5, 0.125, 0.25], "float32")


def case(name, probabilities, k, **options):
    return Case(name, (Call([probabilities], {"k": k}),), **options)


def drawn(rng, name, *shape, k, **options):
    return case(name, shares(rng, *shape), k, **options)


def tied(rng, name, size, k):
    """Three tokens share place k; at least one of them must go."""
    weights = np.arange(size, 0, -1.0)
    weights[k - 1 : k + 2] = weights[k]
    weights = np.stack([rng.permutation(weights) for _ in range(3)])
    return case(name, (weights / weights.sum(axis=-1, keepdims=True)).astype("float32"), k)


def visible():
    rng = np.random.default_rng(94)
    return [
        case("by hand: 1/2 and 1/4 become 2/3 and 1/3", HAND, 2),
        case("by hand: of two equal tokens the lower id stays", HAND, 3),
        drawn(rng, "a batch", 3, 7, k=4),
        case("k = 0 raises ValueError", HAND, 0, raises=True),
    ]


def hidden(rng):
    k = int(rng.integers(3, 6))
    return [
        drawn(rng, "a batch", 4, 9, k=k, points=2.0),
        drawn(rng, "positions in a batch", 2, 5, 8, k=k),
        drawn(rng, "k = 1", 3, 6, k=1),
        drawn(rng, "more than there are", 3, 7, k=7 + k, points=0.5),
        tied(rng, "equal tokens at the border", 8, 4),
        drawn(rng, "edge: a single distribution", 10, k=k),
        drawn(rng, "k = 0 raises ValueError", 3, 7, k=0, points=0.3, raises=True),
    ]


EXERCISE = Exercise(
    id="decoding.top_k",
    title="Top-k",
    kind="function",
    points=2,
    reference=decoding.keep_top_k,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "not-renormalised",
    title="what is left does not sum to one",
    explanation="The other tokens were set to 0 and their share given to nobody. Whoever draws "
    "from that gets, now and then, no token at all.",
    hint="What do your probabilities sum to?",
)
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    ranks = ops.argsort(ops.argsort(-probabilities, axis=-1), axis=-1)
    return ops.where(ranks < k, probabilities, 0.0)


@EXERCISE.misconception(
    "ties-all-kept",
    title="every token as likely as the k-th kept",
    explanation="A threshold at the k-th probability keeps all tokens that share it, and there "
    "may be more than k. Some libraries do so; in float16, where few numbers exist, it is no "
    "rare case.",
    hint="With 1/2, 1/4, 1/8, 1/8 and k = 3, how many tokens do you keep?",
)
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    least = ops.top_k(probabilities, min(k, probabilities.shape[-1]))[0][..., -1:]
    kept = ops.where(probabilities >= least, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "one-too-many",
    title="k + 1 tokens kept",
    explanation="Places count from 0: the first k are 0 to k − 1.",
    hint="With k = 1, how many of your probabilities are above 0?",
)
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    ranks = ops.argsort(ops.argsort(-probabilities, axis=-1), axis=-1)
    kept = ops.where(ranks <= k, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "k-th-left-out",
    title="the k-th token left out",
    explanation="Only what is likelier than the k-th is kept. With k = 1 nothing is left, and 0 "
    "divided by 0 is NaN.",
    hint="With k = 1, which token is kept?",
)
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    least = ops.top_k(probabilities, min(k, probabilities.shape[-1]))[0][..., -1:]
    kept = ops.where(probabilities > least, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "softmax-again",
    title="renormalised by a softmax",
    explanation="Softmax is for logits. Of probabilities it makes others, nearly alike, and gives "
    "a share to those that were set to 0: exp(0) is 1.",
    hint="What does softmax make of a probability of 0?",
)
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    ranks = ops.argsort(ops.argsort(-probabilities, axis=-1), axis=-1)
    return ops.softmax(ops.where(ranks < k, probabilities, 0.0))


@EXERCISE.misconception(
    "order-taken-for-ranks",
    title="sorted only once",
    explanation="argsort says which token stands at each place. Which place a token has is the "
    "argsort of that.",
    hint="argsort gives 3, 0, 1, 2. At which place does token 3 stand, and what is entry 3?",
)
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    ranks = ops.argsort(-probabilities, axis=-1)
    kept = ops.where(ranks < k, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


@EXERCISE.variant
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError("k must be 1 at least")
    size = probabilities.shape[-1]
    order = ops.argsort(-probabilities, axis=-1)[..., : min(k, size)]
    chosen = ops.sum(ops.one_hot(order, size), axis=-2)
    return probabilities * chosen / ops.sum(probabilities * chosen, axis=-1, keepdims=True)


@EXERCISE.variant
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError("k must be 1 at least")
    size = probabilities.shape[-1]
    mine, other = probabilities[..., :, None], probabilities[..., None, :]
    lower_id = ops.arange(size)[None, :] < ops.arange(size)[:, None]
    ahead = ops.logical_or(other > mine, ops.logical_and(other == mine, lower_id))
    few = ops.sum(ops.cast(ahead, "int32"), axis=-1) < k
    kept = ops.cast(few, "float32") * probabilities
    return ops.divide(kept, ops.sum(kept, axis=-1, keepdims=True))
