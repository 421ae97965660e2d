"""Lesson 02, position."""

from autograder.exercises.position import (
    encoding_layer,
    learned_end,
    shift_matrix,
    sinusoidal_angles,
)

EXERCISES = (
    sinusoidal_angles.EXERCISE,
    encoding_layer.EXERCISE,
    shift_matrix.EXERCISE,
    learned_end.EXERCISE,
)
