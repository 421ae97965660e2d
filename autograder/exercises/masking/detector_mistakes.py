"""Mistakes of `masking.leak_detector` in what it changes and what it makes of it."""

from keras import ops

from autograder.exercises.masking.detector import EXERCISE


@EXERCISE.misconception(
    "changed-position-compared",
    title="the changed position compared as well",
    explanation="What stands at t may change the output at t; that is no look ahead. Compared with "
    "it, honest layers are accused.",
    hint="You changed position t. Which outputs must stay as they were: up to t, or before t?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], -x[:, t:] + 2.0], axis=1))
        if ops.max(ops.abs(changed[:, : t + 1] - output[:, : t + 1])) > 1e-4:
            return True
    return False


@EXERCISE.misconception(
    "past-changed",
    title="the past changed, and the future compared",
    explanation="That a later output depends on an earlier input is what a layer of attention is "
    "for. A leak is the other direction.",
    hint="Which way may information flow: from early to late, or from late to early?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([-x[:, :t] + 2.0, x[:, t:]], axis=1))
        if ops.max(ops.abs(changed[:, t:] - output[:, t:])) > 1e-4:
            return True
    return False


@EXERCISE.misconception(
    "always-true",
    title="True for every layer",
    explanation="Some output always changes when an input does. Where the whole output is "
    "compared, or the last position, which may see all, every layer seems to leak.",
    hint="Which layer would your test call honest?",
)
def sees_future(layer, x):
    changed = layer(-x + 2.0)
    return bool(ops.max(ops.abs(changed - layer(x))) > 1e-4)


@EXERCISE.misconception(
    "always-false",
    title="False for every layer",
    explanation="Either nothing was changed between the two runs, or no change was ever counted.",
    hint="Which layer would your test accuse? Does the second input differ from the first?",
)
def sees_future(layer, x):
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], x[:, t:]], axis=1))
        if ops.max(ops.abs(changed[:, :t] - layer(x)[:, :t])) > 1e-4:
            return True
    return False


@EXERCISE.misconception(
    "answer-turned-round",
    title="True for honest layers",
    explanation="The changes are the right ones, and the answer says the opposite of them.",
    hint="The past has not moved. Does the layer see the future then?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], -x[:, t:] + 2.0], axis=1))
        if ops.max(ops.abs(changed[:, :t] - output[:, :t])) > 1e-4:
            return False
    return True


@EXERCISE.misconception(
    "exact-equality",
    title="outputs compared exactly",
    explanation="Floats round. A layer that computes the past as all less the rest is honest, and "
    "its last digits move with the future.",
    hint="How large is the change that you count: a thousandth, or a rounding?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], -x[:, t:] + 2.0], axis=1))
        if ops.any(changed[:, :t] != output[:, :t]):
            return True
    return False


@EXERCISE.misconception(
    "tolerance-too-wide",
    title="a tolerance that lets faint leaks through",
    explanation="Half a hundredth of the future is enough to learn from: training makes it larger.",
    hint="How small is the change that a weight of 0.005 makes, and do you count it?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], -x[:, t:] + 2.0], axis=1))
        if ops.max(ops.abs(changed[:, :t] - output[:, :t])) > 0.5:
            return True
    return False


@EXERCISE.misconception(
    "future-put-in-another-order",
    title="the future put in another order",
    explanation="Sums, averages, and attention without positions do not care for order: they see "
    "the whole future, and the past does not move.",
    hint="What does an average over all positions do when you reverse some of them?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], ops.flip(x[:, t:], axis=1)], axis=1))
        if ops.max(ops.abs(changed[:, :t] - output[:, :t])) > 1e-4:
            return True
    return False


@EXERCISE.misconception(
    "every-feature-shifted-alike",
    title="the same number added to every feature",
    explanation="A layer that normalises the features of a position first takes that number off "
    "again, and then sees nothing change.",
    hint="What does layer normalisation make of x + 1?",
)
def sees_future(layer, x):
    output = layer(x)
    for t in range(1, x.shape[1]):
        changed = layer(ops.concatenate([x[:, :t], x[:, t:] + 1.0], axis=1))
        if ops.max(ops.abs(changed[:, :t] - output[:, :t])) > 1e-4:
            return True
    return False
