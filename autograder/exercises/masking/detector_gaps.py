"""Mistakes of `masking.leak_detector` in what it never looks at, and its other right answers."""

import numpy as np
from keras import ops

from autograder.exercises.masking.detector import EXERCISE


@EXERCISE.misconception(
    "only-the-last-changed",
    title="only the last position changed",
    explanation="A leak that shows one position another one in the middle is never touched.",
    hint="A layer shows position 2 what stands at position 4 of 10. What has your test changed?",
)
def sees_future(layer, x):
    changed = layer(ops.concatenate([x[:, :-1], -x[:, -1:] + 2.0], axis=1))
    return bool(ops.max(ops.abs(changed[:, :-1] - layer(x)[:, :-1])) > 1e-4)


@EXERCISE.misconception(
    "only-the-first-compared",
    title="only the first output compared",
    explanation="The first position has the most to see and is checked well; every other one may "
    "look ahead unseen.",
    hint="A layer shows position 2 what stands at position 4. Does its first output change?",
)
def sees_future(layer, x):
    changed = layer(ops.concatenate([x[:, :1], -x[:, 1:] + 2.0], axis=1))
    return bool(ops.max(ops.abs(changed[:, 0] - layer(x)[:, 0])) > 1e-4)


@EXERCISE.misconception(
    "one-cut-only",
    title="a single cut, in the middle",
    explanation="What is leaked within the first half, or within the second, never crosses the "
    "middle.",
    hint="A layer shows position 6 what stands at position 8 of 10. Does that cross your cut?",
)
def sees_future(layer, x):
    half = x.shape[1] // 2
    changed = layer(ops.concatenate([x[:, :half], -x[:, half:] + 2.0], axis=1))
    return bool(ops.max(ops.abs(changed[:, :half] - layer(x)[:, :half])) > 1e-4)


@EXERCISE.misconception(
    "next-position-only",
    title="each position tried with the next one only",
    explanation="A mask that is off by one is found; a look two positions ahead is not.",
    hint="A layer shows position 2 what stands at position 4, and nothing of 3. Is it found?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(x.shape[1] - 1):
        pieces = [x[:, : t + 1], -x[:, t + 1 : t + 2] + 2.0, x[:, t + 2 :]]
        changed = layer(ops.concatenate(pieces, axis=1))
        if ops.max(ops.abs(changed[:, t] - output[:, t])) > 1e-4:
            return True
    return False


@EXERCISE.misconception(
    "only-the-beginning",
    title="only the first few positions tried",
    explanation="A mask that was made for a shorter length may be right at the beginning and "
    "leak behind it.",
    hint="Up to which position does your loop go, and how long is x?",
)
def sees_future(layer, x):
    output = layer(x[:, :4])
    for t in range(1, 4):
        changed = layer(ops.concatenate([x[:, :t], -x[:, t:4] + 2.0], axis=1))
        if ops.max(ops.abs(changed[:, :t] - output[:, :t])) > 1e-4:
            return True
    return False


@EXERCISE.misconception(
    "only-the-first-sequence",
    title="only the first sequence of the batch compared",
    explanation="A mask that was made for each sequence may be wrong for the second one.",
    hint="What happens to a leak in the last sequence of the batch?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], -x[:, t:] + 2.0], axis=1))
        if ops.max(ops.abs(changed[0, :t] - output[0, :t])) > 1e-4:
            return True
    return False


@EXERCISE.variant
def sees_future(layer, x):
    """The output of a beginning alone, beside the beginning of the output."""
    whole = ops.convert_to_numpy(layer(x))
    for t in range(1, x.shape[1]):
        alone = ops.convert_to_numpy(layer(x[:, :t]))
        if not np.allclose(alone, whole[:, :t], rtol=1e-4, atol=1e-4):
            return True
    return False


@EXERCISE.variant
def sees_future(layer, x):
    """Position by position, with random numbers in place of one."""
    rng = np.random.default_rng(0)
    x = ops.convert_to_numpy(x)
    output = ops.convert_to_numpy(layer(ops.array(x)))
    most = 0.0
    for t in range(1, x.shape[1]):
        other = x.copy()
        other[:, t] = rng.normal(size=other[:, t].shape)
        changed = ops.convert_to_numpy(layer(ops.array(other)))
        most = max(most, np.abs(changed - output)[:, :t].max())
    return most > 1e-4


@EXERCISE.variant
def sees_future(layer, x):
    """The future set to 0, without a loop that stops early."""
    output = layer(x, training=False)
    positions = ops.reshape(ops.arange(x.shape[1]), (1, -1, 1))
    moved = [
        ops.abs(layer(ops.where(positions < t, x, 0.0)) - output)[:, :t]
        for t in range(1, x.shape[1])
    ]
    return any(ops.max(each) > 1e-3 for each in moved)
