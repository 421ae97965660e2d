"""Mistakes of `flash.online_softmax` with the last tile, and its other right answers."""

from keras import ops

from autograder.exercises.flash.online_softmax import EXERCISE


@EXERCISE.misconception(
    "last-tile-filled-with-zeros",
    title="the last tile filled up with zeros",
    explanation="A score of 0 is a score: exp(0 − m) is added for each, and where all others are "
    "below 0 it is even the maximum.",
    hint="How many scores are in the last tile, and how many terms have you added for it?",
)
def online_softmax(scores, tile_size):
    missing = -scores.shape[-1] % tile_size
    scores = ops.pad(scores, [(0, 0)] * (len(scores.shape) - 1) + [(0, missing)])
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        highest, total = ops.max(tile, axis=-1), 0.0
        if maxima:
            highest = ops.maximum(maxima[-1], highest)
            total = totals[-1] * ops.exp(maxima[-1] - highest)
        totals.append(total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1))
        maxima.append(highest)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.misconception(
    "last-tile-dropped",
    title="the last, shorter tile left out",
    explanation="`S // tile_size` counts whole tiles. What is left over is never read.",
    hint="Seven scores in tiles of three: how many tiles are there?",
)
def online_softmax(scores, tile_size):
    maxima, totals = [], []
    for number in range(scores.shape[-1] // tile_size):
        tile = scores[..., number * tile_size : (number + 1) * tile_size]
        highest, total = ops.max(tile, axis=-1), 0.0
        if maxima:
            highest = ops.maximum(maxima[-1], highest)
            total = totals[-1] * ops.exp(maxima[-1] - highest)
        totals.append(total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1))
        maxima.append(highest)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


@EXERCISE.variant
def online_softmax(scores, tile_size):
    highest, total = float("-inf"), 0.0
    steps = []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        before, highest = highest, ops.maximum(ops.max(tile, axis=-1), highest)
        total = total * ops.exp(before - highest)
        total = total + ops.sum(ops.exp(tile - ops.expand_dims(highest, -1)), axis=-1)
        steps.append((highest, total))
    return tuple(ops.stack(list(each), axis=-1) for each in zip(*steps, strict=True))


@EXERCISE.variant
def online_softmax(scores, tile_size):
    """The two parts are each summarised by their maximum and sum, and then merged."""

    def merge(left, right):
        highest = ops.maximum(left[0], right[0])
        parts = [total * ops.exp(own - highest) for own, total in (left, right)]
        return highest, parts[0] + parts[1]

    steps = []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]
        own = ops.max(tile, axis=-1, keepdims=True)
        summary = own, ops.sum(ops.exp(tile - own), axis=-1, keepdims=True)
        steps.append(merge(steps[-1], summary) if steps else summary)
    return tuple(ops.concatenate(list(each), axis=-1) for each in zip(*steps, strict=True))


@EXERCISE.variant
def online_softmax(scores, tile_size):
    """Filled up by what weighs nothing, all tiles can be cut at once."""
    missing = -scores.shape[-1] % tile_size
    widths = [(0, 0)] * (len(scores.shape) - 1) + [(0, missing)]
    padded = ops.pad(scores, widths, constant_values=-1e30)
    tiles = ops.reshape(padded, (*scores.shape[:-1], -1, tile_size))
    maxima, totals = [ops.max(tiles[..., 0, :], axis=-1)], []
    totals.append(ops.sum(ops.exp(tiles[..., 0, :] - maxima[0][..., None]), axis=-1))
    for number in range(1, tiles.shape[-2]):
        tile = tiles[..., number, :]
        maxima.append(ops.maximum(maxima[-1], ops.max(tile, axis=-1)))
        old = totals[-1] / ops.exp(maxima[-1] - maxima[-2])
        totals.append(old + ops.sum(ops.exp(tile - maxima[-1][..., None]), axis=-1))
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)
