"""The keys that students install hold on every processor and on every backend.

They were computed on one machine, with TensorFlow. What another one computes may differ in the last
bits, which must not turn a right answer into a wrong one, nor one mistake into another.
"""

import pytest

from autograder.exercises import EXERCISES
from course.checking import library
from course.checking.case import from_data
from course.checking.compare import difference
from course.checking.judge import judge
from course.checking.probe import probe
from tests.autograder.exercises.running import HIDDEN_ONLY, key_of, texts_of

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


@every_exercise
def test_mistakes_computed_here_are_named_by_the_baked_key(exercise):
    baked, fresh = library.key(exercise.id), key_of(exercise.id, None)
    for name, outcomes in fresh["misconceptions"].items():
        if (exercise.id, name) not in HIDDEN_ONLY:
            verdict = judge(baked, outcomes, texts_of(exercise))
            assert verdict.diagnosis is not None, f"{name}: {verdict.message}"
            assert verdict.diagnosis["id"] == name, verdict.message
