"""What a signal and its gradient become in a stack of blocks, measured, in several arrangements.

The blocks are those of lesson 06, with fresh random weights and one head, written with plain
operations so that 64 of them take less than a second.
"""

from dataclasses import dataclass

import numpy as np
from keras import ops

from course.checking.observe import input_gradient
from course.progress import Progress

DEPTHS = (2, 4, 8, 16, 32, 64)
WIDTH, LENGTH, BATCH = 32, 8, 4  # features, positions, sequences
ARRANGEMENTS = {  # name: what one sub-layer makes of x
    "bare": lambda x, f: f(x),
    "norm only": lambda x, f: _norm(f(x)),
    "residual only": lambda x, f: x + f(x),
    "post-LN": lambda x, f: _norm(x + f(x)),
    "pre-LN": lambda x, f: x + f(_norm(x)),
}


@dataclass
class Measured:
    """What one stack did, before each block and at the end: arrays of shape `(depth + 1,)`.

    sizes: the root mean square of the features.
    differences: that of what tells the positions of a sequence apart, as a share of the features.
    gradients: that of the gradient, as a share of the one at the end.
    """

    sizes: np.ndarray
    differences: np.ndarray
    gradients: np.ndarray


def measure(depths=DEPTHS, seed=6):
    """Measure stacks of untrained blocks; show progress; return `{(arrangement, depth): Measured}`.

    The gradient is that of a fixed weighted sum of the stack's output. It is not a number where
    float32 cannot hold what it is made of.
    """
    found = {}
    with Progress("Measuring", total=sum(depths) * len(ARRANGEMENTS)) as progress:
        for name in ARRANGEMENTS:
            for depth in depths:
                found[name, depth] = _measure_one(name, depth, seed)
                progress.advance(depth, note=name)
    return found


def _measure_one(arrangement, depth, seed):
    rng = np.random.default_rng(seed)
    blocks = [_weights(rng) for _ in range(depth)]
    start = rng.normal(size=(BATCH, LENGTH, WIDTH)).astype("float32")
    places = []

    def stack(nudges):
        """The stack with something added at each place: its gradient is the one at that place."""
        x = ops.convert_to_tensor(start)
        for weights, nudge in zip([*blocks, None], ops.unstack(nudges), strict=True):
            x = x + nudge
            places.append(x)
            x = x if weights is None else _block(x, weights, arrangement)
        return x

    nothing = np.zeros((depth + 1, *start.shape), "float32")
    stack(nothing)
    features = [ops.convert_to_numpy(x).astype("float64") for x in places]
    sizes = np.array([_size(x) for x in features])
    apart = np.array([_size(x - x.mean(axis=1, keepdims=True)) for x in features])
    found = ops.convert_to_numpy(input_gradient(stack, ([nothing], {}), None))
    gradients = np.array([_size(gradient) for gradient in found.astype("float64")])
    return Measured(sizes, apart / sizes, gradients / gradients[-1])


def _block(x, weights, arrangement):
    around = ARRANGEMENTS[arrangement]
    x = around(x, lambda y: _attention(y, *weights[:4]))
    return around(x, lambda y: _feed_forward(y, *weights[4:]))


def _weights(rng):
    """Four matrices of attention, two of the feed-forward network, as Keras draws them at first."""
    shapes = [(WIDTH, WIDTH)] * 4 + [(WIDTH, 4 * WIDTH), (4 * WIDTH, WIDTH)]
    spreads = [np.sqrt(2.0 / sum(shape)) for shape in shapes]  # Glorot and Bengio 2010, equation 16
    return [
        rng.normal(0.0, spread, shape).astype("float32")
        for spread, shape in zip(spreads, shapes, strict=True)
    ]


def _attention(x, query, key, value, mix):
    scores = ops.matmul(ops.matmul(x, query), ops.swapaxes(ops.matmul(x, key), 1, 2))
    weights = ops.softmax(scores / WIDTH**0.5)
    return ops.matmul(ops.matmul(weights, ops.matmul(x, value)), mix)


def _feed_forward(x, expand, contract):
    return ops.matmul(ops.relu(ops.matmul(x, expand)), contract)


def _norm(x):
    mean, variance = ops.moments(x, axes=[-1], keepdims=True)
    return (x - mean) / ops.sqrt(variance + 1e-5)


def _size(x):
    return np.sqrt(np.mean(np.square(x)))
