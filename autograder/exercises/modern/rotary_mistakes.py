"""Mistakes of `modern.rotary` in its angles; its other right answers."""

import math

import numpy as np
from keras import ops

from autograder.exercises.modern.rotary import EXERCISE


@EXERCISE.misconception(
    "pairs-counted-from-1",
    title="pairs counted from 1",
    explanation="The paper numbers pairs from 1 and writes 2(i − 1) / d. With i from 0 the −1 is "
    "gone; with i from 1 and no −1 even the fastest pair is too slow.",
    hint="By which angle does the first pair turn from one position to the next?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(1, width // 2 + 1, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] / ops.power(base, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "column-taken-for-pair",
    title="the number of the column taken for that of the pair",
    explanation="With i = 0, 2, 4, … in 2i / d the exponent is doubled: half of the pairs hardly "
    "turn at all.",
    hint="In the formula i counts pairs. Which i belongs to columns 2 and 3?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    columns = ops.arange(0, width, 2, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] / ops.power(base, 2 * columns / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "positions-counted-from-1",
    title="positions counted from 1",
    explanation="The first position is 0 and turns nothing. Differences are the same, so that no "
    "training shows it; keys from elsewhere stand one step beside yours.",
    hint="What should come out at position 0?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    places = ops.cast(positions, "float32")[..., None] + 1
    angles = places / ops.power(base, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "base-fixed",
    title="10000 whatever the base",
    explanation="Models for long texts use other bases: Llama 3 has 500,000. A constant in the "
    "formula reads their weights wrong.",
    hint="Which argument does your result not depend on?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    places = ops.cast(positions, "float32")[..., None]
    angles = places / ops.power(10000.0, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "angles-in-float16",
    title="angles in the precision of x",
    explanation="float16 has no odd number above 2048: position 3001 becomes 3000 or 3002, a whole "
    "radian away for the first pair. Angles are computed in float32, and sine and cosine cast.",
    hint="In which precision is position 3001 no longer 3001?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    frequencies = ops.cast(ops.power(base, -2 * pairs / width), x.dtype)
    angles = ops.cast(positions, x.dtype)[..., None] * frequencies
    cos, sin = ops.cos(angles), ops.sin(angles)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.variant
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    frequencies = [base ** (-2 * pair / width) for pair in range(width // 2)]
    angles = ops.cast(positions, "float32")[..., None] * ops.convert_to_tensor(frequencies)
    angles = ops.repeat(angles, 2, axis=-1)
    partner = ops.reshape(x, (*x.shape[:-1], width // 2, 2))
    partner = ops.reshape(ops.flip(partner, axis=-1), x.shape)
    signs = ops.convert_to_tensor([-1.0, 1.0] * (width // 2))
    wide = ops.cast(x, "float32") * ops.cos(angles)
    return ops.cast(wide + ops.cast(partner, "float32") * signs * ops.sin(angles), x.dtype)


@EXERCISE.variant
def apply_rotary(x, positions, base=10000.0):
    width, columns = x.shape[-1], []
    for pair in range(width // 2):
        angle = ops.cast(positions, "float32") * math.exp(-2 * pair / width * math.log(base))
        cos, sin = ops.cast(ops.cos(angle), x.dtype), ops.cast(ops.sin(angle), x.dtype)
        left, right = x[..., 2 * pair], x[..., 2 * pair + 1]
        columns += [left * cos - right * sin, left * sin + right * cos]
    return ops.stack(columns, axis=-1)


@EXERCISE.variant
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] * ops.exp(-2 * pairs / width * np.log(base))
    cos, sin = ops.cos(angles), ops.sin(angles)
    turns = ops.stack([ops.stack([cos, sin], -1), ops.stack([-sin, cos], -1)], -2)
    vectors = ops.reshape(ops.cast(x, "float32"), (*x.shape[:-1], width // 2, 1, 2))
    return ops.cast(ops.reshape(ops.matmul(vectors, turns), x.shape), x.dtype)
