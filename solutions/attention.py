"""Lesson 03, attention: scores, scale, softmax, the whole formula, and one head as a layer.

Shapes throughout: `T` queries, `S` keys and values, widths `d_k` and `d_v`; `...` is any number of
leading axes, such as a batch. Rows are queries and columns are keys.
Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.1.
"""

import math

import keras
from keras import ops


class Projections(keras.layers.Layer):
    """Project a sequence to queries, keys and values.

    q = x W_Q,  k = x W_K,  v = x W_V

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: key_dim: int, width `d_k` of a query and of a key.
        value_dim: int, width `d_v` of a value.
    Call arguments: x: `(B, T, d_model)` float.
    Returns: `(q, k, v)` of shapes `(B, T, d_k)`, `(B, T, d_k)` and `(B, T, d_v)`.
    Attributes: `query`, `key` and `value`, each a `Dense` layer without bias, made in `build`.
    Masking: a padding mask is passed on to all three, not used.
    Reference: Vaswani et al. 2017, section 3.2.2.

    >>> q, k, v = Projections(key_dim=2, value_dim=3)(ops.ones((1, 4, 5)))
    >>> tuple(q.shape), tuple(k.shape), tuple(v.shape)
    ((1, 4, 2), (1, 4, 2), (1, 4, 3))
    """

    def __init__(self, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.key_dim = key_dim
        self.value_dim = value_dim

    def build(self, x_shape):
        self.query = keras.layers.Dense(self.key_dim, use_bias=False, dtype=self.dtype_policy)
        self.key = keras.layers.Dense(self.key_dim, use_bias=False, dtype=self.dtype_policy)
        self.value = keras.layers.Dense(self.value_dim, use_bias=False, dtype=self.dtype_policy)
        for projection in (self.query, self.key, self.value):
            projection.build(x_shape)

    def call(self, x):
        return self.query(x), self.key(x), self.value(x)

    def compute_mask(self, x, mask=None):
        return mask, mask, mask

    def get_config(self):
        return {**super().get_config(), "key_dim": self.key_dim, "value_dim": self.value_dim}


def dot_product_scores(query, key):
    """Score every query against every key by their dot product, Q Kᵀ.

    Args: query: `(..., T, d_k)`.    key: `(..., S, d_k)`.
    Returns: `(..., T, S)`; entry `(t, s)` is the dot product of query `t` and key `s`.

    >>> scores = dot_product_scores(ops.array([[1.0, 2.0]]), ops.array([[3.0, 0.0], [0.0, 5.0]]))
    >>> print(ops.convert_to_numpy(scores))
    [[ 3. 10.]]
    """
    return ops.matmul(query, ops.swapaxes(key, -1, -2))


def scale_scores(scores, query):
    """Divide scores by the square root of the width of a query.

    Args: scores: `(..., T, S)`.    query: `(..., T, d_k)`.
    Returns: `(..., T, S)`, scores / √d_k.

    >>> print(ops.convert_to_numpy(scale_scores(ops.array([[4.0, 12.0]]), ops.ones((1, 16)))))
    [[1. 3.]]
    """
    return scores / math.sqrt(query.shape[-1])


def softmax(x, axis=-1):
    """Turn scores into weights that are positive and sum to one along `axis`.

    softmax(x)_i = exp(x_i - max x) / Σ_j exp(x_j - max x)

    Args: x: float tensor of any rank.    axis: int, the axis that sums to one.
    Returns: the shape of `x`.

    >>> print(ops.convert_to_numpy(softmax(ops.array([1.0, 3.0]))).round(2))
    [0.12 0.88]
    """
    exponentials = ops.exp(x - ops.max(x, axis=axis, keepdims=True))  # each in [0, 1]
    return exponentials / ops.sum(exponentials, axis=axis, keepdims=True)


def scaled_dot_product_attention(query, key, value):
    """Attend: softmax(Q Kᵀ / √d_k) V.

    Args: query: `(..., T, d_k)`.    key: `(..., S, d_k)`.    value: `(..., S, d_v)`.
    Returns: `(output, weights)` of shapes `(..., T, d_v)` and `(..., T, S)`.

    >>> query, key = ops.array([[0.0, 4.0]]), ops.array([[3.0, 0.0], [0.0, 0.0], [5.0, 0.0]])
    >>> output, weights = scaled_dot_product_attention(query, key, ops.array([[1.0], [2.0], [6.0]]))
    >>> print(ops.convert_to_numpy(output), ops.convert_to_numpy(weights).round(2))
    [[3.]] [[0.33 0.33 0.33]]
    """
    scores = scale_scores(dot_product_scores(query, key), query)  # (..., T, S)
    weights = softmax(scores, axis=-1)  # each row sums to 1
    return ops.matmul(weights, value), weights


def find_error(table, d_k):
    """Find the first column of a printed attention table that does not follow from the one before.

    scaled = score / √d_k,  exp = e^scaled,  weight = exp / Σ exp

    Args: table: dict of four tensors of shape `(S,)`, `"score"`, `"scaled"`, `"exp"`, `"weight"`,
            printed to four decimals or fewer: a difference below 0.01 is rounding, not an error.
        d_k: int, the width of a query.
    Returns: `(column, correct)`: the name of that column, and what follows from the column printed
        before it, of shape `(S,)`. For a right table `"none"` and the weights.

    >>> table = {"score": [0.0, 4.0], "scaled": [0.0, 2.0], "exp": [1.0, 7.389], "weight": [0.2, 1]}
    >>> column, correct = find_error({name: ops.array(x) for name, x in table.items()}, d_k=4)
    >>> print(column, ops.convert_to_numpy(correct).round(4))
    weight [0.1192 0.8808]
    """
    follows = {
        "scaled": table["score"] / math.sqrt(d_k),
        "exp": ops.exp(table["scaled"]),
        "weight": table["exp"] / ops.sum(table["exp"]),
    }
    for column, correct in follows.items():
        if ops.max(ops.abs(table[column] - correct)) > 0.01:
            return column, correct
    return "none", follows["weight"]


class SelfAttention(keras.layers.Layer):
    """Let each position of a sequence attend to all positions of the same sequence; one head.

    SelfAttention(x) = Attention(x W_Q, x W_K, x W_V)

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: key_dim: int, width `d_k` of a query and of a key.
        value_dim: int, width `d_v` of a value and of the output.
    Call arguments: x: `(B, T, d_model)` float.    Returns: `(B, T, d_v)`.
    Attributes: `projections`, a `Projections` layer, made in `build`.
    Masking: a padding mask is passed on, not used; lesson 04 uses it.
    Reference: Vaswani et al. 2017, section 3.2.1.

    >>> tuple(SelfAttention(key_dim=2, value_dim=3)(ops.ones((1, 4, 5))).shape)
    (1, 4, 3)
    """

    def __init__(self, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.key_dim = key_dim
        self.value_dim = value_dim

    def build(self, x_shape):
        self.projections = Projections(self.key_dim, self.value_dim, dtype=self.dtype_policy)
        self.projections.build(x_shape)

    def call(self, x):
        query, key, value = self.projections(x)  # (B, T, d_k), (B, T, d_k), (B, T, d_v)
        output, _ = scaled_dot_product_attention(query, key, value)
        return output

    def get_config(self):
        return {**super().get_config(), "key_dim": self.key_dim, "value_dim": self.value_dim}
