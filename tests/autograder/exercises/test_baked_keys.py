"""The keys that students install hold on every processor and on every backend.

They were computed on one machine, with TensorFlow. What another one computes may differ in the last
bits, which must not turn a right answer into a wrong one, nor one mistake into another.
"""

import numpy as np
import pytest

from autograder.exercises import EXERCISES
from course.checking import library
from course.checking.case import from_data
from course.checking.compare import difference
from course.checking.judge import judge
from course.checking.probe import probe
from tests.autograder.exercises.running import BACKEND, HIDDEN_ONLY, RIGHT_HERE, key_of, texts_of

PART = 0.1  # of a case's tolerance, at most, may machines be apart

every_exercise = pytest.mark.parametrize(
    "exercise", [pytest.param(exercise, id=exercise.id) for exercise in EXERCISES.values()]
)


@every_exercise
def test_expected_values_are_those_computed_here(exercise):
    baked = library.key(exercise.id)
    for case, expected in zip(baked["cases"], baked["expected"], strict=True):
        here = probe(exercise.reference, from_data(case))
        found = difference(expected["values"], here["values"], PART * case["tolerance"])
        assert found is None, f"{case['name']}: {found}"


@pytest.mark.parametrize(
    "exercise",
    # those of a training show in weights
    [pytest.param(e, id=e.id) for e in EXERCISES.values() if e.kind != "training"],
)
def test_mistakes_computed_here_are_named_by_the_baked_key(exercise):
    """On other backends but those that the backend itself stops, each in words of its own."""
    baked, fresh = library.key(exercise.id), key_of(exercise.id, None)
    for name, outcomes in fresh["misconceptions"].items():
        if (exercise.id, name) in HIDDEN_ONLY.keys() | RIGHT_HERE.keys():
            continue
        verdict = judge(baked, outcomes, texts_of(exercise))
        assert not verdict.passed
        if BACKEND != "tensorflow" and _differ(baked["misconceptions"][name], outcomes):
            continue
        assert verdict.diagnosis is not None, f"{name}: {verdict.message}"
        assert verdict.diagnosis["id"] == name, verdict.message


def _differ(baked, here):
    """Whether backends treat a program differently: its errors, or what has no defined value."""
    return any(
        _error(one) != _error(other) or _undefined(one["values"]) != _undefined(other["values"])
        for one, other in zip(baked, here, strict=True)
    )


def _error(outcome):
    return outcome["error"] and (outcome["error"]["type"], outcome["error"]["message"])


def _undefined(value):
    """How many entries are not a number, nested as outcomes are."""
    if isinstance(value, dict | list):
        return sum(map(_undefined, value.values() if isinstance(value, dict) else value))
    array = np.asarray(value)
    return int(np.isnan(array).sum()) if array.dtype.kind == "f" else 0
