"""Lesson 05, multi-head attention."""

from autograder.exercises.multihead import (
    attention_mistakes,
    count,
    cross,
    merge,
    split,
)

EXERCISES = (
    split.EXERCISE,
    merge.EXERCISE,
    attention_mistakes.EXERCISE,
    cross.EXERCISE,
    count.EXERCISE,
)
