"""How strongly the last output of a layer depends on words further and further back, measured."""

import keras
import numpy as np
from keras import ops

from course.checking.observe import input_gradient

SEQUENCES = 16


def gradient_by_distance(length=64, width=32, seed=1):
    """Return, by layer name, the size of the last output's gradient for each earlier input.

    Three untrained Keras layers with their usual initial weights read the same random sequences: a
    simple recurrent network, an LSTM, and one attention head that asks from the last position.
    length: of the sequences.    width: of inputs and outputs.
    Returns: `{name: (length,)}`; entry `i` is for the input `i` steps before the last one, the norm
        over its features, averaged over the sequences. Sets the seed of Keras and NumPy.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(SEQUENCES, length, width)).astype("float32")
    head = keras.layers.MultiHeadAttention(num_heads=1, key_dim=width, use_bias=False)
    recurrent, lstm = keras.layers.SimpleRNN(width), keras.layers.LSTM(width)
    outputs = {
        "recurrent network": lambda x: recurrent(x),
        "LSTM": lambda x: lstm(x),
        "attention": lambda x: head(x[:, -1:], x),
    }
    return {name: _norms(output, x) for name, output in outputs.items()}


def _norms(output, x):
    gradient = ops.convert_to_numpy(input_gradient(output, ([x], {}), None))  # (B, n, d)
    return np.linalg.norm(gradient.astype("float64"), axis=-1).mean(axis=0)[::-1]
