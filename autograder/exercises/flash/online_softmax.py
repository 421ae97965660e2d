"""`flash.online_softmax`: the maximum and the sum of a softmax, tile by tile."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import FLOAT32, Call, Case
from solutions import flash

LARGE = 1e-3  # scores near 1000 have steps of 2^-14 in float32, which the exponentials feel
GRADIENT = 1e-4  # a sum over all tiles, in float32


def case(name, scores, tile_size, observe=("output",), tolerance=FLOAT32, points=1.0):
    kwargs = {"tile_size": tile_size}
    return Case(name, (Call([scores], kwargs, observe=observe),), points, tolerance=tolerance)


def by_hand():
    """Scores whose exponentials are 2, 8; 4, 16; 4."""
    scores = np.log(np.array([2.0, 8.0, 4.0, 16.0, 4.0])).astype("float32")
    return case("by hand: three tiles, the last of one score", scores, 2)


def below_zero(rng, name, rows, columns, tile_size):
    """Every score is below 0, by a little in one row and by far in another."""
    scores = -np.abs(normal(rng, rows, columns)) - np.linspace(1.0, 4.0, rows)[:, None]
    return case(name, scores.astype("float32"), tile_size)


def large(rng, name, rows, columns, tile_size):
    """Scores around 1000 and around −1000."""
    scores = normal(rng, rows, columns)
    scores += np.where(np.arange(rows) % 2, -1000.0, 1000.0)[:, None].astype("float32")
    return case(name, scores, tile_size, tolerance=LARGE)


def ordered(rng, name, *shape, tile_size, rising):
    """Scores in order: rising, every tile has a new maximum; falling, none but the first has."""
    scores = np.sort(normal(rng, *shape, scale=2.0), axis=-1)
    return case(name, scores if rising else scores[..., ::-1].copy(), tile_size)


def visible():
    rng = np.random.default_rng(111)
    return [
        by_hand(),
        case("a batch, the last tile shorter", normal(rng, 3, 8, scale=2.0), 3),
        below_zero(rng, "every score below 0", 2, 6, 2),
        large(rng, "large scores", 2, 7, 3),
    ]


def hidden(rng):
    slope = {"observe": ("input gradient",), "tolerance": GRADIENT}
    return [
        case("one row of scores", normal(rng, 11, scale=2.0), 4),
        case("a batch, the last tile shorter", normal(rng, 3, 10, scale=2.0), 4),
        case("a batch of heads", normal(rng, 2, 3, 9, scale=2.0), 4),
        case("tiles that fit", normal(rng, 2, 12, scale=2.0), 3),
        ordered(rng, "rising scores", 2, 7, tile_size=3, rising=True),
        ordered(rng, "falling scores", 3, 8, tile_size=3, rising=False),
        below_zero(rng, "every score below 0", 3, 7, 2),
        large(rng, "large scores", 4, 9, 4),
        case("edge: one tile holds them all", normal(rng, 3, 5), 8, points=0.5),
        case("edge: tiles of one score", normal(rng, 2, 4), 1, points=0.5),
        case("its gradient", normal(rng, 2, 3, 7), 3, **slope),
    ]


EXERCISE = Exercise(
    id="flash.online_softmax",
    title="A softmax that reads its scores once",
    kind="function",
    points=3,
    reference=flash.online_softmax,
    visible=visible,
    hidden=hidden,
    returns=("maximum", "total"),
    forbidden=dict.fromkeys(("softmax", "log_softmax", "logsumexp"), "it reads all scores at once"),
)


@EXERCISE.misconception(
    "old-sum-not-rescaled",
    title="the old sum kept when the maximum has changed",
    explanation="The old sum counts in units of the old maximum. Added to terms in units of the "
    "new one it weighs too much, by exp(new maximum − old maximum).",
    hint="Which maximum was taken off the scores that are in the old sum?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        highest, total = ops.max(tile, axis=-1), 0.0
        if maxima:
            highest = ops.maximum(maxima[-1], highest)
            total = totals[-1]
        totals.append(total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1))
        maxima.append(highest)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "rescaled-the-wrong-way",
    title="the old sum multiplied by exp(new − old)",
    explanation="A larger maximum makes each term smaller, so the old sum must shrink. This way "
    "it grows, and overflows where the maximum rises by much.",
    hint="exp(x − m) with a larger m: does the term grow or shrink?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        highest, total = ops.max(tile, axis=-1), 0.0
        if maxima:
            highest = ops.maximum(maxima[-1], highest)
            total = totals[-1] * ops.exp(highest - maxima[-1])
        totals.append(total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1))
        maxima.append(highest)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "new-tile-on-its-own-scale",
    title="the new tile's sum kept in units of its own maximum",
    explanation="Where an earlier tile holds the maximum, the new terms are small beside it. With "
    "their own maximum taken off, the largest of them counts as 1.",
    hint="If an earlier score is the largest so far, what is the best score of this tile worth?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        own = ops.max(tile, axis=-1)
        new = ops.sum(ops.exp(tile - own[..., None]), axis=-1)
        if maxima:
            highest = ops.maximum(maxima[-1], own)
            totals.append(totals[-1] * ops.exp(maxima[-1] - highest) + new)
            maxima.append(highest)
        else:
            maxima, totals = [own], [new]
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "maximum-of-the-tile-only",
    title="the maximum of the last tile, not of all so far",
    explanation="The sum is rescaled to it correctly, so it is a softmax still. But a tile of "
    "small scores then makes the old sum huge, and it overflows.",
    hint="After a tile of small scores, which is the largest score that you have seen?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        highest = ops.max(tile, axis=-1)
        total = totals[-1] * ops.exp(maxima[-1] - highest) if maxima else 0.0
        totals.append(total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1))
        maxima.append(highest)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "tiles-on-their-own",
    title="a softmax of each tile by itself",
    explanation="Nothing is carried from one tile to the next: the last number says what the last "
    "tile holds, not what the row holds.",
    hint="Does your second number depend on the first tile?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        maxima.append(ops.max(tile, axis=-1))
        totals.append(ops.sum(ops.exp(tile - maxima[-1][..., None]), axis=-1))
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "no-maximum-taken-off",
    title="exponentials of the scores as they are",
    explanation="Without a maximum the sums just add up, which is tempting. Past a score of 88 "
    "exp is infinite in float32, and below −104 it is 0.",
    hint="What is exp(1000)? What was the maximum for?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        highest, total = ops.max(tile, axis=-1), ops.sum(ops.exp(tile), axis=-1)
        maxima.append(ops.maximum(maxima[-1], highest) if maxima else highest)
        totals.append(totals[-1] + total if totals else total)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "maximum-starts-at-zero",
    title="a running maximum that starts at 0",
    explanation="Where every score is below 0 the maximum stays 0, which no score is. The sum may "
    "then be as small as it likes, and underflows to 0.",
    hint="Which number is below every score there could be?",
)
def online_softmax(scores, tile_size):
    highest = total = ops.zeros_like(scores[..., 0])
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        before, highest = highest, ops.maximum(highest, ops.max(tile, axis=-1))
        total = total * ops.exp(before - highest)
        total = total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1)
        maxima.append(highest)
        totals.append(total)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)
