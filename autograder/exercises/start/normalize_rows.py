"""`start.normalize_rows`: divide each row by its sum. Ungraded: it shows how a check works."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import start

VOTES = np.array(  # the lesson's table: rows le, chat, dort; columns the, cat, is, sleeping
    [[6.0, 2.0, 1.0, 1.0], [1.0, 2.0, 1.0, 1.0], [2.0, 2.0, 6.0, 10.0]], "float32"
)


def case(rng, name, *shape, largest=9.0):
    """A random table of the given shape: numbers between 0.5 and `largest`, one decimal."""
    table = np.round(rng.uniform(0.5, largest, shape), 1).astype("float32")
    return Case(name, (Call([table]),))


def visible():
    rng = np.random.default_rng(0)
    return [
        Case("by hand: the votes of the lesson", (Call([VOTES]),)),
        case(rng, "a batch of two tables", 2, 3, 5),
        case(rng, "edge: a square table", 4, 4),
    ]


def hidden(rng):
    return [
        case(rng, "a table", 5, 7),
        case(rng, "a batch", 3, 4, 6),
        case(rng, "a batch of heads", 2, 3, 5, 4),
        case(rng, "large numbers", 2, 4, 3, largest=900.0),
        case(rng, "edge: a square table", 5, 5),
        case(rng, "edge: a single row", 1, 6),
    ]


EXERCISE = Exercise(
    id="start.normalize_rows",
    title="Turn rows into shares",
    kind="function",
    points=0,
    reference=start.normalize_rows,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "normalize-columns",
    title="dividing each column by its sum, not each row",
    explanation="Axis −2 runs down a column: the columns sum to one, the rows to anything.",
    hint="Along which axis do you walk to meet all the numbers of one row?",
)
def normalize_rows(table):
    return table / ops.sum(table, axis=-2, keepdims=True)


@EXERCISE.misconception(
    "normalize-everything",
    title="dividing by one sum over everything",
    explanation="One number is left of the sum, and all entries together sum to one, not each row.",
    hint="How many sums should there be for a table of three rows?",
)
def normalize_rows(table):
    return table / ops.sum(table)


@EXERCISE.misconception(
    "normalize-each-table",
    title="dividing each table by its sum, not each row",
    explanation="All entries of a table together sum to one, so that a row sums to less than one.",
    hint="How many sums should there be for a table of three rows?",
)
def normalize_rows(table):
    return table / ops.sum(table, axis=(-2, -1), keepdims=True)


@EXERCISE.misconception(
    "axis-zero",
    title="summing over axis 0",
    explanation="Axis 0 is the first one: down the columns of a single table, and across the "
    "tables of a batch.",
    hint="Which axis of a `(..., T, S)` table holds the entries of one row?",
)
def normalize_rows(table):
    return table / ops.sum(table, axis=0, keepdims=True)


@EXERCISE.misconception(
    "axis-one",
    title="summing over axis 1, counted from the front",
    explanation="Right for a single table. With a batch in front, axis 1 runs down the columns: "
    "count from the back, and any number of leading axes will do.",
    hint="Which axis of a `(B, T, S)` table holds the entries of one row? And of `(T, S)`?",
)
def normalize_rows(table):
    return table / ops.sum(table, axis=1, keepdims=True)


@EXERCISE.misconception(
    "missing-keepdims",
    title="summing without keepdims=True",
    explanation="The sums lose their axis and line up with the columns instead of the rows: an "
    "exception for most tables, wrong numbers for a square one.",
    hint="Which shape do the sums have, and which shape would line up with the rows?",
)
def normalize_rows(table):
    return table / ops.sum(table, axis=-1)


@EXERCISE.misconception(
    "subtract-the-sum",
    title="subtracting the sum instead of dividing by it",
    explanation="A difference depends on how many were asked; a share does not.",
    hint="Six of ten: which operation makes a share of that?",
)
def normalize_rows(table):
    return table - ops.sum(table, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "divide-by-maximum",
    title="dividing each row by its largest entry",
    explanation="The largest entry becomes one, so that the row as a whole sums to more.",
    hint="What does each row of your result sum to?",
)
def normalize_rows(table):
    return table / ops.max(table, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "divide-by-length",
    title="dividing each row by its length as a vector",
    explanation="The squares of a row then sum to one. Linear algebra calls that normalising, too.",
    hint="What does each row of your result sum to, and what do its squares sum to?",
)
def normalize_rows(table):
    return table / ops.sqrt(ops.sum(table * table, axis=-1, keepdims=True))


@EXERCISE.misconception(
    "softmax",
    title="softmax of each row",
    explanation="The rows do sum to one, but softmax takes the exponential of each entry first. "
    "Lesson 03 says what that is good for.",
    hint="Is 6 of 10 still 0.6 in your result?",
)
def normalize_rows(table):
    return ops.softmax(table, axis=-1)


@EXERCISE.variant
def normalize_rows(table):
    return ops.divide(table, ops.expand_dims(ops.sum(table, axis=-1), -1))


@EXERCISE.variant
def normalize_rows(table):
    return ops.einsum("...ts,...t->...ts", table, 1.0 / ops.sum(table, axis=-1))


@EXERCISE.variant
def normalize_rows(table):
    rows = ops.swapaxes(table, -1, -2)
    return ops.swapaxes(rows / ops.sum(rows, axis=-2, keepdims=True), -1, -2)
