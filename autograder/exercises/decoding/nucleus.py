"""`decoding.nucleus`: the smallest set of likeliest tokens that has probability p."""

import numpy as np

from autograder.exercises.decoding.models import between_sums, shares
from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import decoding

HAND = np.array([0.125, 0.5, 0.125, 0.25], "float32")


def case(name, probabilities, p, **options):
    return Case(name, (Call([probabilities], {"p": p}),), **options)


def drawn(rng, name, *shape, low, high, **options):
    probabilities = shares(rng, *shape)
    return case(name, probabilities, between_sums(rng, probabilities, low, high), **options)


def sure(rng, name, rows, size):
    """One token has more than p by itself."""
    probabilities = 0.3 * shares(rng, rows, size)
    probabilities[np.arange(rows), rng.integers(0, size, rows)] += 0.7
    return case(name, probabilities, round(float(rng.uniform(0.3, 0.6)), 2))


def everything(rng, name, rows, size):
    """Some tokens have probability 0; p = 1 keeps what there is."""
    return case(name, shares(rng, rows, size), 1.0, points=0.5)


def visible():
    rng = np.random.default_rng(95)
    return [
        case("by hand: 1/2 is short of 0.6, and 1/4 crosses it", HAND, 0.6),
        case("by hand: 1/2 + 1/4 is 0.75, which is enough", HAND, 0.75),
        drawn(rng, "a batch", 3, 7, low=0.5, high=0.8),
        case("p = 0 raises ValueError", HAND, 0.0, raises=True),
    ]


def exact(rng, name):
    """Powers of two in any order, whose sums reach p exactly."""
    probabilities = np.array([0.5, 0.25, 0.125, 0.0625, 0.0625], "float32")
    order = np.stack([rng.permutation(5) for _ in range(3)])
    return case(name, probabilities[order], float(rng.choice([0.5, 0.75, 0.875])))


def hidden(rng):
    return [
        drawn(rng, "a batch", 4, 9, low=0.5, high=0.9, points=2.0),
        drawn(rng, "positions in a batch", 2, 5, 8, low=0.4, high=0.8),
        sure(rng, "one token has more than p", 3, 7),
        exact(rng, "sums that reach p exactly"),
        everything(rng, "p = 1 keeps everything", 3, 8),
        drawn(rng, "edge: a single distribution", 11, low=0.6, high=0.9),
        case("p above 1 raises ValueError", shares(rng, 3, 7), 1.5, points=0.3, raises=True),
    ]


EXERCISE = Exercise(
    id="decoding.nucleus",
    title="Nucleus sampling",
    kind="function",
    points=3,
    reference=decoding.keep_nucleus,
    visible=visible,
    hidden=hidden,
)
