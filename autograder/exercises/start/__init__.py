"""Lesson 00, start here; nothing in it carries points."""

from autograder.exercises.start import normalize_rows

EXERCISES = (normalize_rows.EXERCISE,)
