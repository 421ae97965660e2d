"""Mistakes of `training.loss` in its logarithms and in how the labels are smoothed."""

from keras import ops

from autograder.exercises.training.loss import EXERCISE
from solutions.embedding import PAD


@EXERCISE.misconception(
    "smoothing-left-out",
    title="labels not smoothed",
    explanation="Without the second term the best the model can do is to be certain, and it drives "
    "its logits apart for ever to get there.",
    hint="Does your loss change when ε changes?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    losses = -ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


@EXERCISE.misconception(
    "smoothing-on-the-others-only",
    title="ε shared out among the other tokens",
    explanation="With ε / (V − 1) for each token but the label the shares make 1, too. It is "
    "another convention: a smaller share for the label, and another floor. Here, as in Keras and "
    "PyTorch, the label gets its ε / V like all the others.",
    hint="How much does the label itself get, all in all?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    size = logits.shape[-1]
    log_p = ops.log_softmax(logits, axis=-1)
    label = ops.one_hot(labels, size)
    target = (1 - smoothing) * label + smoothing / (size - 1) * (1 - label)
    real = ops.cast(labels != PAD, "float32")
    losses = -ops.sum(target * log_p, axis=-1)
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


@EXERCISE.misconception(
    "smoothing-without-padding",
    title="ε shared out among all but the label and PAD",
    explanation="The Annotated Transformer does it this way, with ε / (V − 2): padding is never a "
    "right answer. It is a fair choice and another formula than the one asked for.",
    hint="Over how many tokens does the formula spread ε?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    size = logits.shape[-1]
    log_p = ops.log_softmax(logits, axis=-1)
    label = ops.one_hot(labels, size)
    others = 1 - label - ops.one_hot(PAD, size)
    target = (1 - smoothing) * label + smoothing / (size - 2) * others
    real = ops.cast(labels != PAD, "float32")
    losses = -ops.sum(target * log_p, axis=-1)
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


@EXERCISE.misconception(
    "smoothing-added-on-top",
    title="ε / V added, nothing taken away",
    explanation="The label keeps its whole 1, so that the shares make 1 + ε: a loss that is too "
    "large, for a distribution that is none.",
    hint="What do the shares of all tokens sum to in your target?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


@EXERCISE.misconception(
    "log-of-softmax",
    title="the logarithm of a chance that is 0",
    explanation="In float32 a chance of e^−200 is 0, and its logarithm is minus infinity. The log "
    "of a softmax has a closed form, z − log Σ exp z, in which nothing vanishes.",
    hint="What is softmax of the scores 0 and 200, and what is the logarithm of the smaller one?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log(ops.softmax(logits, axis=-1))
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


@EXERCISE.misconception(
    "chances-held-above-a-floor",
    title="a small number added inside the logarithm",
    explanation="No infinity any more, and a wrong answer in its place: whatever is less likely "
    "than that small number costs the same, and has no gradient that leads back.",
    hint="One token has a chance of e^−50, another of e^−500. Do they cost the same?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log(ops.softmax(logits, axis=-1) + 1e-9)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


@EXERCISE.misconception(
    "softmax-twice",
    title="softmax of a softmax",
    explanation="The chances are taken for scores. As they lie between 0 and 1, the second softmax "
    "is nearly flat: the loss cannot fall below about ln V − 1.",
    hint="What do you hand to log-softmax: scores, or chances?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(ops.softmax(logits, axis=-1), axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)
