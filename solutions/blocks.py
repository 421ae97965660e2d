"""Lesson 06, blocks: normalise, think, keep what was there; the encoder's block and the decoder's.

Shapes throughout: `B` batch, `T` and `S` positions of target and source, `d_model` features.
Reference: Vaswani et al. 2017, "Attention Is All You Need", sections 3.1 and 3.3.
"""

import keras
from keras import ops

from solutions.multihead import CrossAttention, MultiHeadAttention


class LayerNorm(keras.layers.Layer):
    """Give the features of each position mean 0 and variance 1, then a learned scale and shift.

    y = γ (x − mean) / √(variance + ε) + β, over the last axis, with the biased variance

    Shapes: `d_model` features; `...` any axes, such as `(B, T)`.
    Args: epsilon: float, `ε`, inside the root; PyTorch's default, where Keras' own is 1e-3.
    Call arguments: x: `(..., d_model)` float.
    Returns: `(..., d_model)`. The variance is computed in float32 or wider, in any precision.
    Attributes: `gamma`, γ, at first 1, and `beta`, β, at first 0, made in `build`; `(d_model,)`.
    Masking: a padding mask is passed on; a position is normalised by itself.
    Raises: ValueError if `epsilon` is not positive.
    Reference: Ba, Kiros and Hinton 2016, "Layer Normalization", section 3.

    >>> print(ops.convert_to_numpy(LayerNorm(epsilon=1e-3)(ops.array([[1.0, 2.0, 3.0, 4.0]]))))
    [[-1.3411044 -0.4470348  0.4470348  1.3411044]]
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        if epsilon <= 0:
            raise ValueError(f"`epsilon` must be positive. Received: epsilon={epsilon}")
        self.supports_masking = True
        self.epsilon = epsilon

    def build(self, x_shape):
        self.gamma = self.add_weight(name="gamma", shape=(x_shape[-1],), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(x_shape[-1],), initializer="zeros")

    def call(self, x):
        wide = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))  # float16 ends at 65504
        centred = wide - ops.mean(wide, axis=-1, keepdims=True)
        variance = ops.mean(ops.square(centred), axis=-1, keepdims=True)  # biased: divided by d
        normal = centred / ops.sqrt(variance + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


class FeedForward(keras.layers.Layer):
    """Widen the features of each position, bend them, and bring them back.

    FFN(x) = activation(x W_1 + b_1) W_2 + b_2, the same for every position

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: hidden_dim: int, width `d_ff` inside; the paper takes 4 · d_model.
        activation: name of the function in between, such as `"relu"` or `"gelu"`.
    Call arguments: x: `(B, T, d_model)` float.    Returns: `(B, T, d_model)`.
    Attributes: `expand` and `contract`, `Dense` layers with bias, made in `build`.
    Masking: a padding mask is passed on, not used.
    Reference: Vaswani et al. 2017, section 3.3.

    >>> tuple(FeedForward(hidden_dim=8)(ops.ones((1, 3, 2))).shape)
    (1, 3, 2)
    """

    def __init__(self, hidden_dim, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.hidden_dim = hidden_dim
        self.activation = activation

    def build(self, x_shape):
        self.expand = keras.layers.Dense(
            self.hidden_dim, activation=self.activation, dtype=self.dtype_policy
        )
        self.contract = keras.layers.Dense(x_shape[-1], dtype=self.dtype_policy)
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], self.hidden_dim))

    def call(self, x):
        return self.contract(self.expand(x))

    def get_config(self):
        own = {"hidden_dim": self.hidden_dim, "activation": self.activation}
        return {**super().get_config(), **own}


class Residual(keras.layers.Layer):
    """Add what a sub-layer makes of its input to that input, with a layer norm before or after.

    post-LN, as the paper prints it: y = LayerNorm(x + Dropout(sublayer(x)))
    pre-LN: y = x + Dropout(sublayer(LayerNorm(x)))

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: norm_first: bool, whether it is pre-LN.    dropout: float, share of what the sub-layer
        adds that is dropped in training.
    Call arguments: x: `(B, T, d_model)` float.
        sublayer: function or layer from `(B, T, d_model)` to `(B, T, d_model)`; passed by name.
    Returns: `(B, T, d_model)`.
    Attributes: `norm`, a `LayerNorm`, made in `build`.
    Masking: a padding mask is passed on, not used.
    Reference: Vaswani et al. 2017, sections 3.1 and 5.4; Xiong et al. 2020, table 1, for pre-LN.

    >>> y = Residual(norm_first=True)(ops.ones((1, 2, 3)), sublayer=lambda x: 5.0 + x)
    >>> print(ops.convert_to_numpy(y[0, 0]))
    [6. 6. 6.]
    """

    def __init__(self, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.norm_first = norm_first
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, x_shape):
        self.norm = LayerNorm(dtype=self.dtype_policy)
        self.norm.build(x_shape)

    def call(self, x, sublayer):
        if self.norm_first:
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))

    def get_config(self):
        own = {"norm_first": self.norm_first, "dropout": self.dropout.rate}
        return {**super().get_config(), **own}


class EncoderBlock(keras.layers.Layer):
    """Let positions exchange what they know, then let each think it over.

    a = Residual(x, self-attention),  y = Residual(a, feed-forward)

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: num_heads: int, number of heads; must divide `d_model`.
        hidden_dim, activation: as of `FeedForward`.    norm_first, dropout: as of `Residual`.
    Call arguments: x: `(B, T, d_model)` float.
        attention_mask: bool that broadcasts to `(B, T, T)`, True = may attend; None allows all.
    Returns: `(B, T, d_model)`.
    Attributes: `attention`, `attention_residual`, `feed_forward` and `feed_forward_residual`.
    Masking: the padding mask of `x` is passed on, none is used: `attention_mask` says it all.
    Raises: ValueError at build if `num_heads` does not divide `d_model`.
    Reference: Vaswani et al. 2017, section 3.1, "Encoder".

    >>> tuple(EncoderBlock(num_heads=2, hidden_dim=8)(ops.ones((1, 3, 4))).shape)
    (1, 3, 4)
    """

    def __init__(
        self, num_heads, hidden_dim, norm_first=False, activation="relu", dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.options = {
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "activation": activation,
            "dropout": dropout,
        }
        self.attention = MultiHeadAttention(num_heads, dtype=self.dtype_policy)
        self.attention_residual = Residual(norm_first, dropout, dtype=self.dtype_policy)
        self.feed_forward = FeedForward(hidden_dim, activation, dtype=self.dtype_policy)
        self.feed_forward_residual = Residual(norm_first, dropout, dtype=self.dtype_policy)

    def build(self, x_shape):
        self.attention.build(x_shape, x_shape)
        self.attention_residual.build(x_shape)
        self.feed_forward.build(x_shape)
        self.feed_forward_residual.build(x_shape)

    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        x = self.attention_residual(x, sublayer=attend)  # communication between positions
        return self.feed_forward_residual(x, sublayer=self.feed_forward)  # computation at each

    def get_config(self):
        return {**super().get_config(), **self.options}


class DecoderBlock(keras.layers.Layer):
    """Look back at what was written, look over at the source, then think it over.

    a = Residual(x, causal self-attention),  c = Residual(a, cross-attention to the source),
    y = Residual(c, feed-forward)

    Shapes: `B` batch, `T` positions, `S` positions of the source, `d_model` features.
    Args: num_heads, hidden_dim, norm_first, activation, dropout: as of `EncoderBlock`.
    Call arguments: x: `(B, T, d_model)` float.    source: `(B, S, d_model)` float, what the
            encoder made of the source.
        attention_mask: bool that broadcasts to `(B, T, T)`, for the self-attention: causal, and
            with padding where there is some; None allows all, the future too.
        source_mask: `(B, 1, S)` bool, True = a real token of the source; None allows all.
    Returns: `(B, T, d_model)`.
    Attributes: those of `EncoderBlock`, and `cross_attention` and `cross_attention_residual`.
    Masking: the padding mask of `x` is passed on, not used; `source_mask` as of `CrossAttention`.
    Raises: ValueError at build if `num_heads` does not divide `d_model`.
    Reference: Vaswani et al. 2017, section 3.1, "Decoder".

    >>> block = DecoderBlock(num_heads=2, hidden_dim=8)
    >>> tuple(block(ops.ones((1, 3, 4)), ops.ones((1, 5, 4))).shape)
    (1, 3, 4)
    """

    def __init__(
        self, num_heads, hidden_dim, norm_first=False, activation="relu", dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.options = {
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "activation": activation,
            "dropout": dropout,
        }
        self.attention = MultiHeadAttention(num_heads, dtype=self.dtype_policy)
        self.attention_residual = Residual(norm_first, dropout, dtype=self.dtype_policy)
        self.cross_attention = CrossAttention(num_heads, dtype=self.dtype_policy)
        self.cross_attention_residual = Residual(norm_first, dropout, dtype=self.dtype_policy)
        self.feed_forward = FeedForward(hidden_dim, activation, dtype=self.dtype_policy)
        self.feed_forward_residual = Residual(norm_first, dropout, dtype=self.dtype_policy)

    def build(self, x_shape, source_shape):
        self.attention.build(x_shape, x_shape)
        self.attention_residual.build(x_shape)
        self.cross_attention.build(x_shape, source_shape)
        self.cross_attention_residual.build(x_shape)
        self.feed_forward.build(x_shape)
        self.feed_forward_residual.build(x_shape)

    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, source, source_mask=source_mask)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)

    def get_config(self):
        return {**super().get_config(), **self.options}
