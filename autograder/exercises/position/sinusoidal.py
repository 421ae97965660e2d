"""`position.sinusoidal`: the table of sines and cosines."""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import position

READY_MADE = {"SinePositionEncoding": "it is the table, ready-made"}


def case(name, length, d_model, **options):
    return Case(name, (Call([int(length), int(d_model)]),), **options)


def visible():
    return [
        case("by hand: positions 0 and 1 at width 8", 2, 8),
        case("eleven positions at width 6", 11, 6),
        case("five positions at width 10", 5, 10),
        case("an odd width raises ValueError", 5, 7, raises=True),
    ]


def hidden(rng):
    return [
        case("more positions than features", rng.integers(13, 30), 2 * rng.integers(3, 6)),
        case("more features than positions", rng.integers(5, 9), 2 * rng.integers(6, 40)),
        case("a wide table", rng.integers(5, 30), 2 * rng.integers(50, 300)),
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
    "slow-hand-first",
    title="the slowest pair in the first columns",
    explanation="At i = 0 the exponent is 0, and the pair turns by one radian a position: the fast "
    "hand comes first. Write-ups that call small i the hour hand have it backwards.",
    hint="What is 10000^(2i / d_model) at i = 0? Does that make the first pair fast or slow?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    exponents = ops.arange(d_model - 2, -1, -2, dtype="float32") / d_model
    angles = positions / ops.power(10000.0, exponents)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "exponent-doubled",
    title="the column in place of the pair: exponent 2·column / d_model",
    explanation="The i of the formula counts pairs. With the column in its place every exponent is "
    "twice too large, and a sine and its cosine turn at different speeds.",
    hint="Columns 4 and 5 are one pair. Which number i do both of them share?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    exponents = 2 * ops.arange(d_model, dtype="float32") / d_model
    angles = ops.arange(length, dtype="float32")[:, None] / ops.power(10000.0, exponents)
    table = ops.stack([ops.sin(angles[:, 0::2]), ops.cos(angles[:, 1::2])], axis=-1)
    return ops.reshape(table, (-1, d_model))


@EXERCISE.misconception(
    "speed-for-each-column",
    title="a speed for each column: exponent column / d_model",
    explanation="Sines are right. Each cosine turns more slowly than its sine, so that the two are "
    "no hand of a clock: their squares do not sum to one, and no rotation moves them on.",
    hint="Take a sine and the cosine beside it: what do their squares sum to?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    exponents = ops.arange(d_model, dtype="float32") / d_model
    angles = ops.arange(length, dtype="float32")[:, None] / ops.power(10000.0, exponents)
    table = ops.stack([ops.sin(angles[:, 0::2]), ops.cos(angles[:, 1::2])], axis=-1)
    return ops.reshape(table, (-1, d_model))


@EXERCISE.misconception(
    "cosine-of-next-pair",
    title="cosines with the speed of the next pair: exponent 2(i+1) / d_model",
    explanation="The formula writes 2i + 1 for the column of the cosine; the exponent stays 2i.",
    hint="Read both formulas again: is 2i + 1 a column, an exponent, or both?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    pairs = ops.arange(d_model // 2, dtype="float32")
    sines = ops.sin(positions / ops.power(10000.0, 2 * pairs / d_model))
    cosines = ops.cos(positions / ops.power(10000.0, 2 * (pairs + 1) / d_model))
    return ops.reshape(ops.stack([sines, cosines], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "pairs-from-one",
    title="pairs counted from 1",
    explanation="The first pair has i = 0 and turns by one radian a position. Counted from 1 the "
    "fastest hand is missing.",
    hint="Which i has the first pair, and by what is its position divided?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    pairs = ops.arange(1, d_model // 2 + 1, dtype="float32")
    angles = positions / ops.power(10000.0, 2 * pairs / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "positions-from-one",
    title="positions counted from 1",
    explanation="The first row is position 0: sines 0 and cosines 1. Off by one, the rows disagree "
    "with every model and decoder that counts from 0.",
    hint="What are sin 0 and cos 0? Does your first row hold them?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(1, length + 1, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "concatenated",
    title="all sines first, then all cosines",
    explanation="The same columns in another order. Tensor2Tensor's code does it so, and a model "
    "learns as well with it; this course keeps to the paper's formula, which alternates.",
    hint="Which column holds the cosine that belongs to the sine in column 0?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


@EXERCISE.misconception(
    "cosine-first",
    title="cosines in the even columns, sines in the odd ones",
    explanation="Column 0 is a sine: the first row reads 0, 1, 0, 1 and not 1, 0, 1, 0.",
    hint="Does the formula give the even columns to the sine or to the cosine?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.cos(angles), ops.sin(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "cosine-of-sine",
    title="the cosine of the sine",
    explanation="Written in place, the sines have overwritten the angles before the cosine is "
    "taken. Squares of a pair then sum to more than one.",
    hint="What does your cosine take the cosine of: an angle, or something that was an angle?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    angles = ops.sin(angles)
    return ops.reshape(ops.stack([angles, ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "base-1000",
    title="1000 in place of 10000",
    explanation="All hands but the first turn too fast, and the slowest comes round earlier.",
    hint="How many zeros has the number under the exponent?",
)
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(1000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "odd-width-cut",
    title="an odd width gets a sine without its cosine",
    explanation="Half a pair is no hand of a clock: one feature that nothing can turn. A width "
    "that cannot be served is refused, with a sentence that says why.",
    hint="What does the docstring say about an odd `d_model`?",
)
def sinusoidal_table(length, d_model):
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    table = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)
    return ops.reshape(table, (length, -1))[:, :d_model]


@EXERCISE.variant
def sinusoidal_table(length, d_model):
    if d_model % 2 == 1:
        raise ValueError(f"d_model must be even. Received: {d_model}")
    positions = np.arange(length)[:, np.newaxis]
    speeds = np.exp(np.arange(0, d_model, 2) * (-np.log(10000.0) / d_model))
    table = np.zeros((length, d_model), "float32")
    table[:, 0::2] = np.sin(positions * speeds)
    table[:, 1::2] = np.cos(positions * speeds)
    return ops.convert_to_tensor(table)


@EXERCISE.variant
def sinusoidal_table(length, d_model):
    if d_model % 2 != 0:
        raise ValueError("an odd width")
    columns = ops.arange(d_model)
    exponents = ops.cast(2 * (columns // 2), "float32") / d_model
    angles = ops.cast(ops.arange(length), "float32")[:, None] * 10000.0 ** (-exponents)
    return ops.where(columns % 2 == 0, ops.sin(angles), ops.cos(angles))


@EXERCISE.variant
def sinusoidal_table(length, d_model):
    if d_model % 2:
        raise ValueError("an odd width")
    table = np.zeros((length, d_model), "float32")
    for row in range(length):
        for column in range(d_model):
            angle = row / 10000 ** ((column - column % 2) / d_model)
            table[row, column] = math.cos(angle) if column % 2 else math.sin(angle)
    return ops.convert_to_tensor(table)
