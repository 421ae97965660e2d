"""Mistakes of `training.loss` in what is averaged, and its other right answers."""

from keras import ops

from autograder.exercises.training.loss_targets import EXERCISE
from solutions.embedding import PAD


@EXERCISE.misconception(
    "padding-counted",
    title="padding counted as tokens",
    explanation="PAD is the easiest token to predict. Counted, it makes the loss small, and what "
    "the model learns first is to pad.",
    hint="Which label says that a place is no token?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    return ops.mean(losses)


@EXERCISE.misconception(
    "divided-by-all-places",
    title="divided by all places",
    explanation="Padding adds nothing above the line and still counts below it: the loss, and with "
    "it every gradient, shrinks with each column of padding. Keras does just this with a "
    "`sample_weight` of zeros and ones.",
    hint="Padding is out of your sum. Is it out of what you divide by?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    return ops.mean(ops.where(labels == PAD, 0.0, losses))


@EXERCISE.misconception(
    "mean-of-row-means",
    title="a mean of each row, then of the rows",
    explanation="A token of a short text then weighs more than one of a long text. The paper's "
    "batches, and this exercise, count tokens.",
    hint="One row has 2 tokens, another 20. How much of the loss should each of the 22 be?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    rows = ops.sum(losses * real, axis=-1) / ops.maximum(ops.sum(real, axis=-1), 1.0)
    return ops.mean(rows)


@EXERCISE.misconception(
    "divided-by-the-batch",
    title="divided by the number of texts",
    explanation="The loss of a whole text grows with its length, so that batches of long texts "
    "take larger steps.",
    hint="Twice as many tokens of the same kind: should the loss double?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    return ops.sum(ops.where(labels == PAD, 0.0, losses)) / labels.shape[0]


@EXERCISE.misconception(
    "zero-by-zero",
    title="nothing divided by nothing",
    explanation="Without a token there is 0 / 0, which is NaN, and one step with a NaN makes all "
    "weights NaN.",
    hint="How many tokens has a batch of nothing but padding, and what do you divide by?",
)
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(logits, axis=-1)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.sum(real)


@EXERCISE.variant
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(labels, "int32")
    size = logits.shape[-1]
    target = (1 - smoothing) * ops.one_hot(labels, size) + smoothing / size
    log_p = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
    losses = ops.where(labels == PAD, 0.0, -ops.sum(target * log_p, axis=-1))
    return ops.sum(losses) / ops.maximum(ops.sum(ops.cast(labels != PAD, "float32")), 1)


@EXERCISE.variant
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
    logits = ops.reshape(logits, (-1, logits.shape[-1]))
    logits = logits - ops.max(logits, axis=-1, keepdims=True)
    normalizer = ops.log(ops.sum(ops.exp(logits), axis=-1))
    chosen = ops.sum(ops.one_hot(labels, logits.shape[-1]) * logits, axis=-1)
    losses = normalizer - (1 - smoothing) * chosen - smoothing * ops.mean(logits, axis=-1)
    weights = ops.sign(ops.cast(labels, "float32"))
    return ops.divide_no_nan(ops.sum(weights * losses), ops.sum(weights))
