"""Lesson 09, decoding."""

from autograder.exercises.decoding import (
    beam_mistakes,  # noqa: F401
    beam_scores,
    cache_mistakes,
    cross,
    greedy,
    nucleus_mistakes,
    sample,
    step_mistakes,
    temperature,
    top_k,
)

EXERCISES = (
    greedy.EXERCISE,
    temperature.EXERCISE,
    sample.EXERCISE,
    top_k.EXERCISE,
    nucleus_mistakes.EXERCISE,
    beam_scores.EXERCISE,
    cache_mistakes.EXERCISE,
    cross.EXERCISE,
    step_mistakes.EXERCISE,
)
