"""What training shows of each mistake of the failure gallery: every variant, trained on the dates.

`--only NAME` measures one variant and the right model. Each is trained by the recipe of lesson 08
from one seed, so that a difference of one per cent means nothing.
"""

import sys
from itertools import pairwise

from benchmarks.report import Row, at_least, at_most, finish
from course.quiet import load_keras

TOLD, ALONE = 99.0, 1.0  # %: what leaks finds at least so many tokens, and writes at most so much
NEAR, FAR = (
    3.0,
    30.0,
)  # points of exact match: what is invisible loses at most, what is weak at least
SECONDS = 120


def measure(names):
    """Return three rows a variant: tokens, exact match, seconds."""
    from course.gallery import BUGS
    from course.gallery import measure as train
    from solutions.training import PairBatches, fit
    from solutions.transformer import Transformer

    rows, best = [], None
    for name in dict.fromkeys(["right", *(names or BUGS)]):
        result = train(name, fit, Transformer, PairBatches)
        print(result, file=sys.stderr, flush=True)
        alone = round(100 * result.exact_match, 2)
        best = alone if best is None else best
        rows += _rows(result, round(100 * result.token_accuracy, 2), alone, best)
    return rows


def _rows(result, told, alone, best):
    group, name = result.bug.group, result.bug.id
    tokens, exact = f"{name}: tokens, told those before", f"{name}: exact match ({group})"
    leaks = group == "leaking"
    target = {
        "right": lambda: at_least(exact, alone, "%", TOLD),
        "invisible": lambda: at_least(exact, alone, "%", round(best - NEAR, 2)),
        "leaking": lambda: at_most(exact, alone, "%", ALONE),
        "weaker": lambda: at_most(exact, alone, "%", round(best - FAR, 2)),
    }
    return [
        at_least(tokens, told, "%", TOLD) if leaks else Row(tokens, told, "%"),
        target[group](),
        at_most(f"{name}: training", round(result.seconds, 1), "s", SECONDS),
    ]


def _names(arguments):
    return [name for flag, name in pairwise(arguments) if flag == "--only"]


if __name__ == "__main__":
    load_keras()
    finish("gallery", measure(_names(sys.argv[1:])))
