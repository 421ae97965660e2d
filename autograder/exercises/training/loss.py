"""`training.loss`: cross-entropy with smoothed labels, over real tokens only.

Its wrong programs stand in `loss_targets` and `loss_means`, which add them to it.
"""

import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.training.tokens import scored
from course.checking.case import Call, Case
from solutions import training

READY_MADE = {
    "CategoricalCrossentropy": "it is the loss, ready-made",
    "categorical_crossentropy": "it is the loss, ready-made",
    "SparseCategoricalCrossentropy": "it is the loss, ready-made",
    "sparse_categorical_crossentropy": "it is the loss, ready-made",
}
LARGE = {"tolerance": 1e-3, "because": "losses of some hundred, in float32"}


def case(name, labels, logits, smoothing=None, **options):
    given = [labels, logits] + ([] if smoothing is None else [smoothing])
    return Case(name, (Call(given),), **options)


def by_hand():
    """Chances of 1/2, 1/4, 1/8 and 1/8: all logarithms are halves of ln 4."""
    logits = np.log(np.array([0.125, 0.5, 0.25, 0.125], "float32"))
    rows = np.stack([logits, logits, logits[::-1]])[None]  # the third place is padding
    return case(
        "by hand: chances of 1/2 and 1/8, and a place of padding",
        np.array([[1, 3, 0]], "int32"), rows, 0.2,
    )  # fmt: skip


def large(rng, name, batch, length, vocabulary_size):
    """Logits so far apart that most chances are 0 in float32, and so high that exp overflows."""
    labels, logits = scored(rng, batch, length, vocabulary_size)
    return case(name, labels, 100 * logits + 300, 0.1, **LARGE)


def nothing(rng, batch, length, vocabulary_size):
    _, logits = scored(rng, batch, length, vocabulary_size)
    return case("edge: nothing but padding", np.zeros((batch, length), "int32"), logits, points=0.3)


def drawn(rng, name, *sizes, smoothing=None, **options):
    return case(name, *scored(rng, *sizes), smoothing, **options)


def visible():
    rng = np.random.default_rng(82)
    return [
        by_hand(),
        drawn(rng, "a batch, ε as it comes", 3, 6, 5),
        large(rng, "large logits", 2, 5, 7),
        nothing(rng, 2, 3, 5),
    ]


def hidden(rng):
    labels, logits = scored(rng, 3, 7, 10)
    epsilons = np.round(rng.uniform(0.15, 0.5, 2), 3)
    return [
        drawn(rng, "a batch, ε as it comes", 3, 8, 6, points=2.0),
        drawn(rng, "another ε", 4, 7, 9, smoothing=float(epsilons[0]), points=2.0),
        drawn(rng, "without smoothing", 3, 6, 8, smoothing=0.0),
        large(rng, "large logits", 3, 6, 9),
        case("labels as floats, as Keras hands them over", labels.astype("float32"), logits),
        drawn(rng, "edge: a batch of one", 1, 7, 5, smoothing=float(epsilons[1])),
        nothing(rng, 3, 5, 7),
    ]


EXERCISE = Exercise(
    id="training.loss",
    title="The loss",
    kind="function",
    points=4,
    reference=training.smoothed_cross_entropy,
    visible=visible,
    hidden=hidden,
    forbidden=READY_MADE,
)
