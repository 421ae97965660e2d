"""Models that somebody trained, and files of their weights that are worth less."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course.checking.values import pack
from course.training.kinds import DECODER, TRANSFORMER, Kind
from course.training.weights import read_weights

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Trained:
    """right: Path of weights that get full points.    kind: of the model that they are of."""

    right: Path
    kind: Kind

    def shaken(self, path, strength):
        """Write the trained weights with each changed by some share of itself."""
        value, rng = read_weights(self.right, self.kind), np.random.default_rng(0)
        weights = {
            name: (array * (1 + strength * rng.standard_normal(array.shape))).astype("float16")
            for name, array in value["weights"].items()
        }
        path.write_bytes(pack({**value, "weights": weights}))
        return path

    def changed(self, path, **change):
        """Write the trained weights with a part of the file changed."""
        path.write_bytes(pack({**read_weights(self.right, self.kind), **change}))
        return path


DATES = Trained(FIXTURES / "dates.npz", TRANSFORMER)  # more than 99 % of unseen dates
LANGUAGE = Trained(FIXTURES / "language.npz", DECODER)  # far below the unigram entropy
