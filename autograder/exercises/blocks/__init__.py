"""Lesson 06, blocks."""

from autograder.exercises.blocks import (
    decoder,
    decoder_mistakes,  # noqa: F401
    encoder,
    encoder_mistakes,  # noqa: F401
    feed_forward,
    feed_forward_mistakes,  # noqa: F401
    layer_norm,
    layer_norm_mistakes,  # noqa: F401
    residual,
    residual_mistakes,  # noqa: F401
)

EXERCISES = (
    layer_norm.EXERCISE,
    feed_forward.EXERCISE,
    residual.EXERCISE,
    encoder.EXERCISE,
    decoder.EXERCISE,
)
