"""`position.sinusoidal`: the table of sines and cosines.

Wrong angles stand in `sinusoidal_angles`, which adds them to it.
"""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import position

READY_MADE = {"SinePositionEncoding": "it is the table, ready-made"}


def case(name, length, d_model, start_index=0, **options):
    kwargs = {"start_index": int(start_index)} if start_index else {}
    return Case(name, (Call([int(length), int(d_model)], kwargs),), **options)


def visible():
    return [
        case("by hand: positions 0 and 1 at width 8", 2, 8),
        case("eleven positions at width 6", 11, 6),
        case("five positions from 7 on, at width 10", 5, 10, 7),
        case("an odd width raises ValueError", 5, 7, raises=True),
    ]


def hidden(rng):
    few, many = rng.integers(5, 9), rng.integers(13, 30)
    return [
        case("more positions than features", many, 2 * rng.integers(3, 6)),
        case("more features than positions", few, 2 * rng.integers(6, 40)),
        case("a wide table", rng.integers(5, 30), 2 * rng.integers(50, 300)),
        case("from a later position on", few, 2 * rng.integers(6, 40), rng.integers(3, 30)),
        case("a long table", rng.integers(30, 40), 2 * rng.integers(2, 15)),
        case("edge: one pair of features", rng.integers(5, 30), 2),
        case("an odd width raises ValueError", 5, 2 * rng.integers(2, 30) + 1, raises=True),
    ]


EXERCISE = Exercise(
    id="position.sinusoidal",
    title="The table of sines and cosines",
    kind="function",
    points=4,
    reference=position.sinusoidal_table,
    visible=visible,
    hidden=hidden,
    forbidden=READY_MADE,
)


@EXERCISE.misconception(
    "concatenated",
    title="all sines first, then all cosines",
    explanation="The same columns in another order, as in Tensor2Tensor, and a model learns as "
    "well with it. This course keeps to the paper's formula, in which sines and cosines alternate.",
    hint="Which column holds the cosine that belongs to the sine in column 0?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


@EXERCISE.misconception(
    "cosine-first",
    title="cosines in the even columns, sines in the odd ones",
    explanation="Column 0 is a sine: the first row reads 0, 1, 0, 1 and not 1, 0, 1, 0.",
    hint="Does the formula give the even columns to the sine or to the cosine?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.cos(angles), ops.sin(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "cosine-of-sine",
    title="the cosine of the sine",
    explanation="Written in place, the sines have overwritten the angles before the cosine is "
    "taken. Squares of a pair then sum to more than one.",
    hint="What does your cosine take the cosine of: an angle, or something that was an angle?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    angles = ops.sin(angles)
    return ops.reshape(ops.stack([angles, ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "odd-width-cut",
    title="an odd width gets a sine without its cosine",
    explanation="Half a pair is no hand of a clock: one feature that nothing can turn. A width "
    "that cannot be served is refused, with a sentence that says why.",
    hint="What does the docstring say about an odd `d_model`?",
)
def sinusoidal_table(length, d_model, start_index=0):
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    table = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)
    return ops.reshape(table, (length, -1))[:, :d_model]


@EXERCISE.variant
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2 == 1:
        raise ValueError(f"d_model must be even. Received: {d_model}")
    positions = start_index + np.arange(length)[:, np.newaxis]
    speeds = np.exp(np.arange(0, d_model, 2) * (-np.log(10000.0) / d_model))
    table = np.zeros((length, d_model), "float32")
    table[:, 0::2] = np.sin(positions * speeds)
    table[:, 1::2] = np.cos(positions * speeds)
    return ops.convert_to_tensor(table)


@EXERCISE.variant
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2 != 0:
        raise ValueError("an odd width")
    columns = ops.arange(d_model)
    exponents = ops.cast(2 * (columns // 2), "float32") / d_model
    positions = ops.arange(start_index, start_index + length, dtype="float32")
    angles = ops.outer(positions, 10000.0 ** (-exponents))
    return ops.where(columns % 2 == 0, ops.sin(angles), ops.cos(angles))


@EXERCISE.variant
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError("an odd width")
    table = np.zeros((length, d_model), "float32")
    for row in range(length):
        for column in range(d_model):
            angle = (start_index + row) / 10000 ** ((column - column % 2) / d_model)
            table[row, column] = math.cos(angle) if column % 2 else math.sin(angle)
    return ops.convert_to_tensor(table)
