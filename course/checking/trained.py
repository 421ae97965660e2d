"""Judge a training by its weights: the right model writes unseen dates with them, by itself.

Nothing that a notebook printed counts, and no code of the file is run: it holds numbers. The judge
runs this on hidden days outside the kernel, `check` on other days in the notebook.
"""

import functools
import json
import math
import zlib
from pathlib import Path

import keras
import numpy as np

from course.checking import messages
from course.checking.verdict import CaseVerdict, Verdict
from course.data.dates import DATES
from course.training.exam import Exam, exact_match
from course.training.weights import WeightsError, load_weights, read_weights

BANDS = (0.50, 0.75, 0.90, 0.95, 0.99)  # exact match; each is worth the same part of the points
# With 2,000 dates, a model that is right in 99.5 % of all gets less than 99 % once in 600 times.
VISIBLE, HIDDEN = 1000, 2000
DEVICE = "cpu"  # as in every check: other devices multiply less exactly
WEAK = 0.5  # exact match below which the message tells what the model can do when it is told


def visible_pairs(task=DATES):
    """Return the pairs that `check` asks for, the same for everybody."""
    return task.draw("validation", VISIBLE, seed=2017)


def hidden_pairs(exercise, seed, task=DATES):
    """Return the pairs of a class, drawn from its seed."""
    rng = np.random.default_rng([seed, zlib.crc32(exercise.encode())])
    return task.draw("test", HIDDEN, rng)


def check_weights(exercise, points, path, transformer, texts):
    """Return the `Verdict` of `check`: a file that cannot be used is not right yet."""
    try:
        return judge_weights(exercise, points, path, transformer, visible_pairs(), texts["hints"])
    except WeightsError as error:
        message = messages.lines(f"{exercise}: unusable weights.", reason=str(error))
        return Verdict(exercise, "failed", 0.0, points, message, hints=list(texts["hints"]))


def judge_weights(exercise, points, path, transformer, pairs, hints, visible=True, task=DATES):
    """Return the `Verdict` on a file of weights.

    exercise: id.    points: float, all of them.    path: of the file.
    transformer: the class that the weights are put into, the right one.
    pairs: to be written.    hints: of the exercise.
    visible: whether this is a check, and no mark.
    Raises WeightsError for a file that cannot be used; one that is missing is not answered yet.
    """
    try:
        value = read_weights(path)
    except FileNotFoundError:
        return _missing(exercise, points, path, visible)
    if (value["task"], value["alphabet"]) != (task.name, task.characters.alphabet):
        raise WeightsError(
            f"The weights must be of the task `{task.name}` and its characters, in their order. "
            f"Received: those of `{value['task'][:40]}`"
        )
    exam = _exam(transformer, json.dumps(value["model"], sort_keys=True), task)
    load_weights(exam.model, value["weights"])
    with keras.device(DEVICE):
        answers = exam.answers(pairs)
        share = exact_match(answers, pairs.targets)
        told = exam.token_accuracy(pairs) if share < WEAK else None
    example = _example(pairs, answers) if visible else ""
    message = _message(exercise, task, len(pairs), share, told, example, hints)
    return _verdict(exercise, points, share, message, hints, visible)


@functools.lru_cache(maxsize=4)
def _exam(transformer, sizes, task):
    """An exam of the right model, compiled once for all files of the same sizes."""
    with keras.device(DEVICE):
        model = transformer(len(task.characters), **json.loads(sizes), dtype="float32")
        source, target = (None, task.source_length), (None, task.target_length - 1)
        model.build({"source": source, "target": target})
        return Exam(model, task)


def _verdict(exercise, points, share, message, hints, visible):
    worth = 0.0 if visible else points / len(BANDS)
    cases = [
        CaseVerdict(
            name=f"at least {100 * band:g} % exactly right",
            points=worth * (share >= band),
            max_points=worth,
            passed=share >= band,
            visible=visible,
            message="" if share >= band else f"received {_percent(share)}",
        )
        for band in BANDS
    ]
    passed = share >= BANDS[-1]
    return Verdict(
        exercise=exercise,
        status="passed" if passed else "failed",
        points=points if passed else round(sum(case.points for case in cases), 2),
        max_points=points,
        message=message,
        hints=[] if passed else list(hints),
        cases=cases,
    )


def _missing(exercise, points, path, visible):
    """No file: the training was not run, or what it left was not handed in."""
    worth = 0.0 if visible else points
    message = messages.lines(
        f"{exercise}: not answered yet.",
        reason=f"there is no `{Path(path).name}` beside the notebook",
        to_do="run the training to its end: it writes the file. Hand it in with the notebook.",
    )
    case = CaseVerdict("weights", 0.0, worth, False, visible, "not answered yet")
    return Verdict(exercise, "failed", 0.0, points, message, cases=[case])


def _message(exercise, task, count, share, told, example, hints):
    if share >= BANDS[-1]:
        return messages.passed(exercise)
    if told is not None:
        told = f"; {_percent(told)} of the tokens where all before them are told"
    return messages.lines(
        f"{exercise}: {_percent(share)} of {count:,} unseen {task.name} are exactly right.",
        expected=f"at least {100 * BANDS[-1]:g} %, written by the model alone",
        received=f"{_percent(share)}{told or ''}",
        example=example,
        hint=hints[0],
    )


def _example(pairs, answers):
    """The first pair that is wrong, in words."""
    return (
        next(
            f"“{source}” became {answer or 'nothing'}, not {target}"
            for source, target, answer in zip(pairs.sources, pairs.targets, answers, strict=True)
            if answer != target
        )
        if answers != pairs.targets
        else ""
    )


def _percent(share):
    """A share in per cent, never rounded up to a band that it does not reach."""
    return f"{math.floor(1000 * share) / 10:.1f} %"
