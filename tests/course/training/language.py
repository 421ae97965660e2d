"""A decoder that somebody trained on the documentation, and files of it that are worth less."""

from pathlib import Path

import numpy as np

from course.checking.values import pack
from course.training.kinds import DECODER
from course.training.weights import read_weights

RIGHT = Path(__file__).parent / "fixtures" / "language.npz"  # far below the unigram entropy


def shaken(path, strength):
    """Write the trained weights with each changed by some share of itself."""
    value, rng = read_weights(RIGHT, DECODER), np.random.default_rng(0)
    weights = {
        name: (array * (1 + strength * rng.standard_normal(array.shape))).astype("float16")
        for name, array in value["weights"].items()
    }
    path.write_bytes(pack({**value, "weights": weights}))
    return path


def changed(path, **change):
    """Write the trained weights with a part of the file changed."""
    path.write_bytes(pack({**read_weights(RIGHT, DECODER), **change}))
    return path
