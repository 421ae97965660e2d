"""What must hold for every exercise of every lesson."""

import itertools

import numpy as np
import pytest

from autograder.exercises import EXERCISES, LESSONS, program_source
from autograder.keys import digest
from autograder.weave import lesson as lessons
from autograder.weave import scaffold
from course.checking.judge import judge
from course.checking.source import forbidden_uses
from course.checking.trained import TRAININGS
from tests.autograder.exercises.running import (
    DISTANCE,
    HIDDEN_ONLY,
    RIGHT_HERE,
    SEEDS,
    apart,
    key_of,
    run,
    texts_of,
    verdict_on,
)

STRUCTURE = {"weights", "config"}  # observations that say little of the values computed
STRUCTURE_SHARE = 0.1  # of the points, at most

MISTAKES = [
    pytest.param(exercise, mistake, id=f"{exercise.id}-{mistake.id}")
    for exercise in EXERCISES.values()
    if exercise.kind != "training"  # its mistakes are trained: see `test_language_model.py`
    for mistake in exercise.misconceptions
]
VARIANTS = [
    pytest.param(exercise, variant, id=f"{exercise.id}-{number}")
    for exercise in EXERCISES.values()
    for number, variant in enumerate(exercise.variants, 1)
]


def one_each(exercises):
    return pytest.mark.parametrize("exercise", [pytest.param(e, id=e.id) for e in exercises])


every_exercise = one_each(e for e in EXERCISES.values() if e.kind != "training")
every_training = one_each(e for e in EXERCISES.values() if e.kind == "training")
every_mistake = pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
every_variant = pytest.mark.parametrize(("exercise", "variant"), VARIANTS)


@every_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_gets_full_points(exercise, seed):
    verdict = verdict_on(exercise, program_source(exercise.reference), key_of(exercise.id, seed))
    assert verdict.passed, verdict.message
    assert verdict.points == exercise.points


@every_exercise
def test_the_scaffold_gets_nothing_and_is_told_so(exercise):
    verdict = verdict_on(exercise, scaffold(exercise), key_of(exercise.id, 0))
    assert verdict.points == 0
    assert verdict.message.startswith(f"{exercise.id}: not answered yet.")
    assert not any(case.passed for case in verdict.cases)


@every_mistake
@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_a_misconception_fails_and_is_named(exercise, mistake, seed):
    key = key_of(exercise.id, seed)
    verdict = judge(key, key["misconceptions"][mistake.id], texts_of(exercise))
    hidden_only = seed is None and (exercise.id, mistake.id) in HIDDEN_ONLY
    if hidden_only or (exercise.id, mistake.id) in RIGHT_HERE:
        assert verdict.passed
        return
    assert verdict.status in ("failed", "error")
    assert verdict.diagnosis == {"id": mistake.id, "title": mistake.title}
    assert f"[{mistake.id}]" in verdict.message
    assert seed is None or verdict.points < exercise.points or exercise.points == 0


@every_mistake
@pytest.mark.parametrize("seed", [None, pytest.param(0, marks=pytest.mark.exhaustive)])
def test_a_misconception_as_typed_in_a_notebook_is_the_same_program(exercise, mistake, seed):
    key = key_of(exercise.id, seed)
    outcomes = run(exercise, program_source(mistake.program), key)
    for case, typed, ours in zip(
        key["cases"], outcomes, key["misconceptions"][mistake.id], strict=True
    ):
        assert not apart(typed, ours, case["tolerance"] / DISTANCE), case["name"]


@every_variant
def test_a_right_answer_written_differently_gets_full_points(exercise, variant):
    verdict = verdict_on(exercise, program_source(variant), key_of(exercise.id, 0))
    assert verdict.passed, verdict.message
    assert verdict.points == exercise.points


@every_exercise
@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_any_two_outcomes_are_far_apart(exercise, seed):
    key = key_of(exercise.id, seed)
    outcomes = {"the reference": key["expected"], **key["misconceptions"]}
    for left, right in itertools.combinations(outcomes, 2):
        both = {(exercise.id, left), (exercise.id, right)}
        if both & RIGHT_HERE.keys() or (seed is None and both & HIDDEN_ONLY.keys()):
            continue
        assert any(
            apart(one, other, case["tolerance"])
            for case, one, other in zip(key["cases"], outcomes[left], outcomes[right], strict=True)
        ), f"{left} and {right}"


@every_exercise
def test_structure_carries_at_most_a_tenth(exercise):
    key = key_of(exercise.id, 0)
    points = {True: 0.0, False: 0.0}
    for case, visible in zip(key["cases"], key["visible"], strict=True):
        if not visible:
            observed = {name for call in case["calls"] for name in call["observe"]}
            points[observed <= STRUCTURE] += case["points"]
    assert points[True] <= STRUCTURE_SHARE * sum(points.values())


@every_exercise
def test_visible_cases_never_change_and_hidden_ones_follow_the_seed(exercise):
    assert digest(exercise, exercise.visible()) == digest(exercise, exercise.visible())
    first, again, other = (exercise.hidden(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert digest(exercise, first) == digest(exercise, again)
    assert [case.name for case in first] == [case.name for case in other]
    for case, drawn in zip(first, other, strict=True):
        assert digest(exercise, [case]) != digest(exercise, [drawn]), case.name


@every_exercise
def test_what_is_used_stands_earlier_in_the_lesson(exercise):
    lesson = next(exercises for exercises in LESSONS.values() if exercise in exercises)
    earlier = [other.id for other in lesson[: lesson.index(exercise)]]
    assert set(exercise.uses) <= set(earlier)


@every_exercise
def test_right_answers_use_no_forbidden_name(exercise):
    for program in (exercise.reference, *exercise.variants):
        assert forbidden_uses(program_source(program), exercise.forbidden) == []


@every_training
def test_a_training_is_judged_by_its_weights_and_says_how(exercise):
    """Its scaffold is told by the file that is not there; see `test_judge_training.py`."""
    assert exercise.visible() == exercise.hidden() == []
    assert exercise.points > 0
    slug = next(slug for slug, exercises in LESSONS.items() if exercise in exercises)
    task = lessons.read(slug).blocks[exercise.id].task
    for said in TRAININGS[exercise.id].bands:
        assert said in task, "the task says what each share of points needs"
    assert exercise.attachment in task
    assert "raise NotImplementedError()" in scaffold(exercise)


def test_what_no_visible_case_shows_is_listed_with_a_reason():
    known = {
        (exercise.id, m.id) for exercise in EXERCISES.values() for m in exercise.misconceptions
    }
    assert HIDDEN_ONLY.keys() | RIGHT_HERE.keys() <= known
    assert all({**HIDDEN_ONLY, **RIGHT_HERE}.values())
