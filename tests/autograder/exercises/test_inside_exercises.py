"""Lesson 11, looking inside: constant answers, and the numbers of the lesson in the cases."""

import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.inside.induction_score import some_weights
from course.checking.probe import probe
from solutions.multihead import merge_heads
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("inside.induction_score", lambda weights: ops.zeros((weights.shape[1],))),
        ("inside.induction_score", lambda weights: ops.mean(weights, axis=(0, 2, 3))),
        (
            "inside.head_ablation",
            lambda attended, kernel, head, mean=False: ops.matmul(merge_heads(attended), kernel),
        ),
    ],
)
def test_an_answer_that_computes_nothing_earns_nothing(name, program):
    assert verdict_on_program(EXERCISES[name], program).points == 0


def test_one_of_the_two_replacements_earns_half_at_most():
    def only_zero(attended, output_kernel, head, mean=False):
        return exercise.reference(attended, output_kernel, head, mean=False)

    exercise = EXERCISES["inside.head_ablation"]
    assert 0.3 < verdict_on_program(exercise, only_zero).points / exercise.points < 0.6


def test_drawn_weights_sum_to_one_and_hide_the_future():
    weights = some_weights(np.random.default_rng(0), 2, 3, 8)
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, rtol=1e-5)
    assert not weights[:, :, ~np.tri(8, dtype=bool)].any()
    assert some_weights(np.random.default_rng(0), 2, 3, 8, causal=False)[..., 0, 1:].any()


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    score, ablation = EXERCISES["inside.induction_score"], EXERCISES["inside.head_ablation"]
    [by_hand, perfect, *_] = score.visible()
    np.testing.assert_allclose(probe(score.reference, by_hand)["values"]["output"], [0.5])
    found = probe(score.reference, perfect)["values"]["output"]
    np.testing.assert_allclose([found[0], found[-1]], [1.0, 0.0])
    [zero, mean, *_] = ablation.visible()
    for case, expected in ((zero, [[5, 0], [5, 0]]), (mean, [[7, 4], [7, 4]])):
        found = probe(ablation.reference, case)["values"]["output"]
        np.testing.assert_allclose(found, [expected])
