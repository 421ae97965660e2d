"""`multihead.merge`: give each position the features of all its heads, side by side."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import multihead


def case(rng, name, batch, heads, length, width, observe=("output",), **options):
    call = Call([normal(rng, batch, heads, length, width)], observe=observe)
    return Case(name, (call,), **options)


def by_hand():
    """What `multihead.split` makes of its own example by hand."""
    heads = [[[1.1, 1.2], [2.1, 2.2], [3.1, 3.2]], [[1.3, 1.4], [2.3, 2.4], [3.3, 3.4]]]
    call = Call([np.array([heads], "float32")])
    return Case("by hand: two heads of three words", (call,))


def visible():
    rng = np.random.default_rng(52)
    return [
        by_hand(),
        case(rng, "a batch, and its gradient", 2, 3, 5, 4, ("output", "input gradient")),
        case(rng, "many narrow heads", 3, 6, 4, 2),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", 2, 3, 7, 5),
        case(rng, "more heads than positions", 3, 7, 4, 2),
        case(rng, "few wide heads", 4, 2, 3, 9),
        case(rng, "its gradient", 2, 4, 5, 3, ("input gradient",)),
        case(rng, "edge: a batch of one", 1, 3, 4, 5),
        case(rng, "edge: a single head", 2, 1, 5, 6, points=0.3),
    ]


EXERCISE = Exercise(
    id="multihead.merge",
    title="Merge heads into features",
    kind="function",
    points=2,
    reference=multihead.merge_heads,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "reshaped-without-transpose",
    title="reshaping straight from (B, H, T, d)",
    explanation="Positions are scrambled: the first one gets the first head's features of the "
    "first H positions. A decoder reads its answers off the future that way; training looks "
    "perfect, and nothing it generates is right.",
    hint="Which numbers stand next to each other in memory, and which ones should?",
)
def merge_heads(x):
    batch, heads, length, width = x.shape
    return ops.reshape(x, (batch, length, heads * width))


@EXERCISE.misconception(
    "heads-averaged",
    title="averaging the heads",
    explanation="The heads were made to differ; their average blurs what each has found, and the "
    "output is one head wide.",
    hint="How many features has a position before it is split, and how many after your merge?",
)
def merge_heads(x):
    return ops.mean(x, axis=1)


@EXERCISE.misconception(
    "features-interleaved",
    title="features of the heads interleaved",
    explanation="First feature of every head, then second feature of every head: another order "
    "than the one that was split, so that merge does not undo split.",
    hint="If you split and then merge, should each feature come back to its place?",
)
def merge_heads(x):
    batch, heads, length, width = x.shape
    return ops.reshape(ops.transpose(x, (0, 2, 3, 1)), (batch, length, width * heads))


@EXERCISE.misconception(
    "heads-laid-end-to-end",
    title="heads laid end to end, along the positions",
    explanation="The sequence gets H times as long, and each position keeps one head's features.",
    hint="How long is the sequence before it is split, and how long after your merge?",
)
def merge_heads(x):
    batch, heads, length, width = x.shape
    return ops.reshape(x, (batch, heads * length, width))


@EXERCISE.variant
def merge_heads(x):
    return ops.concatenate([x[:, h] for h in range(x.shape[1])], axis=-1)


@EXERCISE.variant
def merge_heads(x):
    batch, heads, length, width = ops.shape(x)
    return ops.reshape(ops.swapaxes(x, 1, 2), (batch, length, heads * width))


@EXERCISE.variant
def merge_heads(x):
    return ops.concatenate(ops.unstack(x, axis=1), axis=-1)
