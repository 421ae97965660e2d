"""Lesson 10, the modern decoder: rotary positions, RMSNorm, SwiGLU and grouped-query attention.

Shapes throughout: `B` batch, `T` positions of the input, `S` keys, those in a cache included,
`d_model` features, `H` query heads, `G` key/value heads, `d_k = d_model / H`; `...` is any number
of leading axes. Position 0 comes first. The block and the model made of these parts stand in
`modern_decoder`.
"""

import keras
from keras import ops

from solutions.masking import causal_mask, masked_attention
from solutions.multihead import merge_heads, split_heads


def apply_rotary(x, positions, base=10000.0):
    """Turn each pair of features by an angle that grows with the position: RoPE.

    (y[2i], y[2i+1]) = (x[2i] cos a − x[2i+1] sin a,  x[2i] sin a + x[2i+1] cos a)

    with a = position · base^(−2i / d). Pairs are interleaved: columns 2i and 2i+1 belong together.
    Meant for queries and keys: their dot product then depends on the difference of their positions.

    Args: x: `(..., T, d)` float, d even.
        positions: `(..., T)` integers that broadcast to the leading axes of `x`, such as `(T,)`.
        base: float; pair i turns once in 2π · base^(2i / d) positions.
    Returns: the shape and dtype of `x`. The angles are computed in float32, whatever that dtype.
    Raises: ValueError if d is odd, if `x` is no float, or if there are not `T` positions.
    Reference: Su et al. 2021, "RoFormer", section 3.4.2.

    >>> x = ops.array([[1.0, 0.0], [1.0, 0.0]])
    >>> print(ops.convert_to_numpy(apply_rotary(x, positions=[0, 1])).round(4))
    [[1.     0.    ]
     [0.5403 0.8415]]
    """
    positions = ops.convert_to_tensor(positions)
    if len(x.shape) < 2 or x.shape[-1] % 2 or not keras.backend.is_float_dtype(x.dtype):
        raise ValueError(
            "`x` must hold floats and have shape (..., T, d), d even. "
            f"Received: {keras.backend.standardize_dtype(x.dtype)} of shape {tuple(x.shape)}"
        )
    lengths = {*positions.shape[-1:], x.shape[-2]} - {None}  # None while a length is unknown
    if len(positions.shape) == 0 or len(lengths) > 1:
        raise ValueError(
            "`positions` must hold one position for each row of `x`. "
            f"Received: shapes {tuple(positions.shape)} and {tuple(x.shape)}"
        )
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")  # the i of the formula
    positions = ops.cast(positions, "float32")[..., None]
    angles = positions / ops.power(base, 2 * pairs / width)  # (..., T, d / 2)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]  # (..., T, d / 2)
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, ops.shape(x))


