"""Judge a training by its weights: what the right model can do with them on what is unseen.

Nothing that a notebook printed counts, and no code of the file is run: it holds numbers. The judge
runs this outside the kernel on what a class's seed draws, `check` on other things in the notebook.
"""

import functools
import json
import zlib
from pathlib import Path

import keras
import numpy as np

from course.checking import messages, trained_dates, trained_language
from course.checking.judge import hints_of, titled
from course.checking.verdict import CaseVerdict, Verdict
from course.training.weights import WeightsError, load_weights, read_weights

TRAININGS = {
    "training.fit": trained_dates.TRAINING,
    "modern.language_model": trained_language.TRAINING,
}
DEVICE = "cpu"  # as in every check: other devices multiply less exactly


def hidden_draw(exercise, seed):
    """Return what the weights of an exercise are measured on in a class, drawn from its seed."""
    rng = np.random.default_rng([seed, zlib.crc32(exercise.encode())])
    return TRAININGS[exercise].hidden(rng)


def check_weights(exercise, points, path, texts, own=None):
    """Return the `Verdict` of `check`: a file that cannot be used is not right yet.

    own: the student's class of the model, where the lesson has one.
    """
    training = TRAININGS[exercise]
    model_class = training.right_model(own)
    try:
        if model_class is None:
            raise WeightsError(f"They are put into {training.kind.name}: its check must be passed.")
        return judge_weights(exercise, points, path, model_class, training.visible(), texts)
    except WeightsError as error:
        message = messages.lines(f"{exercise}: unusable weights.", reason=str(error))
        return Verdict(exercise, "failed", 0.0, points, message, hints=list(texts["hints"]))


def judge_weights(exercise, points, path, model_class, drawn, texts, visible=True):
    """Return the `Verdict` on a file of weights.

    exercise: id.    points: float, all of them.    path: of the file.
    model_class: that the weights are put into, the right one.
    drawn: what they are measured on.    texts: of the exercise.
    visible: whether this is a check, and no mark.
    Raises WeightsError for a file that cannot be used; one that is missing is not answered yet.
    """
    training = TRAININGS[exercise]
    try:
        value = read_weights(path, training.kind, training.task)
    except FileNotFoundError:
        return _missing(exercise, points, path, visible)
    sizes = json.dumps(value["model"], sort_keys=True)
    model, examine = _built(training, model_class, sizes)
    load_weights(model, value["weights"], training.kind)
    with keras.device(DEVICE):
        finding = examine(drawn, visible)
    return _verdict(exercise, points, finding, texts, visible)


@functools.lru_cache(maxsize=4)
def _built(training, model_class, sizes):
    """The right model, built and compiled once for all files of the same sizes."""
    with keras.device(DEVICE):
        return training.build(model_class, json.loads(sizes))


def _verdict(exercise, points, finding, texts, visible):
    worth = 0.0 if visible else points / len(finding.reached)
    cases = [
        CaseVerdict(
            name=name,
            points=worth * reached,
            max_points=worth,
            passed=reached,
            visible=visible,
            message="" if reached else f"received {finding.received}",
        )
        for name, reached in finding.reached.items()
    ]
    passed = all(finding.reached.values())
    hints = [] if passed else hints_of(texts, finding.mistake)
    return Verdict(
        exercise=exercise,
        status="passed" if passed else "failed",
        points=points if passed else round(sum(case.points for case in cases), 2),
        max_points=points,
        message=messages.passed(exercise) if passed else _message(exercise, finding, hints),
        diagnosis=None if passed else titled(texts, finding.mistake),
        hints=hints,
        cases=cases,
    )


def _message(exercise, finding, hints):
    named = f"  [{finding.mistake}]" if finding.mistake else ""
    return messages.lines(f"{exercise}: {finding.first}", **finding.facts, hint=hints[0] + named)


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
