"""Models and distributions for the cases of lesson 09, drawn from the seed."""

from itertools import pairwise

import numpy as np

from autograder.exercises.inputs import normal
from course.checking.standins import standin
from solutions.embedding import END, START, UNK

STEERED = 9.0  # added to the logit of a planned token: far more than drawn ones differ


def planned(rng, lengths, size, memory=0.25):
    """A model in which greedy writing from START gives each row a text of a planned length.

    lengths: for each row the tokens up to END and with it; no token occurs twice.
    size: V, tokens of the vocabulary; every length must be below it by 3.
    """
    tables = normal(rng, len(lengths), size, size)
    for table, length in zip(tables, lengths, strict=True):
        tokens = UNK + rng.permutation(size - UNK)[: length - 1]
        path = [START, *tokens.tolist(), END]
        for before, after in pairwise(path):
            table[before, after] += STEERED
    return standin("table_model", table=tables, memory=memory)


def endless(rng, rows, size):
    """A model that never writes END, and for which old tokens count nearly as much as new ones.

    It shuns the tokens that it has just written, so that it goes round in no circle in which the
    last token alone says what is next.
    """
    tables = normal(rng, rows, size, size, scale=2.0)
    tables -= 20.0 * np.eye(size, dtype="float32")
    tables[..., END] -= 40.0
    return standin("table_model", table=tables, memory=0.9)


def shares(rng, *shape):
    """Probabilities that sum to one over the last axis, no two of a row alike."""
    size = shape[-1]
    weights = 1 + rng.random((*shape[:-1], 4 * size)).argsort(axis=-1)[..., :size]
    return (weights / weights.sum(axis=-1, keepdims=True)).astype("float32")


def between_sums(rng, probabilities, low, high):
    """A p in (low, high), to two decimals, that no sum of likeliest tokens comes close to."""
    sums = np.cumsum(np.sort(probabilities, axis=-1)[..., ::-1], axis=-1)
    free = [p for p in np.arange(low, high, 0.01).round(2) if np.abs(sums - p).min() > 1e-3]
    return float(rng.choice(free))
