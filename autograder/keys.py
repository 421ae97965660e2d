"""Make keys: run the reference and every misconception on the cases of an exercise."""

import hashlib
import inspect
import zlib

import numpy as np

from autograder.exercises import program_source
from course.checking.case import to_data
from course.checking.probe import probe


class BadExercise(Exception):
    """An exercise contradicts itself; a mistake of its author, never of a student."""


def make_key(exercise, seed=None):
    """Return the key of an exercise: what `course.checking.judge` needs, as plain data.

    seed: int of the class. Without it the key holds the visible cases only: the one that is baked
        into the package. With it, hidden cases drawn from the seed follow the visible ones.
    Raises BadExercise where the reference fails on a case.
    """
    cases = list(exercise.visible())
    visible = [True] * len(cases)
    if seed is not None:
        rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
        hidden = exercise.hidden(rng)
        cases += hidden
        visible += [False] * len(hidden)
    return {
        "exercise": exercise.id,
        "points": float(exercise.points),
        "returns": list(exercise.returns),
        "cases": [to_data(case) for case in cases],
        "visible": visible,
        "expected": [_expected(exercise, case) for case in cases],
        "misconceptions": {
            mistake.id: [probe(mistake.program, case) for case in cases]
            for mistake in exercise.misconceptions
        },
        "digest": digest(exercise, cases),
        **({"balanced": True} if exercise.balanced else {}),
    }


def digest(exercise, cases):
    """Return a hash of all that a key is computed from: cases, reference and misconceptions."""
    total = hashlib.sha256()
    _feed(total, [to_data(case) for case in cases])
    _feed(total, [float(exercise.points), list(exercise.returns)])
    if exercise.balanced:
        _feed(total, "balanced")
    _feed(total, inspect.getsource(exercise.reference))
    _feed(total, {m.id: program_source(m.program) for m in exercise.misconceptions})
    return total.hexdigest()


def _expected(exercise, case):
    outcome = probe(exercise.reference, case)
    if bool(outcome["error"]) != case.raises:
        raise BadExercise(
            f"{exercise.id}: the reference must {'raise' if case.raises else 'not raise'} in "
            f'"{case.name}". Received: {outcome["error"]}'
        )
    return outcome


def _feed(total, value):
    if isinstance(value, np.ndarray):
        total.update(f"{value.dtype}{value.shape}".encode() + value.tobytes())
    elif isinstance(value, dict):
        for key in sorted(value):
            total.update(key.encode())
            _feed(total, value[key])
    elif isinstance(value, list | tuple):
        total.update(f"[{len(value)}]".encode())
        for item in value:
            _feed(total, item)
    else:
        total.update(repr(value).encode())
