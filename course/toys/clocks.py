"""The position encoding in plain NumPy and float64, for pictures and toys: hands of a clock.

Pair `i` of the features is a hand that turns by `speeds(d_model)[i]` radians a position; column
`2i` is its sine and column `2i + 1` its cosine.
"""

import numpy as np


def speeds(d_model):
    """Return the angle by which each hand turns from one position to the next, `(d_model / 2,)`."""
    return 10000.0 ** (-2 * np.arange(d_model // 2) / d_model)


def table(length, d_model, start=0):
    """Return the encodings of `length` positions from `start` on, `(length, d_model)`."""
    angles = (start + np.arange(length))[:, None] * speeds(d_model)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, d_model)


def likeness(distances, d_model):
    """Return the dot product of two encodings that lie `distances` apart, wherever they lie."""
    return np.cos(np.asarray(distances)[..., None] * speeds(d_model)).sum(axis=-1)
