"""Lesson 11, long sequences."""

from autograder.exercises.flash import (
    attention,
    attention_masks,  # noqa: F401
    attention_rescaling,  # noqa: F401
    attention_tables,  # noqa: F401
    online_softmax,
    online_softmax_tiles,  # noqa: F401
)

EXERCISES = (online_softmax.EXERCISE, attention.EXERCISE)
