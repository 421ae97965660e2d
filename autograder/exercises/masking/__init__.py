"""Lesson 04, masking."""

from autograder.exercises.masking import (
    attention,
    causal,
    combine,
    detector_gaps,
    detector_mistakes,  # noqa: F401
    padding,
    softmax_mistakes,
)

EXERCISES = (
    padding.EXERCISE,
    causal.EXERCISE,
    combine.EXERCISE,
    softmax_mistakes.EXERCISE,
    attention.EXERCISE,
    detector_gaps.EXERCISE,
)
