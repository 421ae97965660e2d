"""The sums behind the pictures, in NumPy."""

import numpy as np


def softmax(scores):
    """Return weights that sum to one over the last axis. scores: `(..., S)`."""
    exponentials = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return exponentials / np.sum(exponentials, axis=-1, keepdims=True)


def entropy(weights):
    """Return the entropy of each row of weights, in bits. weights: `(..., S)`; returns `(...)`."""
    logarithms = np.log2(weights, out=np.zeros_like(weights), where=weights > 0)
    return -np.sum(weights * logarithms, axis=-1)