class RMSNorm(keras.layers.Layer):
    """Bring the features of each position to a root mean square of one, and scale them.

    y = scale · x / √(mean(x²) + epsilon), the mean over the features

    Shapes: `...` any axes, such as `(B, T)`; `d_model` features.
    Args: epsilon: float, keeps the root away from 0. 1e-5 is that of Llama 2 and 3.
    Call arguments: x: `(..., d_model)` float.    Returns: the shape of `x`.
    Attributes: `scale`, a weight of shape `(d_model,)`, ones at first, made in `build`.
    Precision: squares are taken in float32 at least; in float16 that of 256 is too large.
    Masking: a padding mask is passed on, not used: each position is normalised on its own.
    Raises: ValueError if `epsilon` is negative.
    Reference: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".

    >>> print(ops.convert_to_numpy(RMSNorm(epsilon=0.0)(ops.array([[1.0, 7.0]]))))
    [[0.2 1.4]]
    """

    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        if epsilon < 0:
            raise ValueError(f"`epsilon` must not be negative. Received: epsilon={epsilon}")
        self.supports_masking = True
        self.epsilon = epsilon

    def build(self, x_shape):
        self.scale = self.add_weight(name="scale", shape=(x_shape[-1],), initializer="ones")

    def call(self, x):
        x = ops.cast(x, keras.backend.result_type(self.compute_dtype, "float32"))
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)  # (..., 1)
        normalized = x / ops.sqrt(mean_square + self.epsilon)
        return self.scale * ops.cast(normalized, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


class SwiGLU(keras.layers.Layer):
    """Work on each position alone, one half of the hidden features gating the other.

    y = (SiLU(x W_gate) ⊙ (x W_up)) W_down,  SiLU(z) = z · sigmoid(z)

    Shapes: `...` any axes, such as `(B, T)`; `d_model` and `d_ff` features.
    Args: d_ff: int, hidden width `d_ff`. There are three matrices where a plain feed-forward
        network has two, so 2/3 of its width makes as many weights.
    Call arguments: x: `(..., d_model)` float.    Returns: the shape of `x`.
    Attributes: `gate`, `up` and `down`, `Dense` layers without bias, made in `build`.
    Masking: a padding mask is passed on, not used: each position is worked on alone.
    Raises: ValueError if `d_ff` is not positive.
    Reference: Shazeer 2020, "GLU Variants Improve Transformer", section 2.

    >>> tuple(SwiGLU(d_ff=8)(ops.ones((2, 5, 6))).shape)
    (2, 5, 6)
    """

    def __init__(self, d_ff, **kwargs):
        super().__init__(**kwargs)
        if d_ff < 1:
            raise ValueError(f"`d_ff` must be positive. Received: d_ff={d_ff}")
        self.supports_masking = True
        self.d_ff = d_ff

    def build(self, x_shape):
        self.gate = self._projection(self.d_ff, x_shape)
        self.up = self._projection(self.d_ff, x_shape)
        self.down = self._projection(x_shape[-1], (*x_shape[:-1], self.d_ff))

    def call(self, x):
        return self.down(ops.silu(self.gate(x)) * self.up(x))

    def get_config(self):
        return {**super().get_config(), "d_ff": self.d_ff}

    def _projection(self, units, x_shape):
        dense = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        dense.build(x_shape)
        return dense


class GroupedQueryAttention(keras.layers.Layer):
    """Causal self-attention in which several query heads share one head of keys and values.

    Query head h asks key/value head h // (H / G). Queries and keys are turned by their positions,
    values are not. With G = H it is multi-head attention, with G = 1 multi-query attention.

    Shapes: `B` batch, `T` new positions, `S` cached and new ones, `d_k = d_model / H`.
    Args: num_heads: int, query heads `H`; must divide `d_model`.
        num_groups: int, key/value heads `G`; must divide `H`.
    Call arguments: x: `(B, T, d_model)` float.
        positions: `(T,)` integers, where the rows of `x` stand; None is for 0 to T − 1.
        cache: pair of keys and values, `(B, G, S − T, d_k)` each, of what stands before `x`: what
            an earlier call returned. None where nothing does.
    Returns: `(output, (keys, values))`, of shapes `(B, T, d_model)` and `(B, G, S, d_k)` twice.
        The keys are turned already. Row t of `x` attends to all of the cache and to rows 0 to t.
    Attributes: `query_projection`, `key_projection`, `value_projection` and `output_projection`,
        `Dense` layers without bias, made in `build`.
    Masking: a padding mask is passed on, not used. Behind the real tokens no row sees padding.
    Raises: ValueError if `H` or `G` is not positive, and at build if `H` does not divide `d_model`
        or `G` does not divide `H`.
    Reference: Ainslie et al. 2023, "GQA", section 2.2.

    >>> layer = GroupedQueryAttention(num_heads=4, num_groups=2)
    >>> output, (keys, values) = layer(ops.ones((1, 5, 8)))
    >>> tuple(output.shape), tuple(keys.shape)
    ((1, 5, 8), (1, 2, 5, 2))
    """

    def __init__(self, num_heads, num_groups, **kwargs):
        super().__init__(**kwargs)
        if num_heads < 1 or num_groups < 1:
            raise ValueError(
                "`num_heads` and `num_groups` must be positive. "
                f"Received: num_heads={num_heads}, num_groups={num_groups}"
            )
        self.supports_masking = True
        self.num_heads = num_heads
        self.num_groups = num_groups

    def build(self, x_shape):
        d_model = x_shape[-1]
        if d_model % self.num_heads or self.num_heads % self.num_groups:
            raise ValueError(
                "`num_heads` must divide `d_model`, and `num_groups` must divide `num_heads`. "
                f"Received: d_model={d_model}, num_heads={self.num_heads}, "
                f"num_groups={self.num_groups}"
            )
        shared = self.num_groups * (d_model // self.num_heads)
        self.query_projection = self._projection(d_model, x_shape)
        self.key_projection = self._projection(shared, x_shape)
        self.value_projection = self._projection(shared, x_shape)
        self.output_projection = self._projection(d_model, x_shape)

    def call(self, x, positions=None, cache=None):
        length = ops.shape(x)[1]
        positions = ops.arange(length) if positions is None else positions
        q = split_heads(self.query_projection(x), self.num_heads)  # (B, H, T, d_k)
        k = split_heads(self.key_projection(x), self.num_groups)  # (B, G, T, d_k)
        v = split_heads(self.value_projection(x), self.num_groups)  # (B, G, T, d_k)
        q, k = apply_rotary(q, positions), apply_rotary(k, positions)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)  # (B, G, S, d_k)
            v = ops.concatenate([cache[1], v], axis=2)
        everything = ops.shape(k)[2]
        mask = causal_mask(everything)[:, everything - length :]  # (1, T, S): the last T rows
        per_group = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, per_group, axis=1), ops.repeat(v, per_group, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)

    def get_config(self):
        sizes = {"num_heads": self.num_heads, "num_groups": self.num_groups}
        return {**super().get_config(), **sizes}

    def _projection(self, units, x_shape):
        dense = keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy)
        dense.build(x_shape)
        return dense
