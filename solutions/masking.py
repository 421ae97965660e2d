"""Lesson 04, masking: who may attend to whom, and a softmax and an attention that keep to it.

A mask is boolean, and True means "may attend". Shapes throughout: `B` batch, `T` queries, `S` keys;
`...` is any number of leading axes, such as a batch, or a batch and heads.
Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3.
"""

import math

import keras
from keras import ops

from solutions.attention import dot_product_scores, scale_scores, softmax


def padding_mask(ids, pad=0):
    """Allow every query to attend to the keys that are tokens, and to none that is padding.

    Args: ids: `(B, S)` integers.    pad: int, the id of padding.
    Returns: `(B, 1, S)` bool; the axis of one stands for all queries.
    Raises: ValueError if `ids` has not two axes.

    >>> print(ops.convert_to_numpy(padding_mask(ops.array([[7, 3, 0]]))))
    [[[ True  True False]]]
    """
    if len(ids.shape) != 2:
        raise ValueError(f"`ids` must have shape (B, S). Received: shape {tuple(ids.shape)}")
    return ops.expand_dims(ops.not_equal(ids, pad), axis=1)


def causal_mask(length):
    """Allow every position to attend to itself and to those before it.

    Args: length: int, the number of positions `T`; a scalar tensor where it is unknown until a run.
    Returns: `(1, T, T)` bool, rows are queries and columns are keys.

    >>> print(ops.convert_to_numpy(causal_mask(3)))
    [[[ True False False]
      [ True  True False]
      [ True  True  True]]]
    """
    positions = ops.arange(length)
    return ops.expand_dims(positions[:, None] >= positions[None, :], axis=0)


def combine_masks(*masks):
    """Allow what every one of several masks allows.

    Args: masks: each `None`, which allows everything, or a bool that broadcasts with the others,
        such as a padding mask `(B, 1, S)` and a causal mask `(1, T, T)`.
    Returns: bool, of the shape they have together, such as `(B, T, S)`; None if all are None.
    Raises: ValueError if a mask is not boolean: added to the scores, 0 and 1 would mask nothing.

    >>> padding = padding_mask(ops.array([[7, 3, 0]]))
    >>> print(ops.convert_to_numpy(combine_masks(padding, None, causal_mask(3))))
    [[[ True False False]
      [ True  True False]
      [ True  True False]]]
    """
    combined = None
    for mask in masks:
        if mask is None:
            continue
        if keras.backend.standardize_dtype(mask.dtype) != "bool":
            raise ValueError(f"A mask must be boolean, True = may attend. Received: {mask.dtype}")
        combined = mask if combined is None else ops.logical_and(combined, mask)
    return combined


def masked_softmax(scores, mask=None, axis=-1):
    """Turn scores into weights that sum to one over what the mask allows, and are 0 elsewhere.

    Args: scores: `(..., T, S)` float, of any size.
        mask: bool that broadcasts to `(..., T, S)`, or None to allow everything.
        axis: int, the axis that sums to one; counted from the right if the mask has fewer axes.
    Returns: `(..., T, S)`, in the precision of the scores. Where the mask allows nothing in a row,
        all its weights are 0, and so are their gradients.
    Raises: ValueError if the mask is not boolean.

    >>> scores = ops.array([[1.0, 9.0, 1.0], [1.0, 2.0, 3.0]])
    >>> mask = ops.array([[True, False, True], [False, False, False]])
    >>> print(ops.convert_to_numpy(masked_softmax(scores, mask)))
    [[0.5 0.  0.5]
     [0.  0.  0. ]]
    """
    if mask is None:
        return softmax(scores, axis)
    if keras.backend.standardize_dtype(mask.dtype) != "bool":
        raise ValueError(f"A mask must be boolean, True = may attend. Received: {mask.dtype}")
    nothing = ops.logical_not(ops.any(mask, axis=axis, keepdims=True))  # rows without a key
    # −∞ − (−∞) is NaN, so such a row looks at everything, and what it saw is thrown away.
    seen = ops.where(ops.logical_or(mask, nothing), scores, -math.inf)
    return ops.where(mask, softmax(seen, axis), 0.0)


def masked_attention(query, key, value, mask=None):
    """Attend to what the mask allows: masked_softmax(Q Kᵀ / √d_k, mask) V.

    Args: query: `(..., T, d_k)`.    key: `(..., S, d_k)`.    value: `(..., S, d_v)`.
        mask: bool that broadcasts to `(..., T, S)`, or None to allow everything.
    Returns: `(output, weights)` of shapes `(..., T, d_v)` and `(..., T, S)`. A query that may
        attend to nothing gets the output 0.

    >>> query, key, value = ops.zeros((2, 4)), ops.ones((2, 4)), ops.array([[3.0], [5.0]])
    >>> output, weights = masked_attention(query, key, value, causal_mask(2)[0])
    >>> print(ops.convert_to_numpy(output).T, ops.convert_to_numpy(weights)[0])
    [[3. 4.]] [1. 0.]
    """
    scores = scale_scores(dot_product_scores(query, key), query)  # (..., T, S)
    weights = masked_softmax(scores, mask)
    return ops.matmul(weights, value), weights


def sees_future(layer, x):
    """Decide from outside whether a layer looks ahead, by what goes in and what comes out.

    Args: layer: a callable that maps `(B, T, d)` to `(B, T, e)`, such as a layer.
        x: `(B, T, d)` float, an input to try it on.
    Returns: bool, True if an output depends on a later input; rounding does not count.
    Raises: ValueError if `x` has not three axes.

    >>> sees_future(lambda x: ops.cumsum(x, axis=1), ops.ones((1, 3, 2)))
    False
    >>> sees_future(lambda x: ops.flip(x, axis=1), ops.ones((1, 3, 2)))
    True
    """
    if len(x.shape) != 3:
        raise ValueError(f"`x` must have shape (B, T, d). Received: shape {tuple(x.shape)}")
    if x.shape[1] < 2:
        return False
    output = layer(x)
    pattern = ops.reshape(ops.cos(ops.arange(math.prod(x.shape), dtype=x.dtype)), x.shape)
    other = x + pattern * (1.0 + ops.max(ops.abs(x)))  # another number in every place
    for t in range(1, x.shape[1]):  # what stands from t on changes, and nothing before t may
        changed = layer(ops.concatenate([x[:, :t], other[:, t:]], axis=1))
        moved = ops.max(ops.abs(changed[:, :t] - output[:, :t]))
        if moved > 1e-4 * (1.0 + ops.max(ops.abs(output))):
            return True
    return False
