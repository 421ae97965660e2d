"""Layers with nothing to write in them, which stand in for one that an exercise is handed.

Each is a Keras layer like any other: it has a config, keeps masks, and can be saved and loaded.
"""

import math

import keras
import numpy as np
from keras import ops

REGISTERED = keras.saving.register_keras_serializable(package="course")


class _Standin(keras.layers.Layer):
    """A layer without a choice of its own: masks pass through, and arrays of its config as lists.

    A subclass names the arguments of its constructor, kept as attributes, in `arguments`.
    """

    arguments = ()

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def get_config(self):
        own = {name: getattr(self, name) for name in self.arguments}
        plain = {
            name: part.tolist() if isinstance(part, np.ndarray) else part
            for name, part in own.items()
        }
        return {**super().get_config(), **plain}


@REGISTERED
class Affine(_Standin):
    """Multiply the features by a matrix and add an offset: x W + b, times a factor in training.

    Args: matrix: `(d, e)`, W.    offset: `(e,)`, b; None, the default, is 0.
        training_factor: float that multiplies the output where `training` is true, as dropout
            would change it, and leaves it comparable.
    Call arguments: x: `(..., d)`.    training: bool.    Returns: `(..., e)`.
    Attributes: `kernel` and `bias`, its trainable weights.
    """

    arguments = ("matrix", "offset", "training_factor")

    def __init__(self, matrix, offset=None, training_factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.matrix = np.asarray(matrix, "float32")
        zeros = np.zeros(self.matrix.shape[-1], "float32")
        self.offset = zeros if offset is None else np.asarray(offset, "float32")
        self.training_factor = training_factor

    def build(self, x_shape):
        self.kernel = self._weight("kernel", self.matrix)
        self.bias = self._weight("bias", self.offset)

    def call(self, x, training=False):
        output = ops.matmul(x, self.kernel) + self.bias
        return output * self.training_factor if training else output

    def compute_output_shape(self, x_shape, **kwargs):
        return (*x_shape[:-1], self.matrix.shape[-1])

    def _weight(self, name, values):
        start = keras.initializers.Constant(values)
        return self.add_weight(name=name, shape=values.shape, initializer=start)


@REGISTERED
class Mixer(_Standin):
    """Mix positions: each output is a weighted sum of the inputs of its sequence.

    Args: matrix: `(T, T)`, row t the weights of output t; or `(B, T, T)`, one for each sequence.
    Call arguments: x: `(B, T, d)`. Fewer sequences and positions use a part of the matrix.
    """

    arguments = ("matrix",)

    def __init__(self, matrix, **kwargs):
        super().__init__(**kwargs)
        self.matrix = np.asarray(matrix, "float32")

    def call(self, x):
        matrix = _part(self.matrix, x)
        return ops.matmul(ops.convert_to_tensor(matrix, self.compute_dtype), x)


@REGISTERED
class Attending(_Standin):
    """Attend without weights to learn: softmax(x xᵀ / √d, mask) x, over a chosen axis.

    Args: allowed: `(T, T)` bool, or `(B, T, T)`, True = may attend.
        axis: int, the axis of the weights that sums to one; -2 is a mistake people make.
    Call arguments: x: `(B, T, d)`. Fewer sequences and positions use a part of the mask.
    """

    arguments = ("allowed", "axis")

    def __init__(self, allowed, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.allowed, self.axis = np.asarray(allowed, bool), axis

    def call(self, x):
        scores = ops.matmul(x, ops.swapaxes(x, -1, -2)) / math.sqrt(x.shape[-1])
        scores = ops.where(_part(self.allowed, x), scores, -1e4)  # fits in float16
        return ops.matmul(ops.softmax(scores, axis=self.axis), x)


@REGISTERED
class NormOver(_Standin):
    """Bring to mean 0 and variance 1 over one axis, or over several.

    Args: axis: int, or a list of ints.    epsilon: float, added to the variance.
    """

    arguments = ("axis", "epsilon")

    def __init__(self, axis, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.axis, self.epsilon = axis, epsilon

    def call(self, x):
        axis = self.axis if isinstance(self.axis, int) else tuple(self.axis)
        mean, variance = ops.moments(x, axis, keepdims=True)
        return (x - mean) / ops.sqrt(variance + self.epsilon)


@REGISTERED
class HeadMerge(_Standin):
    """Average each head over the positions so far, and merge the heads.

    Args: num_heads: int, divides the features.
        transposed: bool, whether heads come behind positions before they are joined; reshape alone
            is a mistake people make.
    Call arguments: x: `(B, T, d)`.
    """

    arguments = ("num_heads", "transposed")

    def __init__(self, num_heads, transposed=True, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.transposed = num_heads, transposed

    def call(self, x):
        batch, length, width = x.shape
        average = np.tril(np.ones((length, length))) / np.arange(1, length + 1)[:, None]
        x = ops.matmul(ops.convert_to_tensor(average, self.compute_dtype), x)
        if self.transposed:
            return x  # splitting and merging undo each other
        x = ops.reshape(x, (batch, length, self.num_heads, width // self.num_heads))
        return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (batch, length, width))


@REGISTERED
class Chain(_Standin):
    """Apply several layers, one after the other.

    Args: layers: list of layers.
    """

    def __init__(self, layers, **kwargs):
        super().__init__(**kwargs)
        self.layers = list(layers)

    def call(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def get_config(self):
        layers = [keras.saving.serialize_keras_object(layer) for layer in self.layers]
        return {**super().get_config(), "layers": layers}

    @classmethod
    def from_config(cls, config):
        layers = [keras.saving.deserialize_keras_object(layer) for layer in config["layers"]]
        return cls(**{**config, "layers": layers})


def _part(matrix, x):
    """The part of `(T, T)` or `(B, T, T)` for the sequences and positions of `x`."""
    length = x.shape[1]
    if length is not None and length > matrix.shape[-1]:
        raise ValueError(
            f"`x` must be at most {matrix.shape[-1]} positions long. Received: {length}"
        )
    return (
        matrix[..., :length, :length]
        if matrix.ndim == 2
        else matrix[: x.shape[0], :length, :length]
    )
