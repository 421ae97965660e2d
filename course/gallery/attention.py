"""Attention with one thing changed: what a part's `call` is replaced by."""

import math

import keras
from keras import ops


def split(x, heads):
    """(B, T, H·d) → (B, H, T, d), as it should be."""
    x = ops.reshape(x, (ops.shape(x)[0], x.shape[1], heads, x.shape[2] // heads))
    return ops.transpose(x, (0, 2, 1, 3))


def split_by_reshape(x, heads):
    """The same shape with other numbers in it: a head gets some positions, not some features."""
    return ops.reshape(x, (ops.shape(x)[0], heads, x.shape[1], x.shape[2] // heads))


def merge(x):
    """(B, H, T, d) → (B, T, H·d), as it should be."""
    side_by_side = ops.transpose(x, (0, 2, 1, 3))  # (B, T, H, d)
    return ops.reshape(side_by_side, (ops.shape(x)[0], x.shape[2], x.shape[1] * x.shape[3]))


def merge_untransposed(x):
    """(B, H, T, d) → (B, T, H·d) without the transpose: positions are cut to pieces and mixed."""
    return ops.reshape(x, (ops.shape(x)[0], x.shape[2], x.shape[1] * x.shape[3]))


def by_root(head_dim, d_model):
    """1 / √d_k, as it should be."""
    return 1 / math.sqrt(head_dim)


def attention(split=split, merge=merge, scale=by_root, axis=-1, mask=lambda mask: mask):
    """Return a `call` for `MultiHeadAttention`.

    split, merge: of heads.    scale: of the scores, from d_k and d_model.    axis: of the softmax.
    mask: makes another mask `(B, 1 or T, S)`, or None, of the one given.
    """

    def call(layer, query, value, attention_mask=None, return_weights=False):
        heads, width = layer.num_heads, query.shape[-1]
        q = split(layer.query_projection(query), heads)  # (B, H, T, d_k)
        k = split(layer.key_projection(value), heads)
        v = split(layer.value_projection(value), heads)
        scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) * scale(q.shape[-1], width)
        attention_mask = None if attention_mask is None else mask(attention_mask)
        if attention_mask is not None:
            lowest = -6e4 if keras.backend.standardize_dtype(scores.dtype) == "float16" else -1e9
            scores = ops.where(attention_mask[:, None], scores, lowest)
        weights = ops.softmax(scores, axis=axis)
        output = layer.output_projection(merge(ops.matmul(weights, v)))
        return (output, weights) if return_weights else output

    return call
