"""Mistakes of `flash.attention` in sums, scales and what is divided by what."""

import math

from keras import ops

from autograder.exercises.flash.attention import EXERCISE


@EXERCISE.misconception(
    "output-not-rescaled",
    title="the old output kept when the maximum has changed",
    explanation="The sum is put on the new scale and the output is not. What the earlier tiles "
    "have added then weighs too much, by exp(new maximum − old maximum).",
    hint="The sum of exponentials was rescaled. What else was made of the same exponentials?",
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
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "sum-not-rescaled",
    title="the old sum kept when the maximum has changed",
    explanation="The output is put on the new scale and the sum is not, so that it is divided by "
    "too much.",
    hint="The output was rescaled. What else was made of the same exponentials?",
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
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "nothing-rescaled",
    title="sum and output kept when the maximum has changed",
    explanation="Terms in units of the old maximum are added to terms in units of the new one: "
    "the tiles before a new maximum weigh too much.",
    hint="The maximum has changed. In which units are the sum and the output that you have so far?",
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
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            highest = ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials = ops.exp(scores - highest)
            total = total + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "maximum-of-each-tile",
    title="each tile in units of its own maximum",
    explanation="The best key of every tile counts 1, however poor it is beside the best of "
    "another tile.",
    hint="If two tiles have maxima 1 and 9, how do their exponentials compare in what you add up?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        total, mixed = 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            highest = ops.maximum(ops.max(scores, axis=-1, keepdims=True), -1e30)
            exponentials = ops.exp(scores - highest)
            total = total + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "tiles-averaged",
    title="a softmax in each tile, and the average of the tiles' outputs",
    explanation="Every tile gets the same say, a shorter last one and one that holds nothing of "
    "interest too. Weights must be shares of the whole row.",
    hint="Do all tiles deserve the same weight in the output?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        mixed, tiles = 0.0, 0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            highest = ops.maximum(ops.max(scores, axis=-1, keepdims=True), -1e30)
            exponentials = ops.exp(scores - highest)
            total = ops.maximum(ops.sum(exponentials, axis=-1, keepdims=True), 1.0)
            mixed, tiles = mixed + ops.matmul(exponentials / total, v), tiles + 1
        outputs.append(mixed / tiles)
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "divided-in-every-tile",
    title="the output divided by the sum in every tile",
    explanation="What has been divided once is divided again with the next tile. Divide at the "
    "end, or multiply by the old sum before you divide by the new one.",
    hint="By how many sums has the first tile's part been divided at the end?",
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
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            total = ops.maximum(total, 1e-30)
            mixed = (mixed * rescale + ops.matmul(exponentials, v)) / total
        outputs.append(mixed)
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "no-maximum-taken-off",
    title="exponentials of the scores as they are",
    explanation="Without a maximum nothing has to be rescaled, which is tempting. Past a score of "
    "88 exp is infinite in float32, and infinity divided by infinity is NaN.",
    hint="What is exp(1000)? What was the maximum for?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        total, mixed = 0.0, 0.0
        for j in range(0, key.shape[-2], tile_size):
            k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if mask is not None:
                scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(q.shape[-2]) + i, ops.arange(k.shape[-2]) + j
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            exponentials = ops.exp(scores)
            total = total + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed + ops.matmul(exponentials, v)
        outputs.append(mixed / ops.where(total == 0.0, 1.0, total))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "missing-scale",
    title="no division by √d_k",
    explanation="It is the attention of lesson 3, in tiles: the scores are divided by the square "
    "root of the width of a query.",
    hint="What happens to a dot product before it goes into the softmax?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :]
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
