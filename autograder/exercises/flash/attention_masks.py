"""Mistakes of `flash.attention` in what is hidden, and at the last tile."""

import math

from keras import ops

from autograder.exercises.flash.attention import EXERCISE


@EXERCISE.misconception(
    "causal-inside-each-tile",
    title="the causal mask of a tile used in every tile",
    explanation="Which key lies in the future is a matter of positions in the sequence. A "
    "triangle in each tile hides keys of the past, and shows keys of the future in the tiles "
    "after it.",
    hint="The query at position 15 and the key at position 3: where are they in their tiles, and "
    "may the one see the other?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]), ops.arange(k.shape[-2])
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "tile-on-the-diagonal-unmasked",
    title="tiles of the future skipped, and nothing hidden inside a tile",
    explanation="Skipping is right for tiles that lie wholly in the future. The tile on the "
    "diagonal lies there in part, and each query sees up to a tile ahead.",
    hint="Take the tile that holds query 3 and keys 0 to 12: which of them may the query see?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        stop = min(i + 1, key.shape[-2]) if causal else key.shape[-2]
        for j in range(0, stop, tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "causal-ignored",
    title="`causal` taken and not used",
    explanation="Each query sees the future. Training then looks perfect and what the model "
    "writes is useless.",
    hint="Which scores should be hidden from the first query when `causal` is True?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Padding takes its share of every row.",
    hint="Change a value that the mask hides: does your output change?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "hidden-tile-is-nan",
    title="a tile in which nothing is allowed gives NaN",
    explanation="Where all scores of the first tile are −∞ and the maximum starts at −∞, exp(−∞ − "
    "(−∞)) is NaN, and it stays. It takes padding at the front, or a row that may see nothing.",
    hint="What is −∞ − (−∞)? Which finite number could the maximum start at?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -math.inf), 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "empty-row-averaged",
    title="a query that may see nothing gets the average of all values",
    explanation="A large negative number in place of a score loses against every other score. "
    "Where there is no other it wins: exp(0) = 1 for each key. The course's answer for such a row "
    "is 0.",
    hint="If every key of a row is hidden, what is the largest score of that row, and what its "
    "exponential?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -1e9)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -1e9)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "last-keys-dropped",
    title="the keys of the last, shorter tile left out",
    explanation="`S // tile_size` counts whole tiles. What is left over is attended to by nobody.",
    hint="40 keys in tiles of 15: how many tiles are there?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        for j in range(0, key.shape[-2] // tile_size * tile_size, tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        if key.shape[-2] < tile_size:
            mixed = ops.zeros_like(q[..., :1]) * value[..., :1, :]
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "last-tile-filled-with-zeros",
    title="the last tile filled up with keys of zero",
    explanation="A key of zeros has a score of 0, and exp(0 − m) is added to the sum for each of "
    "them. They must be hidden, or not be there.",
    hint="Which score has a key of zeros, and what does it add to the sum?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    missing = -key.shape[-2] % tile_size
    widths = [(0, 0)] * (len(key.shape) - 2) + [(0, missing), (0, 0)]
    key, value = ops.pad(key, widths), ops.pad(value, widths)
    if mask is not None:
        ones = ops.ones((*mask.shape[:-1], missing), dtype="bool")
        mask = ops.concatenate([mask, ones], axis=-1)
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)
