"""The decoder of Keras' own layers that is trained beside that of lesson 10."""

import keras
import numpy as np
from keras import ops

from course.toys.language import KerasDecoder

SIZES = {"d_model": 16, "num_layers": 2, "num_heads": 4, "num_groups": 2, "d_ff": 16}


def test_the_model_of_keras_is_causal_and_has_one_table():
    keras.utils.set_random_seed(3)
    layer = KerasDecoder(504, **SIZES)
    ids = np.random.default_rng(0).integers(0, 504, (2, 9))
    changed = ids.copy()
    changed[:, 5:] = (changed[:, 5:] + 1) % 504
    one, other = (ops.convert_to_numpy(layer(some)) for some in (ids, changed))
    assert one.shape == (2, 9, 504)
    np.testing.assert_allclose(one[:, :5], other[:, :5], atol=1e-5)
    assert np.abs(one - other)[:, 5:].max() > 0.1
    assert sum(504 in weight.shape for weight in layer.trainable_weights) == 1
