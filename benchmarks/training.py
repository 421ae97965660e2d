"""How long the model of lesson 07 trains until it writes dates, and how long others do.

Three trainings of ours, each from another seed; then one of the same model in the layers that Keras
ships, and one in plain `torch.nn` where PyTorch is installed. All are given the same dates, as many
steps and the same learning rates, and end when the same exam is passed. Seconds count from the
drawing of the dates to the end; compilation and exams are among them.
"""

import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec

from benchmarks.report import Row, at_least, at_most, finish, processor_seconds
from course.quiet import load_keras

SEEDS = (0, 1, 2)
TEST = 2000  # dates of days that no training and no exam saw
SECONDS, EXACT = 120, 0.99  # targets: each of our trainings; every exact match
SLOWER = 1.5  # target: our median time over that of others


def measure():
    """Return the rows: seconds, processor seconds and exact match of each training."""
    from benchmarks.built_in import BuiltIn
    from solutions.transformer import Transformer

    rows, seconds = [], {}
    runs = {f"ours, seed {seed}": lambda s=seed: _in_keras(Transformer, s) for seed in SEEDS}
    runs["Keras' layers"] = lambda: _in_keras(BuiltIn, SEEDS[0])
    if find_spec("torch"):
        runs["torch.nn"] = _in_torch
    else:
        print("PyTorch is not installed: it is left out of the comparison.", file=sys.stderr)
    for name, run in runs.items():
        found = run()
        print(name, found, file=sys.stderr, flush=True)
        seconds[name] = found["seconds"]
        rows += _rows(name, found)
    ours = sorted(value for name, value in seconds.items() if name.startswith("ours"))
    median = ours[len(ours) // 2]
    for name in seconds.keys() & {"Keras' layers", "torch.nn"}:
        ratio = round(median / seconds[name], 2)
        rows.append(at_most(f"ours, median, over {name}", ratio, "times", SLOWER))
    return rows


def _in_keras(model_class, seed):
    """Train a Keras model and return its figures."""
    from course.data.dates import DATES
    from course.training.budget import BUDGETS
    from course.training.exam import Exam
    from course.training.run import train
    from solutions.training import PairBatches, fit

    start, before = time.perf_counter(), processor_seconds()
    model, _ = train(fit, model_class, PairBatches, budget=BUDGETS["CPU"], seed=seed, resume=False)
    return {
        "seconds": time.perf_counter() - start,
        "processor": processor_seconds() - before,
        "exact_match": Exam(model, DATES).exact_match(DATES.draw("test", TEST, seed=1)),
    }


def _in_torch():
    command = [sys.executable, "-m", "benchmarks.in_torch"]
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The training in PyTorch failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _rows(name, found):
    seconds = round(found["seconds"], 1)
    ours = name.startswith("ours")
    what = f"{name}: exact match on {TEST:,} unseen days"
    return [
        at_most(f"{name}: training", seconds, "s", SECONDS)
        if ours
        else Row(f"{name}: training", seconds, "s"),
        Row(f"{name}: processor time", round(found["processor"], 1), "s"),
        at_least(what, round(100 * found["exact_match"], 2), "%", 100 * EXACT),
    ]


if __name__ == "__main__":
    load_keras()
    finish("training", measure())
