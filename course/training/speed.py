"""How fast a training step is on this machine: in two precisions, with and without a compiler."""

import time

import keras
import numpy as np

from course.data.dates import DATES
from course.progress import Progress
from course.training.budget import choose_budget

STEPS = 10  # timed, after a first one that is timed by itself: it is traced and compiled
WAYS = {  # backend → precision of a step, and whether XLA compiles it
    "tensorflow": (("float32", False), ("float32", True), ("mixed_float16", False)),
    "jax": (("float32", True), ("mixed_float16", True)),
    "torch": (("float32", False), ("mixed_float16", False)),
}


def measure_speeds(transformer, budget=None, steps=STEPS):
    """Time training steps of one model; return a list of dicts for `plots.step_times`.

    transformer: class of the model.    budget: of its sizes; None chooses by the device.
    Each dict has `precision`, `compiled` (by XLA), `first` (seconds of the first step, in which the
    model is traced and compiled) and `step` (seconds of each further one).
    """
    budget = budget or choose_budget(say=lambda line: None)
    inputs, labels = _batch(budget.batch_size)
    ways = WAYS[keras.backend.backend()]
    found = []
    with Progress("Timing", total=len(ways)) as progress:
        for precision, compiled in ways:
            model = transformer(len(DATES.characters), **budget.sizes, dtype=precision)
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
            model.compile(keras.optimizers.Adam(1e-3), loss, jit_compile=compiled)
            seconds = [_seconds(model, inputs, labels) for _ in range(1 + steps)]
            found.append(
                {
                    "precision": precision,
                    "compiled": compiled,
                    "first": seconds[0],
                    "step": float(np.median(seconds[1:])),
                }
            )
            progress.advance(note=f"{1000 * found[-1]['step']:.0f} ms a step")
    return found


def _seconds(model, inputs, labels):
    start = time.perf_counter()
    float(model.train_on_batch(inputs, labels))  # waits for the result
    return time.perf_counter() - start


def _batch(size):
    """Ids drawn at random: time does not depend on them."""
    rng = np.random.default_rng(0)
    source = rng.integers(4, len(DATES.characters), (size, DATES.source_length), "int32")
    target = rng.integers(4, len(DATES.characters), (size, DATES.target_length), "int32")
    return {"source": source, "target": target[:, :-1]}, target[:, 1:]
