"""Lesson 05, multi-head attention: several attentions side by side, each in its own subspace.

Shapes throughout: `B` batch, `T` queries, `S` keys and values, `H` heads, `d_model` features,
`d_k = d_v = d_model / H` unless a layer is told otherwise.
Reference: Vaswani et al. 2017, "Attention Is All You Need", sections 3.2.2 and 3.2.3.
"""

import keras
from keras import ops

from solutions.masking import masked_attention


def split_heads(x, num_heads):
    """Cut the features into heads, and put the heads before the positions.

    Args: x: `(B, T, H·d)`.    num_heads: int, `H`.
    Returns: `(B, H, T, d)`; head h holds the features h·d to (h+1)·d − 1 of every position.
    Raises: ValueError if `x` has not three axes or `num_heads` does not divide its last one.

    >>> tuple(split_heads(ops.ones((2, 5, 12)), num_heads=3).shape)
    (2, 3, 5, 4)
    """
    if len(x.shape) != 3 or num_heads < 1 or x.shape[-1] % num_heads:
        raise ValueError(
            f"`x` must have shape (B, T, H·d) with H={num_heads}. Received: shape {tuple(x.shape)}"
        )
    length = -1 if x.shape[1] is None else x.shape[1]
    x = ops.reshape(x, (ops.shape(x)[0], length, num_heads, x.shape[-1] // num_heads))
    return ops.transpose(x, (0, 2, 1, 3))


def merge_heads(x):
    """Undo `split_heads`: each position gets the features of all its heads, side by side.

    Args: x: `(B, H, T, d)`.    Returns: `(B, T, H·d)`.
    Raises: ValueError if `x` has not four axes.

    >>> tuple(merge_heads(ops.ones((2, 3, 5, 4))).shape)
    (2, 5, 12)
    """
    if len(x.shape) != 4:
        raise ValueError(f"`x` must have shape (B, H, T, d). Received: shape {tuple(x.shape)}")
    heads, width = x.shape[1], x.shape[3]
    length = -1 if x.shape[2] is None else x.shape[2]
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (ops.shape(x)[0], length, heads * width))


class MultiHeadAttention(keras.layers.Layer):
    """Attend with several heads at once, and mix what they found.

    head_h = Attention(query W_Q^h, value W_K^h, value W_V^h),  output = [head_1 … head_H] W_O

    Shapes: `B` batch, `T` queries, `S` keys and values, `d_model` and `d_source` features.
    Args: num_heads: int, `H`.
        head_dim: int, width `d_k = d_v` of one head; None, the default, is for `d_model / H`.
    Call arguments: query: `(B, T, d_model)` float, what asks.
        value: `(B, S, d_source)` float, what is asked: keys and values come from it. For
            self-attention it is `query` once more.
        attention_mask: bool that broadcasts to `(B, T, S)`, True = may attend; None allows all.
        return_weights: bool, whether to return `(output, weights)`, weights `(B, H, T, S)`.
    Returns: `(B, T, d_model)`. A query that may attend to nothing gets 0.
    Attributes: `query_projection`, `key_projection`, `value_projection` and `output_projection`,
        `Dense` layers without bias made in `build`; head h owns the features h·d_k to
        (h+1)·d_k − 1 of the first three.
    Masking: the padding mask of `query` is passed on, none is used: `attention_mask` says it all.
    Raises: ValueError if `num_heads` does not divide `d_model` and no `head_dim` is given, or if
        `attention_mask` has not three axes.
    Reference: Vaswani et al. 2017, section 3.2.2.

    >>> layer = MultiHeadAttention(num_heads=2)
    >>> tuple(layer(ops.ones((1, 3, 4)), ops.ones((1, 5, 6))).shape)
    (1, 3, 4)
    """

    def __init__(self, num_heads, head_dim=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads = num_heads
        self.head_dim = head_dim

    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        if self.num_heads < 1 or (self.head_dim is None and d_model % self.num_heads):
            raise ValueError(
                "`num_heads` must be positive, and divide `d_model` where no `head_dim` is given. "
                f"Received: num_heads={self.num_heads}, d_model={d_model}"
            )
        inner = self.num_heads * (self.head_dim or d_model // self.num_heads)
        self.query_projection = self._projection(inner, query_shape)
        self.key_projection = self._projection(inner, value_shape)
        self.value_projection = self._projection(inner, value_shape)
        self.output_projection = self._projection(d_model, (*query_shape[:-1], inner))

    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)  # (B, H, T, d_k)
        k = split_heads(self.key_projection(value), self.num_heads)  # (B, H, S, d_k)
        v = split_heads(self.value_projection(value), self.num_heads)  # (B, H, S, d_k)
        if attention_mask is not None:
            if len(attention_mask.shape) != 3:
                raise ValueError(
                    "`attention_mask` must have three axes that broadcast to (B, T, S). "
                    f"Received: shape {tuple(attention_mask.shape)}"
                )
            attention_mask = ops.expand_dims(attention_mask, axis=-3)  # one for all heads
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output

    def get_config(self):
        return {**super().get_config(), "num_heads": self.num_heads, "head_dim": self.head_dim}

    def _projection(self, units, x_shape):
        dense = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        dense.build(x_shape)
        return dense


class CrossAttention(keras.layers.Layer):
    """Let each position of one sequence attend to the positions of another, with several heads.

    CrossAttention(x, source) = MultiHeadAttention(query=x, value=source)

    Shapes: `B` batch, `T` positions of x, `S` positions of the source.
    Args: num_heads: int, `H`; must divide `d_model`.
    Call arguments: x: `(B, T, d_model)` float, what asks.
        source: `(B, S, d_source)` float, what is asked.
        source_mask: `(B, 1, S)` bool, True = a real token of the source; None allows all.
    Returns: `(B, T, d_model)`, one output for each position of x.
    Attributes: `attention`, a `MultiHeadAttention` layer, made in `build`.
    Masking: the padding mask of `x` is passed on, not used. Where no `source_mask` is given and
        `source` carries a Keras mask, Keras fills that one in; its shape is `(B, S)`.
    Raises: ValueError at build if `num_heads` does not divide `d_model`.
    Reference: Vaswani et al. 2017, section 3.2.3, first item.

    >>> tuple(CrossAttention(num_heads=2)(ops.ones((1, 3, 4)), ops.ones((1, 5, 6))).shape)
    (1, 3, 4)
    """

    def __init__(self, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads = num_heads

    def build(self, x_shape, source_shape):
        self.attention = MultiHeadAttention(self.num_heads, dtype=self.dtype_policy)
        self.attention.build(x_shape, source_shape)

    def call(self, x, source, source_mask=None):
        if source_mask is not None and len(source_mask.shape) == 2:  # filled in by Keras
            source_mask = ops.expand_dims(source_mask, axis=1)  # (B, 1, S)
        return self.attention(x, source, attention_mask=source_mask)

    def get_config(self):
        return {**super().get_config(), "num_heads": self.num_heads}


def count_parameters(d_model, num_heads, head_dim, layers):
    """Count the attention weights of a model, biases left out.

    Args: d_model: int, features of a position.    num_heads: int, heads of a layer.
        head_dim: int, width of a query, a key and a value of one head.
        layers: int, attention layers of the model.
    Returns: dict of ints: `"matrix"`, one head's W_Q; `"head"`, its W_Q, W_K, W_V and its rows of
        W_O; `"layer"`, all heads; `"model"`, all layers.

    >>> count_parameters(d_model=512, num_heads=8, head_dim=64, layers=1)
    {'matrix': 32768, 'head': 131072, 'layer': 1048576, 'model': 1048576}
    """
    matrix = d_model * head_dim
    head = 4 * matrix
    layer = num_heads * head
    return {"matrix": matrix, "head": head, "layer": layer, "model": layers * layer}
