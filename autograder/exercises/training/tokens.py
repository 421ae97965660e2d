"""Ids and logits for the cases of lesson 08."""

import numpy as np

from autograder.exercises.inputs import normal
from solutions.embedding import END, PAD, START


def padded_targets(rng, batch, length, vocabulary_size, full=True):
    """Draw ids `(B, T)` int32: START, tokens, END, padding; of unequal lengths.

    full: whether one of the rows has no padding.
    """
    ids = np.full((batch, length), PAD, "int32")
    room = length - 2 - (not full)  # for tokens of the longest row
    sizes = np.sort(rng.choice(np.arange(1, room + 1), batch, replace=batch > room))
    sizes[-1] = room
    for row, size in zip(ids, rng.permutation(sizes), strict=True):
        row[: size + 2] = [START, *rng.integers(END + 1, vocabulary_size, size), END]
    return ids


def scored(rng, batch, length, vocabulary_size, scale=2.0):
    """Draw labels `(B, T)` int32, of unequal lengths, and logits `(B, T, V)` for them."""
    ids = padded_targets(rng, batch, length + 1, vocabulary_size)
    return ids[:, 1:], normal(rng, batch, length, vocabulary_size, scale=scale)
