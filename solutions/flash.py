"""Lesson 11, long sequences: attention in tiles, exact, without the table of all scores.

Shapes throughout: `T` queries, `S` keys and values, widths `d_k` and `d_v`; `...` is any number of
leading axes, such as a batch, or a batch and heads.
Reference: Dao et al. 2022, "FlashAttention", section 3.1 and algorithm 1.
"""

import math

import keras
from keras import ops


def online_softmax(scores, tile_size):
    """Read scores tile by tile; after each tile give the maximum and the sum of the softmax so far.

    m_j = max(m_{j−1}, max of tile j)
    l_j = l_{j−1} exp(m_{j−1} − m_j) + Σ exp(x − m_j), over the x of tile j

    After the last tile a weight is exp(x − m) / l, as if the scores had been read at once.

    Args: scores: `(..., S)` finite float.    tile_size: int, scores in a tile; the last may be
        shorter.
    Returns: `(maximum, total)`, each `(..., tiles)`: m_j and l_j after each tile.
    Raises: ValueError if `scores` has no entries or an unknown number, or `tile_size` is below 1.
    Reference: Milakov and Gimelshein 2018, algorithm 3.

    >>> maximum, total = online_softmax(ops.log(ops.array([2.0, 8.0, 4.0, 16.0, 4.0])), tile_size=2)
    >>> print(ops.convert_to_numpy(ops.exp(maximum)).round(3), ops.convert_to_numpy(total).round(3))
    [ 8. 16. 16.] [1.25  1.875 2.125]
    """
    if tile_size < 1 or not len(scores.shape) or not scores.shape[-1]:
        raise ValueError(
            "`tile_size` must be at least 1 and `scores` must have a known number of entries, at "
            f"least 1. Received: tile_size={tile_size}, scores of shape {tuple(scores.shape)}"
        )
    maxima, totals = [], []
    for start in range(0, scores.shape[-1], tile_size):
        tile = scores[..., start : start + tile_size]  # the last one may be shorter
        highest, total = ops.max(tile, axis=-1), 0.0
        if maxima:
            highest = ops.maximum(maxima[-1], highest)
            total = totals[-1] * ops.exp(maxima[-1] - highest)  # what was added, on the new scale
        totals.append(total + ops.sum(ops.exp(tile - highest[..., None]), axis=-1))
        maxima.append(highest)
    return ops.stack(maxima, axis=-1), ops.stack(totals, axis=-1)


def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    """Attend as masked_attention does, with no more than `tile_size`² scores at a time.

    softmax(Q Kᵀ / √d_k) V, over what is allowed; a query that may attend to nothing gets 0.

    Args: query: `(..., T, d_k)`.    key: `(..., S, d_k)`.    value: `(..., S, d_v)`.
        mask: `(..., 1, S)` bool, True = this key may be attended to; None allows every key.
        causal: bool, whether query t may attend to the keys 0 to t only.
        tile_size: int, queries and keys in a tile; the last ones may be shorter.
    Returns: `(..., T, d_v)`, of the type of `query`.
    Raises: ValueError if a length is unknown or 0, `key` and `value` differ in length, `tile_size`
        is below 1, or `mask` is not such a mask: one of T × S would be as large as the table that
        is avoided.
    Reference: Dao et al. 2022, section 3.1; dividing once, at the end: Dao 2023, section 3.1.1.

    >>> query, key, value = ops.zeros((1, 2)), ops.ones((3, 2)), ops.array([[3.0], [5.0], [7.0]])
    >>> print(ops.convert_to_numpy(tiled_attention(query, key, value, tile_size=2)))
    [[5.]]
    """
    shapes = [tuple(x.shape) for x in (query, key, value)]
    queries, keys, values = (shape[-2] if len(shape) > 1 else None for shape in shapes)
    if not queries or not keys or keys != values or tile_size < 1:
        raise ValueError(
            "`query`, `key` and `value` must have known lengths of at least 1, the last two the "
            f"same, and `tile_size` must be at least 1. Received: shapes {shapes}, "
            f"tile_size={tile_size}"
        )
    if mask is not None:
        is_bool = keras.backend.standardize_dtype(mask.dtype) == "bool"
        if not is_bool or tuple(mask.shape[-2:]) != (1, keys):
            raise ValueError(
                f"`mask` must be boolean and have shape (..., 1, {keys}). "
                f"Received: {mask.dtype} of shape {tuple(mask.shape)}"
            )
    precise = keras.backend.result_type(query.dtype, "float32")  # sums of many terms
    outputs = []
    for first in range(0, queries, tile_size):
        rows = ops.cast(query[..., first : first + tile_size, :], precise)
        rows = rows / math.sqrt(query.shape[-1])  # (..., t, d_k)
        highest = ops.full_like(rows[..., :1], -1e30)  # below any score, and finite
        total, mixed = ops.zeros_like(highest), 0.0
        for start in range(0, min(keys, first + tile_size) if causal else keys, tile_size):
            k, v = (ops.cast(x[..., start : start + tile_size, :], precise) for x in (key, value))
            scores = ops.matmul(rows, ops.swapaxes(k, -1, -2))  # (..., t, s)
            if mask is not None:
                scores = ops.where(mask[..., start : start + tile_size], scores, -math.inf)
            if causal:
                t, s = ops.arange(rows.shape[-2]) + first, ops.arange(k.shape[-2]) + start
                scores = ops.where(t[:, None] >= s, scores, -math.inf)
            before, highest = highest, ops.maximum(highest, ops.max(scores, axis=-1, keepdims=True))
            exponentials, rescale = ops.exp(scores - highest), ops.exp(before - highest)
            total = total * rescale + ops.sum(exponentials, axis=-1, keepdims=True)
            mixed = mixed * rescale + ops.matmul(exponentials, v)  # (..., t, d_v)
        outputs.append(mixed / ops.maximum(total, 1.0))  # where something is allowed, total >= 1
    return ops.cast(ops.concatenate(outputs, axis=-2), query.dtype)
