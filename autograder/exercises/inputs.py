"""Random inputs for cases: short decimals, so that a reader can copy and redo them."""

import numpy as np


def normal(rng, *shape, scale=1.0):
    """Return float32 draws from a normal distribution with mean 0, rounded to three decimals."""
    return np.round(rng.normal(0.0, scale, shape), 3).astype("float32")
