"""`training.fit`: a Transformer writes dates that it has not seen, each by itself."""

import functools
import math

from course.checking.trained_form import Finding, Training
from course.data.dates import DATES
from course.training.exam import Exam, exact_match
from course.training.kinds import TRANSFORMER

BANDS = {"50 %": 0.50, "75 %": 0.75, "90 %": 0.90, "95 %": 0.95, "99 %": 0.99}  # exact match
# With 2,000 dates, a model that is right in 99.5 % of all gets less than 99 % once in 600 times.
VISIBLE, HIDDEN = 1000, 2000
WEAK = 0.5  # exact match below which the message tells what the model can do when it is told


def visible_pairs():
    """Return the pairs that `check` asks for, the same for everybody."""
    return DATES.draw("validation", VISIBLE, seed=2017)


def hidden_pairs(rng):
    """Return pairs of a class."""
    return DATES.draw("test", HIDDEN, rng)


def _right_model(own=None):
    from course.given import Transformer

    return Transformer


def _build(transformer, sizes):
    """A model, and an exam of it that is compiled once for all files of the same sizes."""
    model = transformer(len(DATES.characters), **sizes, dtype="float32")
    source, target = (None, DATES.source_length), (None, DATES.target_length - 1)
    model.build({"source": source, "target": target})
    return model, functools.partial(_examine, Exam(model, DATES))


def _examine(exam, pairs, visible):
    answers = exam.answers(pairs)
    share = exact_match(answers, pairs.targets)
    told = ""
    if share < WEAK:
        told = (
            f"; {_percent(exam.token_accuracy(pairs))} of the tokens where all before them are told"
        )
    return Finding(
        reached={f"at least {said} exactly right": share >= band for said, band in BANDS.items()},
        received=_percent(share),
        first=f"{_percent(share)} of {len(pairs):,} unseen {DATES.name} are exactly right.",
        facts={
            "expected": f"at least {[*BANDS][-1]}, written by the model alone",
            "received": _percent(share) + told,
            "example": _example(pairs, answers) if visible else "",
        },
    )


def _example(pairs, answers):
    """The first pair that is wrong, in words."""
    return next(
        (
            f"“{source}” became {answer or 'nothing'}, not {target}"
            for source, target, answer in zip(pairs.sources, pairs.targets, answers, strict=True)
            if answer != target
        ),
        "",
    )


def _percent(share):
    """A share in per cent, never rounded up to a band that it does not reach."""
    return f"{math.floor(1000 * share) / 10:.1f} %"


TRAINING = Training(
    task=DATES,
    kind=TRANSFORMER,
    bands=BANDS,
    right_model=_right_model,
    visible=visible_pairs,
    hidden=hidden_pairs,
    build=_build,
)
