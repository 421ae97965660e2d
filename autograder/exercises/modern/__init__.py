"""Lesson 10, the modern decoder."""

from autograder.exercises.modern import (
    decoder_only_ends,
    grouped_query_cache,  # noqa: F401
    grouped_query_mistakes,
    language_model,
    parallel_norms,
    rms_norm_scale,
    rotary_mistakes,
    swiglu,
)

EXERCISES = (
    rotary_mistakes.EXERCISE,
    rms_norm_scale.EXERCISE,
    swiglu.EXERCISE,
    grouped_query_mistakes.EXERCISE,
    parallel_norms.EXERCISE,
    decoder_only_ends.EXERCISE,
    language_model.EXERCISE,
)
