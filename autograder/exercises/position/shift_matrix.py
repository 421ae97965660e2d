"""`position.shift_matrix`: one matrix moves every encoding on by the same number of positions."""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.position.sinusoidal import READY_MADE
from course.checking.case import Call, Case
from solutions import position
from solutions.position import sinusoidal_table


def case(name, offset, d_model, **options):
    return Case(name, (Call([int(offset), int(d_model)]),), **options)


def visible():
    return [
        case("by hand: one position on, at width 4", 1, 4),
        case("five positions on, at width 10", 5, 10),
        case("three positions back, at width 6", -3, 6),
        case("an odd width raises ValueError", 2, 7, raises=True),
    ]


def hidden(rng):
    return [
        case("some positions on", rng.integers(3, 30), 2 * rng.integers(3, 12)),
        case("a wide matrix", rng.integers(3, 30), 2 * rng.integers(20, 60)),
        case("some positions back", -rng.integers(3, 30), 2 * rng.integers(3, 12)),
        case("edge: one pair of features", rng.integers(3, 30), 2, points=0.5),
        case("edge: no shift at all", 0, 2 * rng.integers(3, 40), points=0.5),
        case("an odd width raises ValueError", 4, 2 * rng.integers(2, 30) + 1, raises=True),
    ]


EXERCISE = Exercise(
    id="position.shift_matrix",
    title="A matrix that moves positions on",
    kind="function",
    points=3,
    reference=position.shift_matrix,
    visible=visible,
    hidden=hidden,
    forbidden=READY_MADE,
    uses=("position.sinusoidal",),
)


@EXERCISE.misconception(
    "turned-backwards",
    title="the rotation of (cos, sin), which here turns backwards",
    explanation="The rotation matrix of the schoolbook turns a point (cos, sin). Here the sine "
    "comes first, and the same matrix takes `offset` off where it should be added.",
    hint="Multiply one of your blocks with (sin u, cos u): do you get sin(u + a) or sin(u − a)?",
)
def shift_matrix(offset, d_model):
    turn = sinusoidal_table(1, d_model, start_index=offset)[0]
    sines, cosines = turn[0::2], turn[1::2]
    beside = ops.reshape(ops.stack([sines, ops.zeros_like(sines)], axis=-1), (-1,))[:-1]
    diagonal = ops.diag(ops.repeat(cosines, 2))
    return diagonal - ops.diag(beside, k=1) + ops.diag(beside, k=-1)


@EXERCISE.misconception(
    "both-signs-plus",
    title="no minus sign",
    explanation="The derivative of a cosine goes down where its sine is positive: cos(u + a) is "
    "cos a · cos u minus sin a · sin u. Without the minus a block is no rotation.",
    hint="Which of the two addition formulas has a minus in it?",
)
def shift_matrix(offset, d_model):
    turn = sinusoidal_table(1, d_model, start_index=offset)[0]
    sines, cosines = turn[0::2], turn[1::2]
    beside = ops.reshape(ops.stack([sines, ops.zeros_like(sines)], axis=-1), (-1,))[:-1]
    diagonal = ops.diag(ops.repeat(cosines, 2))
    return diagonal + ops.diag(beside, k=1) + ops.diag(beside, k=-1)


