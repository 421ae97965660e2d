"""Lesson 04, masking: who may attend to whom, and a softmax and an attention that keep to it.

A mask is boolean, and True means "may attend". Shapes throughout: `B` batch, `T` queries, `S` keys;
`...` is any number of leading axes, such as a batch, or a batch and heads.
Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3.
"""

import keras
from keras import ops

from solutions.attention import dot_product_scores, scale_scores

# What stands in place of a masked score: the lowest finite number, since −inf − (−inf) is NaN.
LOWEST = {"float16": -65504.0, "bfloat16": -3.38e38, "float32": -3.4e38, "float64": -1.79e308}


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
        such as a padding mask `(B, 1, S)` and a causal mask `(1, T, S)`.
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

    Args: scores: `(..., T, S)` float, of any size; infinite ones only where they are masked.
        mask: bool that broadcasts to `scores`, or None to allow everything.
        axis: int, the axis that sums to one.
    Returns: the shape of `scores`. Where the mask allows nothing, all weights are 0, and so are
        their gradients.

    >>> scores = ops.array([[1.0, 9.0, 1.0], [1.0, 2.0, 3.0]])
    >>> mask = ops.array([[True, False, True], [False, False, False]])
    >>> print(ops.convert_to_numpy(masked_softmax(scores, mask)))
    [[0.5 0.  0.5]
     [0.  0.  0. ]]
    """
    if mask is None:
        mask = ops.ones_like(scores, dtype="bool")
    masked = ops.where(mask, scores, LOWEST[keras.backend.standardize_dtype(scores.dtype)])
    highest = ops.max(masked, axis=axis, keepdims=True)  # of those allowed
    exponentials = ops.where(mask, ops.exp(masked - highest), 0.0)
    total = ops.sum(exponentials, axis=axis, keepdims=True)  # 0 where nothing is allowed, else >= 1
    return exponentials / ops.maximum(total, 1.0)


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
    """Decide from outside whether a layer looks ahead: change the future and compare the past.

    For every position t, what stands after t is changed; output up to t must stay as it was.

    Args: layer: a callable that maps `(B, T, d)` to `(B, T, d')`, in inference.
        x: `(B, T, d)` float, an input to try it on.
    Returns: bool, True if an output up to some position changes by more than 1e-5 of its size.

    >>> bool(sees_future(lambda x: ops.cumsum(x, axis=1), ops.ones((1, 3, 2))))
    False
    >>> bool(sees_future(lambda x: ops.flip(x, axis=1), ops.ones((1, 3, 2))))
    True
    """
    output = layer(x)
    tolerance = 1e-5 * (1.0 + float(ops.max(ops.abs(output))))
    other = ops.flip(x, axis=0) * -1.5 + 2.0  # other values in every place
    for t in range(x.shape[1] - 1):
        changed = layer(ops.concatenate([x[:, : t + 1], other[:, t + 1 :]], axis=1))
        if float(ops.max(ops.abs(changed[:, : t + 1] - output[:, : t + 1]))) > tolerance:
            return True
    return False
