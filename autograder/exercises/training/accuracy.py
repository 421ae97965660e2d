"""`training.accuracy`: the share of tokens that are right, over all batches."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.training.tokens import scored
from course.checking.case import Call, Case
from solutions import training
from solutions.embedding import PAD

READY_MADE = {
    "SparseCategoricalAccuracy": "it is the metric, ready-made",
    "sparse_categorical_accuracy": "it is the metric, ready-made",
}
BY_HAND = (
    (np.array([[5, 4, 2], [3, 2, 0]], "int32"), [[5, 4, 2], [3, 5, 0]]),
    (np.array([[4, 2, 0]], "int32"), [[3, 5, 2]]),
)


def case(name, batches, asked=None, **options):
    """Update with each of some batches `(labels, logits)`, and ask after those in `asked`."""
    calls = []
    asked = {len(batches)} if asked is None else asked
    for number, batch in enumerate(batches, 1):
        calls.append(Call(list(batch), method="update_state", observe=()))
        if number in asked:
            calls.append(Call(method="result"))
    return Case(name, tuple(calls), **options)


def sure(labels, guesses):
    """Logits with 1 for the guess, 0 for the rest, of a vocabulary of six or more."""
    return labels, np.eye(max(6, np.max(guesses) + 1), dtype="float32")[np.asarray(guesses)]


def half_right(rng, batch, length, vocabulary_size):
    """Draw a batch in which about half of the guesses are right, and padding is guessed, too."""
    labels, logits = scored(rng, batch, length, vocabulary_size, scale=1.0)
    raised = rng.random(labels.shape) < 0.5
    logits[raised] += 9.0 * np.eye(vocabulary_size, dtype="float32")[labels[raised]]
    lost = (rng.random(labels.shape) < 0.15) & (labels != PAD) & ~raised
    logits[lost, PAD] += 9.0
    return labels, logits


def nothing_yet():
    return Case("edge: before the first batch", (Call(method="result"),), points=0.5)


def visible():
    rng = np.random.default_rng(83)
    return [
        case("by hand: four of five tokens, then none of two", [sure(*some) for some in BY_HAND],
             asked={1, 2}),
        case("two batches of unequal size", [half_right(rng, 4, 7, 9), half_right(rng, 2, 5, 9)]),
        nothing_yet(),
    ]  # fmt: skip


def hidden(rng):
    return [
        case("one batch", [half_right(rng, 4, 7, 10)]),
        case("three batches", [half_right(rng, *sizes, 11) for sizes in ((4, 9), (2, 5), (3, 7))],
             asked={1, 2, 3}, points=2.0),
        case("a batch full of padding among them",
             [half_right(rng, 3, 8, 10), (np.zeros((2, 4), "int32"), half_right(rng, 2, 4, 10)[1]),
              half_right(rng, 2, 6, 10)], asked={2, 3}),
        case("labels as floats", [(labels.astype("float32"), logits) for labels, logits in
                                  (half_right(rng, 3, 6, 10), half_right(rng, 2, 5, 10))]),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="training.accuracy",
    title="Token accuracy",
    kind="class",
    points=3,
    reference=training.TokenAccuracy,
    visible=visible,
    hidden=hidden,
    write=("update_state", "result"),
    forbidden=READY_MADE,
)


@EXERCISE.misconception(
    "padding-counted",
    title="padding counted as tokens",
    explanation="A label of padding is no token. Counted, it drags the share down, or up once the "
    "model has learned to say PAD.",
    hint="A row has three tokens and forty places of padding. How many can be right?",
)
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        right = ops.cast(ops.argmax(logits, axis=-1), "int32") == labels
        self.right.assign_add(ops.sum(ops.cast(right, "float32")))
        self.total.assign_add(float(np.prod(labels.shape)))


@EXERCISE.misconception(
    "padding-counted-as-right",
    title="padding left out of the total only",
    explanation="A model that says PAD where there is padding collects hits there, and the share "
    "can exceed 1.",
    hint="Which places count in the sum above, and which in the one below?",
)
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        right = ops.cast(ops.argmax(logits, axis=-1), "int32") == labels
        self.right.assign_add(ops.sum(ops.cast(right, "float32")))
        self.total.assign_add(ops.sum(ops.cast(labels != PAD, "float32")))


@EXERCISE.misconception(
    "padding-read-off-the-guesses",
    title="padding decided by the guesses",
    explanation="A model that says PAD in the middle of a text is wrong there. If its own guesses "
    "decide what counts, the mistake disappears from the books.",
    hint="Who says which places are padding: the labels or the model?",
)
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        guesses = ops.cast(ops.argmax(logits, axis=-1), "int32")
        real = guesses != PAD
        self.right.assign_add(ops.sum(ops.cast((guesses == labels) & real, "float32")))
        self.total.assign_add(ops.sum(ops.cast(real, "float32")))


@EXERCISE.misconception(
    "mean-of-batches",
    title="the mean of the batches' accuracies",
    explanation="A short batch then weighs as much as a long one, and a token in it more than "
    "elsewhere. The epoch's number depends on how the pairs were put into batches.",
    hint="One batch has 5 tokens and another 500. What should each weigh?",
)
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        real = labels != PAD
        right = (ops.cast(ops.argmax(logits, axis=-1), "int32") == labels) & real
        count = ops.maximum(ops.sum(ops.cast(real, "float32")), 1.0)
        self.right.assign_add(ops.sum(ops.cast(right, "float32")) / count)
        self.total.assign_add(1.0)


@EXERCISE.misconception(
    "only-the-last-batch",
    title="each batch replaces the one before",
    explanation="`assign` sets a weight, `assign_add` adds to it. Set anew, the epoch's number is "
    "that of its last batch.",
    hint="After two batches, what should `total` hold?",
)
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        real = labels != PAD
        right = (ops.cast(ops.argmax(logits, axis=-1), "int32") == labels) & real
        self.right.assign(ops.sum(ops.cast(right, "float32")))
        self.total.assign(ops.sum(ops.cast(real, "float32")))


@EXERCISE.misconception(
    "whole-texts-counted",
    title="texts counted, not tokens",
    explanation="The share of texts that are right from end to end is exact match. It is what "
    "counts in the end, and another number: 98 % of tokens can be 80 % of texts.",
    hint="In a text of ten tokens one is wrong. How many tokens are right?",
)
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        right = ops.cast(ops.argmax(logits, axis=-1), "int32") == labels
        whole = ops.all(right | (labels == PAD), axis=1)
        self.right.assign_add(ops.sum(ops.cast(whole, "float32")))
        self.total.assign_add(float(labels.shape[0]))


@EXERCISE.misconception(
    "zero-by-zero",
    title="nothing divided by nothing",
    explanation="Before the first batch there are no tokens, and 0 / 0 is NaN.",
    hint="What does `result` divide by before the first batch?",
)
class TokenAccuracy(training.TokenAccuracy):
    def result(self):
        return self.right / self.total


@EXERCISE.variant
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int64")
        best = ops.max(logits, axis=-1)
        of_label = ops.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]
        weight = ops.sign(ops.cast(labels, "float32"))
        self.right.assign(self.right + ops.sum(weight * ops.cast(of_label >= best, "float32")))
        self.total.assign(self.total + ops.sum(weight))

    def result(self):
        return ops.where(self.total > 0, self.right / self.total, 0.0)


@EXERCISE.variant
class TokenAccuracy(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
        guesses = ops.argmax(ops.reshape(logits, (-1, logits.shape[-1])), axis=-1)
        right = ops.where(labels == PAD, False, ops.cast(guesses, "int32") == labels)
        self.right.assign_add(ops.cast(ops.count_nonzero(right), "float32"))
        self.total.assign_add(ops.cast(ops.count_nonzero(labels), "float32"))

    def result(self):
        return ops.divide_no_nan(self.right, self.total)
