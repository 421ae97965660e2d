"""How long the model of lesson 07 trains until it writes dates, and how long others do.

Three trainings of ours, each from another seed; then one of the same model in the layers that Keras
ships, and one in plain `torch.nn` where PyTorch is installed. All are given the same dates, as many
steps and the same learning rates, and end when the same exam is passed. Seconds count from the
drawing of the dates to the end; compilation and exams are among them.
"""

import resource
import sys
import time
from importlib.util import find_spec

from benchmarks.report import Row, at_least, at_most, finish
from course.quiet import load_keras

SEEDS = (0, 1, 2)
TEST = 2000  # dates of days that no training and no exam saw
SECONDS, EXACT = 120, 0.99  # targets: each of the trainings
SLOWER = 1.5  # target: our median time over that of others


def measure():
    """Return the rows: seconds, processor seconds and exact match of each training."""
    from benchmarks.built_in import BuiltIn
    from course.training.budget import choose_budget
    from solutions.transformer import Transformer

    budget = choose_budget(say=lambda line: print(line, file=sys.stderr))
    rows, ours = [], []
    for seed in SEEDS:
        found, seconds = _rows(f"ours, seed {seed}", _in_keras(Transformer, budget, seed), True)
        rows += found
        ours.append(seconds)
    others = {"Keras' layers": _in_keras(BuiltIn, budget, 0)}
    if find_spec("torch"):
        from benchmarks import in_torch

        others["torch.nn"] = lambda: in_torch.train(budget, 0)
    else:
        print("PyTorch is not installed: it is left out of the comparison.", file=sys.stderr)
    median = sorted(ours)[len(ours) // 2]
    for name, run in others.items():
        found, seconds = _rows(name, run, False)
        rows += [*found, at_most(f"ours over {name}", round(median / seconds, 2), "times", SLOWER)]
    return rows


def _in_keras(model_class, budget, seed):
    """A training of a Keras model; it returns the function that takes the exam."""
    from course.data.dates import DATES
    from course.training.exam import Exam
    from course.training.run import train
    from solutions.training import PairBatches, fit

    def run():
        model, _ = train(fit, model_class, PairBatches, DATES, budget, seed, resume=False)
        return Exam(model, DATES).exact_match

    return run


def _rows(name, run, ours):
    """Run one training; return its rows and its seconds."""
    from course.data.dates import DATES

    start, before = time.perf_counter(), _processor_seconds()
    exam = run()
    seconds, used = time.perf_counter() - start, _processor_seconds() - before
    share = exam(DATES.draw("test", TEST, seed=1))
    what = f"{name}: exact match on {TEST:,} unseen days"
    return [
        at_most(f"{name}: training", round(seconds, 1), "s", SECONDS)
        if ours
        else Row(f"{name}: training", round(seconds, 1), "s"),
        Row(f"{name}: processor time", round(used, 1), "s"),
        at_least(what, round(100 * share, 2), "%", 100 * EXACT),
    ], seconds


def _processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    load_keras()
    finish("training", measure())
