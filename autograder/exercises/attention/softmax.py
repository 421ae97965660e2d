"""`attention.softmax`: scores to weights along any axis, for scores of any size."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import attention

FLOAT16 = 2e-3  # weights below 1 have eleven bits: a few roundings of 2^-12 each


def case(rng, name, *shape, axis, shift=0.0):
    x = normal(rng, *shape, scale=2.0) + np.float32(shift)
    return Case(name, (Call([x], {"axis": axis}),))


def slope(rng, name, *shape, axis):
    x = normal(rng, *shape, scale=2.0)
    return Case(name, (Call([x], {"axis": axis}, observe=("input gradient",)),), points=2.0)


def default_axis(rng, name, *shape):
    return Case(name, (Call([normal(rng, *shape, scale=2.0)]),))


def far_apart(rng, name, *shape):
    """Rows of which one is about 1000 above the others: no single maximum serves them all."""
    x = normal(rng, *shape, scale=2.0)
    x[..., 0, :] += 1000.0
    return Case(name, (Call([x], {"axis": -1}),), points=2.0)


def half(rng, name, *shape):
    """Scores up to 12 in float16, where exp passes the largest number at 11.1."""
    x = normal(rng, *shape, scale=2.0)
    x[..., 0] = 12.0
    return Case(
        name,
        (Call([x], {"axis": -1}, observe=("float16",)),),
        tolerance=FLOAT16,
        because="rounding in float16",
    )


def visible():
    rng = np.random.default_rng(33)
    sat = np.array([0.0375, 0.2625, 0.15, 0.2, 0.225], "float32")
    return [
        Case("by hand: the cat sat on the mat", (Call([sat]),)),
        case(rng, "along the first axis", 3, 5, axis=0),
        far_apart(rng, "one row 1000 above the others", 2, 3, 4),
        slope(rng, "its gradient", 3, 4, axis=-1),
    ]


def hidden(rng):
    return [
        default_axis(rng, "a batch, no axis given", 2, 4, 5),
        case(rng, "along the second axis of three", 2, 5, 3, axis=1),
        case(rng, "along the third axis of four", 2, 3, 5, 4, axis=-2),
        case(rng, "scores around 1000", 3, 5, axis=-1, shift=1000.0),
        case(rng, "scores around −1000", 4, 3, axis=0, shift=-1000.0),
        far_apart(rng, "rows far apart", 2, 5, 3),
        half(rng, "in float16", 3, 6),
        slope(rng, "its gradient", 2, 5, axis=0),
    ]


REASON = "writing the exponentials and their sum is the exercise"
EXERCISE = Exercise(
    id="attention.softmax",
    title="Turn scores into weights",
    kind="function",
    points=3,
    reference=attention.softmax,
    visible=visible,
    hidden=hidden,
    forbidden={
        **dict.fromkeys(("softmax", "Softmax", "log_softmax", "logsumexp"), REASON),
        **dict.fromkeys(
            ("activations", "Activation"), "Keras' softmax can be had by its name there"
        ),
    },
)


@EXERCISE.misconception(
    "overflow",
    title="taking exp of the scores as they are",
    explanation="exp(89) is more than float32 can hold, and exp(12) more than float16: infinity "
    "divided by infinity is NaN. Far below zero all exponentials vanish: 0 / 0 is NaN as well.",
    hint="What is exp(1000)? Which number can be taken off every score without changing a weight?",
)
def softmax(x, axis=-1):
    exponentials = ops.exp(x)
    return exponentials / ops.sum(exponentials, axis=axis, keepdims=True)


@EXERCISE.misconception(
    "one-maximum-for-all",
    title="one maximum for the whole tensor",
    explanation="A row that lies far below the largest number of another row still vanishes: all "
    "its exponentials are 0. Each row needs its own maximum.",
    hint="Take the rows [1, 2] and [1001, 1002]. What is left of the first one?",
)
def softmax(x, axis=-1):
    exponentials = ops.exp(x - ops.max(x))
    return exponentials / ops.sum(exponentials, axis=axis, keepdims=True)


@EXERCISE.misconception(
    "ignores-the-axis",
    title="always along the last axis",
    explanation="The argument `axis` is taken and not used, so that only calls along the last axis "
    "come out right.",
    hint="What changes in your function when it is called with `axis=0`?",
)
def softmax(x, axis=-1):
    exponentials = ops.exp(x - ops.max(x, axis=-1, keepdims=True))
    return exponentials / ops.sum(exponentials, axis=-1, keepdims=True)


@EXERCISE.misconception(
    "sum-over-everything",
    title="dividing by the sum of the whole tensor",
    explanation="All weights together sum to one; each row should.",
    hint="Add up one row of your weights. Over what did you take the sum?",
)
def softmax(x, axis=-1):
    exponentials = ops.exp(x - ops.max(x, axis=axis, keepdims=True))
    return exponentials / ops.sum(exponentials)


@EXERCISE.misconception(
    "axis-lost-in-the-sum",
    title="a maximum and a sum without `keepdims`",
    explanation="The sum of a (2, 3, 4) tensor along its last axis is (2, 3), and broadcasting "
    "aligns shapes at the right: the 3 meets the 4. Where both are equal, nobody complains.",
    hint="Which shape has the sum, and which shape must it have to divide each row by its own?",
)
def softmax(x, axis=-1):
    exponentials = ops.exp(x - ops.max(x, axis=axis))
    return exponentials / ops.sum(exponentials, axis=axis)


@EXERCISE.misconception(
    "shares-without-exp",
    title="shares of the sum, without exp",
    explanation="Scores may be negative, and then so are their shares; a sum near zero makes them "
    "huge. exp makes every score positive first.",
    hint="Can a weight be negative? What would make every score positive and keep their order?",
)
def softmax(x, axis=-1):
    return x / ops.sum(x, axis=axis, keepdims=True)


@EXERCISE.misconception(
    "numpy-inside",
    title="computing in NumPy",
    explanation="The numbers are right, but NumPy leaves no trace of how they were made: no "
    "gradient flows back, and nothing before this function can learn. `keras.ops` has the same "
    "functions.",
    hint="The values agree. Which functions of yours does Keras know how to differentiate?",
)
def softmax(x, axis=-1):
    x = np.asarray(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


@EXERCISE.variant
def softmax(x, axis=-1):
    largest = ops.amax(x, axis, keepdims=True)
    total = ops.sum(ops.exp(x - largest), axis=axis, keepdims=True)
    return ops.exp(x - largest - ops.log(total))


@EXERCISE.variant
def softmax(x, axis=-1):
    moved = ops.moveaxis(x, axis, 0)
    exponentials = ops.exp(moved - ops.max(moved, axis=0))
    return ops.moveaxis(exponentials / ops.sum(exponentials, axis=0), 0, axis)
