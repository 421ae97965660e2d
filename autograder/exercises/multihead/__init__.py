"""Lesson 05, multi-head attention."""

from autograder.exercises.multihead import (
    attention_mistakes,  # noqa: F401
    attention_wiring,
    count,
    cross,
    merge,
    split,
)

EXERCISES = (
    split.EXERCISE,
    merge.EXERCISE,
    attention_wiring.EXERCISE,
    cross.EXERCISE,
    count.EXERCISE,
)
