"""Lesson 07, the encoder-decoder."""

from autograder.exercises.transformer import (
    decoder,
    decoder_mistakes,  # noqa: F401
    encoder,
    encoder_mistakes,  # noqa: F401
    model,
    model_masks,  # noqa: F401
    model_mistakes,  # noqa: F401
    parameters,
    parameters_mistakes,  # noqa: F401
    parameters_slips,  # noqa: F401
    save_load,
    save_load_mistakes,  # noqa: F401
    shapes,
    shapes_mistakes,  # noqa: F401
)

EXERCISES = (
    encoder.EXERCISE,
    decoder.EXERCISE,
    shapes.EXERCISE,
    model.EXERCISE,
    parameters.EXERCISE,
    save_load.EXERCISE,
)
