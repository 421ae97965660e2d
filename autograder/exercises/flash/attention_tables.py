"""Right numbers of `flash.attention` by too large arrays, and its other right answers."""

import math

from keras import ops

from autograder.exercises.flash.attention import EXERCISE


@EXERCISE.misconception(
    "whole-table",
    title="the whole table of scores",
    explanation="The numbers are right, and there is an array of T × S scores: at 100,000 tokens "
    "40 GB for one head. This exercise is about never making it.",
    hint="What is the largest array that you make, and how does it grow with the length?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) / math.sqrt(query.shape[-1])
    allowed = ops.ones_like(scores, dtype="bool")
    if mask is not None:
        allowed = ops.logical_and(allowed, mask)
    if causal:
        t, s = ops.arange(query.shape[-2]), ops.arange(key.shape[-2])
        allowed = ops.logical_and(allowed, t[:, None] >= s)
    highest = ops.max(ops.where(allowed, scores, -1e30), axis=-1, keepdims=True)
    exponentials = ops.where(allowed, ops.exp(scores - highest), 0.0)
    total = ops.sum(exponentials, axis=-1, keepdims=True)
    return ops.matmul(exponentials / ops.maximum(total, 1.0), value)


@EXERCISE.misconception(
    "queries-in-tiles-only",
    title="tiles of queries, each with all the keys",
    explanation="The numbers are right, and a row of scores is as long as the sequence. For the "
    "fast memory of a processor, and for a million keys, that is still too much.",
    hint="How many scores do you hold at a time, and does the number depend on S?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    outputs = []
    for i in range(0, query.shape[-2], tile_size):
        q = query[..., i : i + tile_size, :] / math.sqrt(query.shape[-1])
        scores = ops.matmul(q, ops.swapaxes(key, -1, -2))
        if mask is not None:
            scores = ops.where(mask, scores, -math.inf)
        if causal:
            t, s = ops.arange(q.shape[-2]) + i, ops.arange(key.shape[-2])
            scores = ops.where(t[:, None] >= s, scores, -math.inf)
        highest = ops.maximum(ops.max(scores, axis=-1, keepdims=True), -1e30)
        exponentials = ops.exp(scores - highest)
        total = ops.sum(exponentials, axis=-1, keepdims=True)
        outputs.append(ops.matmul(exponentials, value) / ops.maximum(total, 1.0))
    return ops.concatenate(outputs, axis=-2)


@EXERCISE.misconception(
    "keys-in-tiles-only",
    title="tiles of keys, each with all the queries",
    explanation="The numbers are right, and a column of scores is as long as the sequence. "
    "Queries can be cut as well: no query needs to know what another one found.",
    hint="How many scores do you hold at a time, and does the number depend on T?",
)
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    q = query / math.sqrt(query.shape[-1])
    highest, total, mixed = ops.full_like(q[..., :1], -1e30), 0.0, 0.0
    for j in range(0, key.shape[-2], tile_size):
        k, v = key[..., j : j + tile_size, :], value[..., j : j + tile_size, :]
        scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
        if mask is not None:
            scores = ops.where(mask[..., j : j + tile_size], scores, -math.inf)
        if causal:
            t, s = ops.arange(q.shape[-2]), ops.arange(k.shape[-2]) + j
            scores = ops.where(t[:, None] >= s, scores, -math.inf)
        old, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
        exponentials, rescale = ops.exp(scores - highest), ops.exp(old - highest)
        total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
        mixed = mixed * rescale + ops.matmul(exponentials, v)
    return mixed / ops.maximum(total, 1.0)


@EXERCISE.variant
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    """The output is a mean of the values at every moment, mixed anew with each tile."""
    scale = query.shape[-1] ** -0.5
    finished = []
    for first in range(0, query.shape[-2], tile_size):
        q = query[..., first : first + tile_size, :]
        mean = ops.zeros_like(q[..., :1]) * value[..., :1, :]
        total = ops.zeros_like(q[..., 0])
        highest = total - 1e30
        for start in range(0, key.shape[-2], tile_size):
            stop = min(start + tile_size, key.shape[-2])
            scores = ops.einsum("...td,...sd->...ts", q, key[..., start:stop, :]) * scale
            allowed = ops.ones_like(scores, dtype="bool")
            if causal:
                positions = ops.arange(first, first + q.shape[-2])
                allowed = positions[:, None] >= ops.arange(start, stop)
            if mask is not None:
                allowed = ops.logical_and(allowed, mask[..., start:stop])
            best = ops.max(ops.where(allowed, scores, -1e30), axis=-1)
            new_highest = ops.maximum(highest, best)
            share = ops.where(allowed, ops.exp(scores - new_highest[..., None]), 0.0)
            old_total = total * ops.exp(highest - new_highest)
            total, highest = old_total + ops.sum(share, axis=-1), new_highest
            divisor = ops.where(total > 0.0, total, 1.0)[..., None]
            found = ops.einsum("...ts,...sv->...tv", share, value[..., start:stop, :])
            mean = (mean * old_total[..., None] + found) / divisor
        finished.append(mean)
    return ops.concatenate(finished, axis=-2)


@EXERCISE.variant
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    """Keys outside, queries inside, as in algorithm 1 of the paper; tiles of the future skipped."""

    def tiles(x, axis):
        starts = range(0, x.shape[axis], tile_size)
        return [ops.take(x, ops.arange(i, min(i + tile_size, x.shape[axis])), axis) for i in starts]

    queries, keys, values = (tiles(x, -2) for x in (query / math.sqrt(query.shape[-1]), key, value))
    masks = [None] * len(keys) if mask is None else tiles(mask, -1)
    states = [(ops.full_like(q[..., :1], -1e30), 0.0 * q[..., :1], 0.0) for q in queries]
    for j, (k, v, allowed) in enumerate(zip(keys, values, masks, strict=True)):
        for i, q in enumerate(queries):
            if causal and j > i:
                continue
            scores = ops.matmul(q, ops.swapaxes(k, -1, -2))
            if causal and j == i:
                future = ops.triu(ops.ones((q.shape[-2], k.shape[-2])), 1) > 0
                scores = ops.where(future, -1e38, scores)
            if allowed is not None:
                scores = ops.where(allowed, scores, -1e38)
            old, total, mixed = states[i]
            new = ops.maximum(old, ops.amax(scores, axis=-1, keepdims=True))
            exponentials = ops.exp(scores - new)
            shrink = ops.exp(old - new)
            total = shrink * total + ops.sum(exponentials, axis=-1, keepdims=True)
            states[i] = new, total, shrink * mixed + ops.matmul(exponentials, v)
    rows = [mixed / ops.where(total == 0.0, 1.0, total) for _, total, mixed in states]
    return ops.concatenate(rows, axis=-2)


@EXERCISE.variant
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    """Each tile gives its output and the logarithm of its sum; two such pairs make one."""

    def attend(q, first, start):
        tile = slice(start, start + tile_size)
        scores = ops.matmul(q, ops.swapaxes(key[..., tile, :], -1, -2)) / math.sqrt(q.shape[-1])
        if mask is not None:
            scores = ops.where(mask[..., tile], scores, -1e30)
        if causal:
            keys = ops.arange(start, start + scores.shape[-1])
            scores = ops.where(
                ops.arange(first, first + q.shape[-2])[:, None] < keys, -1e30, scores
            )
        logarithm = ops.logsumexp(scores, axis=-1, keepdims=True)
        return ops.matmul(ops.exp(scores - logarithm), value[..., tile, :]), logarithm

    rows = []
    for first in range(0, query.shape[-2], tile_size):
        q = query[..., first : first + tile_size, :]
        output, logarithm = attend(q, first, 0)
        for start in range(tile_size, key.shape[-2], tile_size):
            other, more = attend(q, first, start)
            both = ops.logaddexp(logarithm, more)
            output = output * ops.exp(logarithm - both) + other * ops.exp(more - both)
            logarithm = both
        rows.append(ops.where(logarithm < -1e29, 0.0, output))
    return ops.concatenate(rows, axis=-2)
