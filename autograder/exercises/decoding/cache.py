"""`decoding.cache`: self-attention of new positions, with the keys and values of those before."""

import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from course.checking.standins import standin
from solutions import decoding_cache


def parts(rng, width, heads, source_width=None):
    """The four matrices of an attention over sequences of these widths."""
    source_width = source_width or width
    return standin(
        "attention_parts",
        query=normal(rng, width, width, scale=0.6),
        key=normal(rng, source_width, width, scale=0.6),
        value=normal(rng, source_width, width, scale=0.6),
        output=normal(rng, width, width, scale=0.6),
        num_heads=heads,
    )


LARGE = {"tolerance": 1e-4, "because": "rounding in float32, of numbers up to ten"}


def pair(rng, batch, positions, width, heads):
    """Drawn keys and values, `(B, H, positions, d_k)`."""
    shape = (batch, heads, positions, width // heads)
    return [normal(rng, *shape), normal(rng, *shape)]


def case(rng, name, sizes, before=0, **options):
    """sizes: `B`, `T`, `d_model`, `H`.    before: positions in the cache, `P`."""
    batch, length, width, heads = sizes
    args = [parts(rng, width, heads), normal(rng, batch, length, width)]
    if before:
        args.append(pair(rng, batch, before, width, heads))
    return Case(name, (Call(args),), **LARGE, **options)


def by_hand():
    """One head, queries of 0: each row is the mean of the values up to it."""
    eye = np.eye(2, dtype="float32")
    attention = standin(
        "attention_parts", query=0 * eye, key=eye, value=eye, output=eye, num_heads=1
    )
    x = np.array([[[6.0, 9.0]]], "float32")
    cache = [np.array([[[[2.0, 0.0], [4.0, 0.0]]]], "float32") for _ in range(2)]
    return Case(
        "by hand: the mean of three values, two of them cached", (Call([attention, x, cache]),)
    )


def visible():
    rng = np.random.default_rng(97)
    return [
        by_hand(),
        case(rng, "without a cache", (2, 5, 6, 3)),
        case(rng, "two positions after a cache of four", (3, 2, 8, 4), 4),
    ]


def hidden(rng):
    before = int(rng.integers(8, 14))
    return [
        case(rng, "without a cache", (2, 5, 12, 4)),
        case(rng, "three positions after a cache", (2, 3, 20, 5), before, points=2.0),
        case(rng, "as many new positions as cached ones", (2, 4, 12, 3), 4),
        case(rng, "more new positions than cached ones", (3, 6, 20, 4), 2),
        case(rng, "edge: one position after a cache", (3, 1, 12, 4), before, points=2.0),
        case(rng, "edge: a batch of one, and one head", (1, 3, 4, 1), before, points=0.5),
    ]


EXERCISE = Exercise(
    id="decoding.cache",
    title="Self-attention with a cache",
    kind="function",
    points=4,
    reference=decoding_cache.cached_self_attention,
    visible=visible,
    hidden=hidden,
    returns=("output", "cache"),
)
