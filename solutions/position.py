"""Lesson 02, position: a table of sines and cosines, the layer that adds it, and a learned table.

Shapes throughout: `B` batch, `T` positions, `d_model` features. Position 0 comes first. Pair `i` of
the features is columns `2i` and `2i+1`; it turns by `1 / 10000^(2i / d_model)` radians a position.
Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
"""

import keras
from keras import ops


def sinusoidal_table(length, d_model, start_index=0):
    """Tabulate the sinusoidal position encoding.

    PE[pos, 2i] = sin(pos / 10000^(2i / d_model)),  PE[pos, 2i+1] = cos(pos / 10000^(2i / d_model))

    Args: length: int, how many positions. A scalar tensor where it is unknown until a run.
        d_model: int, even and above 0.
        start_index: int or scalar tensor, the position of the first row.
    Returns: `(length, d_model)` float32; sines and cosines alternate.
    Raises: ValueError if `d_model` is odd or not above 0.

    >>> print(ops.convert_to_numpy(sinusoidal_table(3, d_model=4)).round(4))
    [[ 0.      1.      0.      1.    ]
     [ 0.8415  0.5403  0.01    1.    ]
     [ 0.9093 -0.4161  0.02    0.9998]]
    """
    if d_model < 2 or d_model % 2:
        raise ValueError(
            f"`d_model` must be even: each sine has its cosine. Received: d_model={d_model}"
        )
    positions = ops.cast(start_index + ops.arange(length), "float32")
    pairs = ops.arange(d_model // 2, dtype="float32")  # the i of the formula
    angles = positions[:, None] / ops.power(10000.0, 2 * pairs / d_model)  # (length, d_model / 2)
    table = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)  # (length, d_model / 2, 2)
    return ops.reshape(table, (-1, d_model))


class SinusoidalPositionEncoding(keras.layers.Layer):
    """Add to each position of a sequence its row of the sinusoidal table.

    y[b, t] = x[b, t] + PE[start_index + t]

    Shapes: `B` batch, `T` positions, `d_model` features.
    Call arguments: x: `(B, T, d_model)` float; batch and length may be unknown until the run.
        start_index: int or scalar tensor, the position of the first row of `x`; 0 unless a sequence
            comes in pieces.
    Returns: `(B, T, d_model)`. The angles are computed in float32 whatever the layer's precision.
    Raises: ValueError if `x` has not three axes or `d_model` is odd.
    Masking: a padding mask is passed on; padding gets an encoding like any other position.
    Reference: Vaswani et al. 2017, section 3.5.

    >>> y = SinusoidalPositionEncoding()(ops.zeros((1, 3, 4)))
    >>> print(ops.convert_to_numpy(y[0]).round(4))
    [[ 0.      1.      0.      1.    ]
     [ 0.8415  0.5403  0.01    1.    ]
     [ 0.9093 -0.4161  0.02    0.9998]]
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def call(self, x, start_index=0):
        table = sinusoidal_table(ops.shape(x)[1], x.shape[-1], start_index)  # (T, d_model) float32
        return x + ops.cast(table, self.compute_dtype)

    def compute_mask(self, x, mask=None):
        return mask


def shift_matrix(offset, d_model):
    """Make the matrix that moves an encoding on by `offset` positions, whichever position it is.

    PE[pos + offset] = M PE[pos], with PE[pos] as a column. M turns each pair by its own angle
    a = offset / 10000^(2i / d_model); with u = pos / 10000^(2i / d_model)

    sin(u + a) =  cos a · sin u + sin a · cos u
    cos(u + a) = -sin a · sin u + cos a · cos u

    Args: offset: int, also negative.    d_model: int, even and above 0.
    Returns: `(d_model, d_model)` float32, zero outside the 2 × 2 blocks on its diagonal.
    Raises: ValueError if `d_model` is odd or not above 0.
    Reference: Vaswani et al. 2017, section 3.5, which states that such a map exists.

    >>> print(ops.convert_to_numpy(shift_matrix(1, d_model=4)).round(4))
    [[ 0.5403  0.8415  0.      0.    ]
     [-0.8415  0.5403  0.      0.    ]
     [ 0.      0.      1.      0.01  ]
     [ 0.      0.     -0.01    1.    ]]
    """
    turn = sinusoidal_table(1, d_model, start_index=offset)[0]  # sin a, cos a, sin b, cos b, ...
    sines, cosines = turn[0::2], turn[1::2]
    beside = ops.reshape(ops.stack([sines, ops.zeros_like(sines)], axis=-1), (-1,))[:-1]
    diagonal = ops.diag(ops.repeat(cosines, 2))  # cos a, cos a, cos b, cos b, ...
    return diagonal + ops.diag(beside, k=1) - ops.diag(beside, k=-1)


class LearnedPositionEmbedding(keras.layers.Layer):
    """Add to each position of a sequence a vector of its own that is learned.

    y[b, t] = x[b, t] + P[start_index + t]

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: max_length: int, the number of rows of the table `P`; there is no position past it.
    Call arguments: x: `(B, T, d_model)` float; batch and length may be unknown until the run.
        start_index: int or scalar tensor, the position of the first row of `x`; 0 unless a sequence
            comes in pieces.
    Returns: `(B, T, d_model)`.
    Raises: ValueError if `max_length` is not above 0, `x` has not three axes, or a position is not
        in 0 to `max_length` − 1. What is unknown until the run cannot be checked before it: there
        the backend answers in its own way (TensorFlow raises on a CPU, JAX returns NaN).
    Attributes: `table`, a weight of shape `(max_length, d_model)`, made in `build`.
    Masking: a padding mask is passed on; padding gets a vector like any other position.
    Reference: Gehring et al. 2017, "Convolutional Sequence to Sequence Learning", section 3.1.

    >>> layer = LearnedPositionEmbedding(max_length=3)
    >>> tuple(layer(ops.ones((2, 3, 4))).shape), tuple(layer.table.shape)
    ((2, 3, 4), (3, 4))
    """

    def __init__(self, max_length, **kwargs):
        super().__init__(**kwargs)
        if max_length < 1:
            raise ValueError(f"`max_length` must be above 0. Received: max_length={max_length}")
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.max_length = max_length

    def build(self, x_shape):
        self.table = self.add_weight(
            shape=(self.max_length, x_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.02),  # as in BERT
            name="table",
        )

    def call(self, x, start_index=0):
        length = x.shape[1]  # None while it is unknown
        if length is not None and not ops.is_tensor(start_index):
            last = start_index + length - 1
            if start_index < 0 or last >= self.max_length:
                raise ValueError(
                    f"All positions must be in 0 to {self.max_length - 1}, as "
                    f"max_length={self.max_length}. Received: positions {start_index} to {last}"
                )
        return x + ops.take(self.table, start_index + ops.arange(ops.shape(x)[1]), axis=0)

    def compute_mask(self, x, mask=None):
        return mask

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return {**super().get_config(), "max_length": self.max_length}
