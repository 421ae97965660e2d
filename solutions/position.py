"""Lesson 02, position: a table of sines and cosines, the layer that adds it, and a learned table.

Shapes throughout: `B` batch, `T` positions, `d_model` features. Position 0 comes first. Pair `i` of
the features is columns `2i` and `2i+1`; it turns by `1 / 10000^(2i / d_model)` radians a position.
Reference: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
"""

import keras
from keras import ops


def sinusoidal_table(length, d_model):
    """Tabulate the sinusoidal position encoding.

    PE[pos, 2i] = sin(pos / 10000^(2i / d_model)),  PE[pos, 2i+1] = cos(pos / 10000^(2i / d_model))

    Args: length: int, or integer tensor without axes: how many positions, from 0 on.
        d_model: int, even.
    Returns: `(length, d_model)` float32; sines and cosines alternate.
    Raises: ValueError if `d_model` is odd.

    >>> print(ops.convert_to_numpy(sinusoidal_table(3, d_model=4)).round(4))
    [[ 0.      1.      0.      1.    ]
     [ 0.8415  0.5403  0.01    1.    ]
     [ 0.9093 -0.4161  0.02    0.9998]]
    """
    if d_model % 2:
        raise ValueError(
            f"`d_model` must be even: each sine has its cosine. Received: d_model={d_model}"
        )
    positions = ops.arange(length, dtype="float32")[:, None]  # (length, 1)
    pairs = ops.arange(d_model // 2, dtype="float32")  # the i of the formula
    angles = positions / ops.power(10000.0, 2 * pairs / d_model)  # (length, d_model / 2)
    table = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)  # (length, d_model / 2, 2)
    return ops.reshape(table, (-1, d_model))


class SinusoidalPositionEncoding(keras.layers.Layer):
    """Add to each position of a sequence its row of the sinusoidal table.

    y[b, t] = x[b, t] + PE[start_index + t]

    Shapes: `B` batch, `T` positions, `d_model` features.
    Call arguments: x: `(B, T, d_model)` float; batch and length may be unknown until the run.
        start_index: int, the position of the first row of `x`; 0 unless a sequence comes in pieces.
    Returns: `(B, T, d_model)`. The angles are computed in float32 whatever the layer's precision.
    Raises: ValueError if `x` has not three axes, or `d_model` is odd.
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
        end = start_index + ops.shape(x)[1]
        table = sinusoidal_table(end, x.shape[-1])[start_index:]  # (T, d_model) float32
        return x + ops.cast(table, x.dtype)

    def compute_mask(self, x, mask=None):
        return mask


def shift_matrix(offset, d_model):
    """Make the matrix that moves an encoding on by `offset` positions, whichever position it is.

    PE[pos + offset] = M PE[pos], with PE[pos] as a column. M turns each pair by its own angle
    a = offset / 10000^(2i / d_model), and u = pos / 10000^(2i / d_model):

    sin(u + a) =  cos a · sin u + sin a · cos u
    cos(u + a) = -sin a · sin u + cos a · cos u

    Args: offset: int, also negative.    d_model: int, even.
    Returns: `(d_model, d_model)` float32, zero outside the 2 × 2 blocks on its diagonal.
    Raises: ValueError if `d_model` is odd.
    Reference: Vaswani et al. 2017, section 3.5, which states that such a map exists.

    >>> print(ops.convert_to_numpy(shift_matrix(1, d_model=4)).round(4))
    [[ 0.5403  0.8415  0.      0.    ]
     [-0.8415  0.5403  0.      0.    ]
     [ 0.      0.      1.      0.01  ]
     [ 0.      0.     -0.01    1.    ]]
    """
    if d_model % 2:
        raise ValueError(
            f"`d_model` must be even: each sine has its cosine. Received: d_model={d_model}"
        )
    pairs = ops.arange(d_model // 2, dtype="float32")
    angles = offset / ops.power(10000.0, 2 * pairs / d_model)  # (d_model / 2,)
    diagonal = ops.repeat(ops.cos(angles), 2)  # cos a, cos a, cos b, cos b, ...
    sines = ops.stack([ops.sin(angles), ops.zeros_like(angles)], axis=-1)
    beside = ops.reshape(sines, (-1,))[:-1]  # sin a, 0, sin b, 0, ..., sin z
    return ops.diag(diagonal) + ops.diag(beside, k=1) - ops.diag(beside, k=-1)


class LearnedPositionEmbedding(keras.layers.Layer):
    """Add to each position of a sequence a vector of its own that is learned.

    y[b, t] = x[b, t] + P[start_index + t]

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: max_length: int, the number of rows of the table `P`; there is no position past it.
    Call arguments: x: `(B, T, d_model)` float; batch and length may be unknown until the run.
        start_index: int, the position of the first row of `x`; 0 unless a sequence comes in pieces.
    Returns: `(B, T, d_model)`.
    Raises: ValueError if `x` has not three axes or reaches past `max_length`. A length that is
        unknown until the run cannot be checked before it; the backend then stops at the last row.
    Attributes: `table`, a weight of shape `(max_length, d_model)`, made in `build`.
    Masking: a padding mask is passed on; padding gets a vector like any other position.
    Reference: Gehring et al. 2017, "Convolutional Sequence to Sequence Learning", section 3.1.

    >>> layer = LearnedPositionEmbedding(max_length=3)
    >>> tuple(layer(ops.ones((2, 3, 4))).shape), tuple(layer.table.shape)
    ((2, 3, 4), (3, 4))
    """

    def __init__(self, max_length, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.max_length = max_length

    def build(self, x_shape):
        self.table = self.add_weight(
            shape=(self.max_length, x_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.02),  # as BERT and GPT-2 draw it
            name="table",
        )

    def call(self, x, start_index=0):
        length = x.shape[1]  # None while it is unknown
        if length is not None and start_index + length > self.max_length:
            raise ValueError(
                f"A sequence must end within max_length={self.max_length} positions. "
                f"Received: positions {start_index} to {start_index + length - 1}"
            )
        return x + self.table[start_index : start_index + ops.shape(x)[1]]

    def compute_mask(self, x, mask=None):
        return mask

    def compute_output_shape(self, x_shape):
        return x_shape

    def get_config(self):
        return {**super().get_config(), "max_length": self.max_length}
