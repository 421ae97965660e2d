"""Lesson 03, attention."""

from autograder.exercises.attention import scale

EXERCISES = (scale.EXERCISE,)
