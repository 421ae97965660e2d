"""`decoding.sample`: from a distribution and a random number to a token."""

import numpy as np
from keras import ops

from autograder.exercises.decoding.models import shares
from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import decoding

HAND = np.array([[0.5, 0.25, 0.25]] * 5, "float32")
BORDERS = np.array([0.0, 0.375, 0.5, 0.625, 0.75], "float32")


def case(name, probabilities, uniform, **options):
    call = Call([probabilities, uniform])
    return Case(name, (call,), tolerance=EXACT, because="ids are whole numbers", **options)


def inside(rng, probabilities):
    """Random numbers, each well inside the part of [0, 1) of some token."""
    sums = np.cumsum(probabilities, axis=-1)
    tokens = rng.integers(0, probabilities.shape[-1], (*probabilities.shape[:-1], 1))
    width = np.take_along_axis(probabilities, tokens, axis=-1)
    below = np.take_along_axis(sums, tokens, axis=-1) - width
    return (below + width * rng.uniform(0.2, 0.8, width.shape))[..., 0].astype("float32")


def drawn(rng, name, *shape, **options):
    probabilities = shares(rng, *shape)
    return case(name, probabilities, inside(rng, probabilities), **options)


def impossible(rng, name, rows, size):
    """The first tokens have probability 0, and the random number is 0."""
    probabilities = np.zeros((rows, size), "float32")
    for row in probabilities:
        zeros = int(rng.integers(1, size - 2))
        row[zeros:] = shares(rng, size - zeros)
    return case(name, probabilities, np.zeros(rows, "float32"))


def visible():
    rng = np.random.default_rng(93)
    return [
        case("by hand: 1/2, 1/4, 1/4, and numbers on the borders", HAND, BORDERS),
        drawn(rng, "a batch", 6, 9),
        impossible(rng, "tokens of probability 0 are never picked", 3, 7),
    ]


def hidden(rng):
    return [
        drawn(rng, "a batch", 12, 8, points=2.0),
        drawn(rng, "positions in a batch", 3, 5, 7),
        impossible(rng, "tokens of probability 0 are never picked", 4, 9),
        drawn(rng, "many tokens", 20, 40),
        drawn(rng, "edge: a single distribution", 11),
    ]


EXERCISE = Exercise(
    id="decoding.sample",
    title="Drawing a token",
    kind="function",
    points=2,
    reference=decoding.pick_tokens,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "likeliest-picked",
    title="the likeliest token, whatever the random number",
    explanation="That is greedy decoding. Drawing gives each token its turn, as often as its "
    "probability says.",
    hint="If another random number comes in, which of your tokens changes?",
)
def pick_tokens(probabilities, uniform):
    return ops.argmax(probabilities, axis=-1)


@EXERCISE.misconception(
    "border-counted-below",
    title="a sum that equals the number is enough",
    explanation="The first token has the numbers from 0 up to p₀, and p₀ itself belongs to the "
    "next. Counted the other way, a 0 picks the first token even where its probability is 0.",
    hint="The first token has probability 0, and so has its sum. Which token does a 0 pick?",
)
def pick_tokens(probabilities, uniform):
    sums = ops.cumsum(probabilities, axis=-1)
    return ops.sum(ops.cast(sums < uniform[..., None], "int32"), axis=-1)


@EXERCISE.misconception(
    "one-token-too-far",
    title="the token behind the right one",
    explanation="As many tokens have a sum that does not exceed the number, and ids count from 0: "
    "the count is the id, without adding one.",
    hint="If no sum is at or below the number, which id is that?",
)
def pick_tokens(probabilities, uniform):
    sums = ops.cumsum(probabilities, axis=-1)
    return ops.sum(ops.cast(sums <= uniform[..., None], "int32"), axis=-1) + 1


@EXERCISE.misconception(
    "probabilities-not-summed",
    title="single probabilities compared with the number",
    explanation="The first token whose own probability exceeds the number: where none does, the "
    "first one is taken, and likely tokens are picked too often.",
    hint="Three tokens with 1/3 each: which of yours can ever be picked?",
)
def pick_tokens(probabilities, uniform):
    above = ops.cast(probabilities > uniform[..., None], "int32")
    return ops.argmax(above, axis=-1)


@EXERCISE.misconception(
    "every-token-alike",
    title="the interval cut into equal parts",
    explanation="The number is multiplied by V and rounded down. Every token is as likely as any "
    "other: what the model knows is not used.",
    hint="Where do the probabilities occur in your answer?",
)
def pick_tokens(probabilities, uniform):
    return ops.cast(ops.floor(uniform * probabilities.shape[-1]), "int32")


@EXERCISE.misconception(
    "likeliest-first",
    title="the place in sorted order returned",
    explanation="Summing from the likeliest on is fine, but then the place must be turned back "
    "into the id of the token that stands there.",
    hint="Token 7 is the likeliest and stands first in your order. Do you return 7 or 0?",
)
def pick_tokens(probabilities, uniform):
    sums = ops.cumsum(-ops.sort(-probabilities, axis=-1), axis=-1)
    return ops.sum(ops.cast(sums <= uniform[..., None], "int32"), axis=-1)


@EXERCISE.variant
def pick_tokens(probabilities, uniform):
    sums = ops.cumsum(probabilities, axis=-1)
    return ops.argmax(ops.cast(sums > ops.expand_dims(uniform, -1), "int32"), axis=-1)


@EXERCISE.variant
def pick_tokens(probabilities, uniform):
    left = ops.convert_to_tensor(uniform)
    tokens = ops.zeros_like(ops.cast(uniform, "int32"))
    going = ops.ones_like(ops.cast(uniform, "bool"))
    for v in range(probabilities.shape[-1] - 1):
        left = left - probabilities[..., v]
        going = ops.logical_and(going, left >= 0)
        tokens = tokens + ops.cast(going, "int32")
    return tokens
