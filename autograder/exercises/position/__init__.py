"""Lesson 02, position."""

from autograder.exercises.position import encoding_layer, learned, shift_matrix, sinusoidal

EXERCISES = (
    sinusoidal.EXERCISE,
    encoding_layer.EXERCISE,
    shift_matrix.EXERCISE,
    learned.EXERCISE,
)
