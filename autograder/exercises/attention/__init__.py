"""Lesson 03, attention."""

from autograder.exercises.attention import (
    find_error,
    projections,
    scale,
    scaled_dot_product,
    scores,
    self_attention,
    softmax,
)

EXERCISES = (
    scores.EXERCISE,
    scale.EXERCISE,
    softmax.EXERCISE,
    scaled_dot_product.EXERCISE,
    find_error.EXERCISE,
    projections.EXERCISE,
    self_attention.EXERCISE,
)