@EXERCISE.misconception(
    "one-angle-for-all",
    title="the same angle for all pairs",
    explanation="Every hand has a speed of its own. In `offset` positions the first turns by "
    "`offset` radians and the others by less.",
    hint="By which angle does pair i turn while the position goes up by `offset`?",
)
def shift_matrix(offset, d_model):
    block = np.array(
        [[math.cos(offset), math.sin(offset)], [-math.sin(offset), math.cos(offset)]], "float32"
    )
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    return ops.convert_to_tensor(np.kron(np.eye(d_model // 2, dtype="float32"), block))


@EXERCISE.misconception(
    "halves-for-pairs",
    title="pairs made of column i and column i + d_model / 2",
    explanation="That fits a table with all sines first. In this one a sine and its cosine are "
    "neighbours, and so are the rows and columns that turn them.",
    hint="In which two columns of the table does pair 0 stand?",
)
def shift_matrix(offset, d_model):
    turn = sinusoidal_table(1, d_model, start_index=offset)[0]
    sines, cosines = ops.diag(turn[0::2]), ops.diag(turn[1::2])
    upper = ops.concatenate([cosines, sines], axis=1)
    return ops.concatenate([upper, ops.concatenate([-sines, cosines], axis=1)], axis=0)


@EXERCISE.misconception(
    "right-for-position-0",
    title="a matrix that is right for one position only",
    explanation="Many matrices lead from PE[0] to PE[offset]. The one asked for leads from every "
    "position to the one `offset` later, and therefore cannot be made of one pair of rows.",
    hint="Try your matrix on PE[1]: does it lead to PE[1 + offset]?",
)
def shift_matrix(offset, d_model):
    first = sinusoidal_table(1, d_model)[0]
    later = sinusoidal_table(1, d_model, start_index=offset)[0]
    return ops.outer(later, first) / (d_model / 2)


@EXERCISE.misconception(
    "step-multiplied",
    title="the matrix of one step, times `offset`",
    explanation="Going one step five times is the fifth power of the matrix: its angles are "
    "multiplied by five. Its entries are not.",
    hint="How long is PE[pos], and how long is your matrix times PE[pos]?",
)
def shift_matrix(offset, d_model):
    turn = sinusoidal_table(1, d_model, start_index=1)[0]
    sines, cosines = turn[0::2], turn[1::2]
    beside = ops.reshape(ops.stack([sines, ops.zeros_like(sines)], axis=-1), (-1,))[:-1]
    diagonal = ops.diag(ops.repeat(cosines, 2))
    return offset * (diagonal + ops.diag(beside, k=1) - ops.diag(beside, k=-1))


@EXERCISE.misconception(
    "angle-of-each-column",
    title="an angle for each column: exponent column / d_model",
    explanation="A sine and its cosine are one hand and turn by one angle, that of their pair.",
    hint="Which angles stand in the two rows of one of your blocks?",
)
def shift_matrix(offset, d_model):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    angles = offset / 10000.0 ** (np.arange(d_model) / d_model)
    beside = np.sin(angles)[:-1] * (np.arange(d_model - 1) % 2 == 0)
    matrix = np.diag(np.cos(angles)) + np.diag(beside, 1) - np.diag(beside, -1)
    return ops.convert_to_tensor(matrix.astype("float32"))


@EXERCISE.misconception(
    "odd-width-cut",
    title="an odd width loses its last feature",
    explanation="`d_model // 2` drops half a pair without a word, and the matrix is a row and a "
    "column too small.",
    hint="What does the docstring say about an odd `d_model`?",
)
def shift_matrix(offset, d_model):
    d_model = d_model // 2 * 2
    turn = sinusoidal_table(1, d_model, start_index=offset)[0]
    sines, cosines = turn[0::2], turn[1::2]
    beside = ops.reshape(ops.stack([sines, ops.zeros_like(sines)], axis=-1), (-1,))[:-1]
    diagonal = ops.diag(ops.repeat(cosines, 2))
    return diagonal + ops.diag(beside, k=1) - ops.diag(beside, k=-1)


@EXERCISE.variant
def shift_matrix(offset, d_model):
    if d_model % 2:
        raise ValueError("`d_model` must be even.")
    matrix = np.zeros((d_model, d_model), "float32")
    for column in range(0, d_model, 2):
        angle = offset / 10000 ** (column / d_model)
        matrix[column, column] = matrix[column + 1, column + 1] = math.cos(angle)
        matrix[column, column + 1] = math.sin(angle)
        matrix[column + 1, column] = -math.sin(angle)
    return ops.convert_to_tensor(matrix)


@EXERCISE.variant
def shift_matrix(offset, d_model):
    moved = sinusoidal_table(1, d_model, start_index=offset)
    pairs = ops.reshape(moved, (d_model // 2, 2))
    sine, cosine = pairs[:, 0], pairs[:, 1]
    block = ops.stack([ops.stack([cosine, sine], -1), ops.stack([-sine, cosine], -1)], 1)
    blocks = ops.eye(d_model // 2)[:, None, :, None] * block[:, :, None, :]
    return ops.reshape(blocks, (d_model, d_model))


@EXERCISE.variant
def shift_matrix(offset, d_model):
    if d_model % 2 != 0:
        raise ValueError("an odd width")
    row, column = np.indices((d_model, d_model))
    angles = offset * np.exp(-math.log(10000) * (row - row % 2) / d_model)
    matrix = np.where(row == column, np.cos(angles), 0.0)
    matrix = np.where((row % 2 == 0) & (column == row + 1), np.sin(angles), matrix)
    matrix = np.where((row % 2 == 1) & (column == row - 1), -np.sin(angles), matrix)
    return ops.cast(matrix, "float32")
