"""What a language model thinks of a text: nats a piece, and what its mistakes look like.

A row of windows holds one piece before what the model reads, and two behind it: the model is asked
at every place for the next piece, and its answer compared with the others nearby as well. A model
that was trained on the wrong labels is good at one of those.
"""

from dataclasses import dataclass

import numpy as np
from keras import ops

from course.data.pydoc_text import unigram_entropy

LENGTH = 64  # pieces that a model reads at once
BATCH = 64  # windows at a time
PLACES = {"before": -1, "given": 0, "next": 1, "second": 2}  # of a piece that is asked for


@dataclass(frozen=True)
class Nats:
    """What was measured of a model on some windows, all in nats a piece.

    before, given, next, second: mean of −ln p, p being the chance that the model gives to the piece
        before the one it reads last, to that one, to the next, and to the one after the next.
    entropy: of the model's own chances, on average: how unsure it is.
    used: how much its chances at a place differ from their average, by entropy: 0 for a model that
        looks at nothing.
    unigram: entropy of the pieces that were asked for.
    """

    before: float
    given: float
    next: float
    second: float
    entropy: float
    used: float
    unigram: float

    @property
    def below(self):
        """How far the loss lies below the unigram entropy: what was learned from context."""
        return self.unigram - self.next


def cut(ids, length=LENGTH):
    """Return a text as windows `(rows, length + 3)`, read one behind the other."""
    return _windows(ids, np.arange(1, len(ids) - length - 1, length), length)


def draw(ids, count, rng, length=LENGTH):
    """Return `count` windows `(count, length + 3)` from anywhere in a text."""
    return _windows(ids, rng.integers(1, len(ids) - length - 1, count), length)


def measure(layer, windows):
    """Return the `Nats` of a model on windows.

    layer: called with ids `(B, T)`; returns logits `(B, T, V)`, or a tuple that begins with them.
    """
    read, spots = windows[:, 1:-2], range(1, windows.shape[1] - 2)
    sums, entropy, mean = dict.fromkeys(PLACES, 0.0), 0.0, 0.0
    for start in range(0, len(windows), BATCH):
        rows = windows[start : start + BATCH]
        log_p = log_chances(layer, read[start : start + BATCH])
        p = np.exp(log_p)
        entropy -= np.sum(p * log_p)
        mean = mean + p.sum((0, 1))
        for name, step in PLACES.items():
            asked = rows[:, [spot + step for spot in spots], None]
            sums[name] -= np.take_along_axis(log_p, asked, axis=-1).sum()
    entropy, mean = entropy / read.size, mean / read.size
    return Nats(
        **{name: float(total / read.size) for name, total in sums.items()},
        entropy=float(entropy),
        used=float(-np.sum(mean * np.log(np.maximum(mean, 1e-300))) - entropy),
        unigram=unigram_entropy(windows[:, 2:-1].reshape(-1)),
    )


def log_chances(layer, ids):
    """Return ln p of every piece at every place, `(B, T, V)` in float64."""
    scores = ops.convert_to_numpy(logits_of(layer(ops.convert_to_tensor(ids, "int32"))))
    scores = scores.astype("float64")
    scores -= scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def logits_of(answer):
    """Return the logits of what a language model returned, with a cache or without."""
    return answer[0] if isinstance(answer, tuple | list) else answer


def _windows(ids, starts, length):
    return ids[np.reshape(starts, (-1, 1)) + np.arange(-1, length + 2)]
