"""`multihead.split`: cut the features into heads, and put the heads before the positions."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import EXACT, Call, Case
from solutions import multihead

MOVED = {"tolerance": EXACT, "because": "numbers are moved, not computed"}


def case(rng, name, batch, length, heads, width, observe=("output",), **options):
    """`heads` heads of `width` features each."""
    call = Call([normal(rng, batch, length, heads * width), heads], observe=observe)
    exact = {} if "input gradient" in observe else MOVED  # a gradient is computed
    return Case(name, (call,), **{**exact, **options})


def by_hand():
    """Two words; the number before the point is the word, the one behind it the feature."""
    words = [[[1.1, 1.2, 1.3, 1.4], [2.1, 2.2, 2.3, 2.4], [3.1, 3.2, 3.3, 3.4]]]
    call = Call([np.array(words, "float32"), 2])
    return Case("by hand: three words of four features, two heads", (call,), **MOVED)


def visible():
    rng = np.random.default_rng(51)
    slope = ("output", "input gradient")
    return [
        by_hand(),
        case(rng, "a batch, and its gradient", 2, 5, 3, 4, slope),
        case(rng, "many narrow heads", 3, 4, 6, 2),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", 2, 7, 3, 5),
        case(rng, "more heads than positions", 3, 4, 7, 2),
        case(rng, "few wide heads", 4, 3, 2, 9),
        case(rng, "its gradient", 2, 5, 4, 3, ("input gradient",)),
        case(rng, "edge: a batch of one", 1, 4, 3, 5),
        case(rng, "edge: a single head", 2, 5, 1, 6, points=0.3),
    ]


EXERCISE = Exercise(
    id="multihead.split",
    title="Split features into heads",
    kind="function",
    points=2,
    reference=multihead.split_heads,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "reshaped-without-transpose",
    title="reshaping straight to (B, H, T, d)",
    explanation="The shape is right and the contents are not: reshape reads the numbers in order, "
    "so that the first head gets all features of the first few positions.",
    hint="Into which axis do the features of one position go, and which head gets the second word?",
)
def split_heads(x, num_heads):
    batch, length, width = x.shape
    return ops.reshape(x, (batch, num_heads, length, width // num_heads))


@EXERCISE.misconception(
    "heads-left-behind-positions",
    title="heads left behind the positions, (B, T, H, d)",
    explanation="Attention takes all axes before the last two as a batch. With the positions among "
    "them, each position would attend over its own heads, and never to another position.",
    hint="Which two axes does attention multiply, and which must stand before them?",
)
def split_heads(x, num_heads):
    batch, length, width = x.shape
    return ops.reshape(x, (batch, length, num_heads, width // num_heads))


@EXERCISE.misconception(
    "features-dealt-out",
    title="features dealt out in turn, one to each head",
    explanation="Here head h gets the features h, h + H, h + 2H and so on. It trains as well, but "
    "weights from any other implementation no longer fit: a head owns d neighbouring features.",
    hint="Which features does the first head own: neighbours, or every H-th one?",
)
def split_heads(x, num_heads):
    batch, length, width = x.shape
    x = ops.reshape(x, (batch, length, width // num_heads, num_heads))
    return ops.transpose(x, (0, 3, 1, 2))


@EXERCISE.misconception(
    "heads-before-the-batch",
    title="heads before the batch, (H, B, T, d)",
    explanation="The right numbers with the first two axes exchanged. A mask of shape "
    "(B, 1, 1, S) would then hide keys by head, and not by sentence.",
    hint="Which axis is the first one everywhere in this course?",
)
def split_heads(x, num_heads):
    batch, length, width = x.shape
    x = ops.reshape(x, (batch, length, num_heads, width // num_heads))
    return ops.transpose(x, (2, 0, 1, 3))


@EXERCISE.misconception(
    "heads-taken-for-their-width",
    title="num_heads taken for the width of a head",
    explanation="Eight heads of 64 features are not 64 heads of eight: the same numbers, in eight "
    "times as many attentions with scores of eight terms each.",
    hint="For H heads and H·d features, how wide is one head?",
)
def split_heads(x, num_heads):
    batch, length, width = x.shape
    x = ops.reshape(x, (batch, length, width // num_heads, num_heads))
    return ops.transpose(x, (0, 2, 1, 3))


@EXERCISE.misconception(
    "positions-put-last",
    title="positions last, (B, H, d, T)",
    explanation="That is how keys stand in the product with the queries, where they are transposed "
    "once more. Queries and values must not be.",
    hint="A row is a position. Which axis is therefore the last but one?",
)
def split_heads(x, num_heads):
    batch, length, width = x.shape
    x = ops.reshape(x, (batch, length, num_heads, width // num_heads))
    return ops.transpose(x, (0, 2, 3, 1))


@EXERCISE.variant
def split_heads(x, num_heads):
    return ops.stack(ops.split(x, num_heads, axis=-1), axis=1)


@EXERCISE.variant
def split_heads(x, num_heads):
    batch, length, width = ops.shape(x)
    x = ops.reshape(x, (batch, length, num_heads, width // num_heads))
    return ops.swapaxes(x, 1, 2)


@EXERCISE.variant
def split_heads(x, num_heads):
    width = x.shape[-1] // num_heads
    heads = [x[:, :, h * width : (h + 1) * width] for h in range(num_heads)]
    return ops.concatenate([ops.expand_dims(head, 1) for head in heads], axis=1)
