"""`masking.causal`: position t may look at itself and back, and not ahead."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.masking.padding import YES_OR_NO
from course.checking.case import Call, Case
from solutions import masking


def case(name, length, **options):
    return Case(name, (Call([int(length)]),), **YES_OR_NO, **options)


def visible():
    return [case("by hand: three positions", 3), case("edge: a single position", 1)]


def hidden(rng):
    return [
        case("a few positions", rng.integers(4, 12)),
        case("a short sentence", rng.integers(12, 24)),
        case("a long sentence", rng.integers(30, 60)),
    ]


EXERCISE = Exercise(
    id="masking.causal",
    title="Hide the future",
    kind="function",
    points=2,
    reference=masking.causal_mask,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "triangle-transposed",
    title="the upper triangle in place of the lower one",
    explanation="Each position sees itself and all that comes after it. A decoder reads its answer "
    "off the next position, its loss falls to nothing, and it cannot write.",
    hint="The first row is the first position. How many positions may it see?",
)
def causal_mask(length):
    return ops.triu(ops.ones((1, length, length), dtype="bool"))


@EXERCISE.misconception(
    "mask-inverted",
    title="True where the future is",
    explanation="It says what must be hidden; a mask of this course says what may be seen. The "
    "last position is left with nothing to look at.",
    hint="What does True mean in a mask of this course?",
)
def causal_mask(length):
    return ops.triu(ops.ones((1, length, length), dtype="bool"), k=1)


@EXERCISE.misconception(
    "itself-hidden",
    title="a position hidden from itself",
    explanation="The word at t is known when the word after it is wanted: it belongs to what may "
    "be seen. Without it the first row allows nothing at all.",
    hint="What does the first position see, if it may not see itself?",
)
def causal_mask(length):
    return ops.tril(ops.ones((1, length, length), dtype="bool"), k=-1)


@EXERCISE.misconception(
    "one-step-too-far",
    title="one position ahead allowed",
    explanation="The position right after t is the one whose word is to be predicted at t. To show "
    "it is to print the answers on the exam.",
    hint="May the first position see the second one?",
)
def causal_mask(length):
    return ops.tril(ops.ones((1, length, length), dtype="bool"), k=1)


@EXERCISE.misconception(
    "batch-axis-missing",
    title="a mask of shape (T, T)",
    explanation="It broadcasts by luck against scores (B, T, T). Combined with others, or given an "
    "axis for heads, it is one axis short of all the masks around it.",
    hint="How many axes do the masks of this course have, and what does the first one stand for?",
)
def causal_mask(length):
    return ops.tril(ops.ones((length, length), dtype="bool"))


@EXERCISE.misconception(
    "mask-of-numbers",
    title="a triangle of ones and zeros",
    explanation="Numbers invite arithmetic: added to scores, 1 and 0 hide nothing. A boolean can "
    "only be used as what it is.",
    hint="Which kind of value is the answer to “may I look?”: a number, or true and false?",
)
def causal_mask(length):
    return ops.tril(ops.ones((1, length, length)))


@EXERCISE.variant
def causal_mask(length):
    return ops.tril(ops.ones((1, length, length), dtype="bool"))


@EXERCISE.variant
def causal_mask(length):
    return ops.cast(np.tri(length)[None], "bool")


@EXERCISE.variant
def causal_mask(length):
    future = ops.triu(ops.ones((length, length)), k=1)
    return ops.equal(future, 0)[None, :, :]
