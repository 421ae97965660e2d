"""How long one more token takes, with a cache and without, after more and more tokens."""

import time
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from course.progress import Progress
from course.training.missing import tell_missing

BATCH, SOURCE = 4, 32  # rows, tokens of the source
PLACES = (1, 32, 64, 128, 192, 256)  # tokens written before the one that is timed
SIZES = {"d_model": 128, "num_layers": 2, "num_heads": 4, "hidden_dim": 256}
VOCABULARY = 100
REPEATS = 5  # of which the median counts


@dataclass(frozen=True)
class Pace:
    """places: tokens written so far.    plain, cached: seconds of the next one.
    difference: the largest between the logits of both ways.
    """

    places: list
    plain: list
    cached: list
    difference: float


def measure_pace(transformer, places=PLACES, repeats=REPEATS):
    """Time one more token both ways; return a `Pace`, or None where a part is not answered yet.

    transformer: a class with `encode`, `decode` and `decode_step`, such as your
        `CachedTransformer`. Its weights are drawn at random: time does not depend on them.
    """
    keras.utils.set_random_seed(0)
    model = transformer(VOCABULARY, **SIZES)
    rng = np.random.default_rng(0)
    source, target = (
        ops.convert_to_tensor(rng.integers(4, VOCABULARY, (BATCH, length)), "int32")
        for length in (SOURCE, max(places) + 1)
    )
    model.build({"source": source.shape, "target": target.shape})
    encoded = model.encode(source)
    found = []
    try:
        with Progress("Timing", total=len(places)) as progress:
            for place in places:
                found.append(_both(model, target[:, : place + 1], encoded, source, repeats))
                progress.advance(note=f"after {place} tokens")
    except NotImplementedError as error:
        tell_missing(error, "timed")
        return None
    plain, cached, differences = zip(*found, strict=True)
    return Pace(list(places), list(plain), list(cached), max(differences))


def _both(model, target, encoded, source, repeats):
    """Seconds without a cache, seconds with one, and how far the logits are apart."""
    _, cache = model.decode_step(target[:, :-1], encoded, source)
    plain, whole = _seconds(repeats, lambda: model.decode(target, encoded, source)[:, -1])
    cached, step = _seconds(
        repeats, lambda: model.decode_step(target[:, -1:], encoded, source, cache)[0][:, -1]
    )
    return plain, cached, float(np.max(np.abs(whole - step)))


def _seconds(repeats, call):
    result, seconds = ops.convert_to_numpy(call()), []  # the first call is slower
    for _ in range(repeats):
        start = time.perf_counter()
        ops.convert_to_numpy(call())  # waits for the result
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), result
