"""Values as arrays, compared, and those of other libraries that are stored beside the tests."""

from pathlib import Path

import numpy as np
from keras import ops


def array(x):
    return ops.convert_to_numpy(x)


def floats(values):
    return ops.convert_to_tensor(np.asarray(values, "float32"))


def close(received, expected, tolerance=1e-5):
    expected = array(expected) if ops.is_tensor(expected) else expected
    np.testing.assert_allclose(array(received), expected, rtol=0, atol=tolerance)


def stored(name):
    """The arrays of `fixtures/NAME.npz` by name; `make_NAME.py` says where they are from."""
    with np.load(Path(__file__).with_name("fixtures") / f"{name}.npz") as file:
        return dict(file)
