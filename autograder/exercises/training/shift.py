"""`training.shift`: what the decoder is fed, and what it has to answer."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.training.tokens import padded_targets
from course.checking.case import EXACT, Call, Case
from solutions import training
from solutions.embedding import START

HAND = np.array([[1, 7, 8, 9, 2], [1, 5, 2, 0, 0]], "int32")


def case(name, ids, **options):
    return Case(name, (Call([ids]),), tolerance=EXACT, because="ids are whole numbers", **options)


def drawn(rng, name, batch, length, **options):
    return case(name, padded_targets(rng, batch, length, 30, **options))


def visible():
    rng = np.random.default_rng(81)
    return [
        case("by hand: two targets", HAND),
        drawn(rng, "a batch", 3, 8),
    ]


def hidden(rng):
    return [
        drawn(rng, "a batch", 4, 9),
        drawn(rng, "a longer batch", 3, int(rng.integers(15, 25))),
        drawn(rng, "padding behind every row", 3, 10, full=False),
        drawn(rng, "edge: a batch of one", 1, int(rng.integers(5, 9))),
    ]


EXERCISE = Exercise(
    id="training.shift",
    title="Teacher forcing",
    kind="function",
    points=2,
    reference=training.shift_targets,
    visible=visible,
    hidden=hidden,
    returns=("inputs", "labels"),
)


@EXERCISE.misconception(
    "labels-not-shifted",
    title="labels that are the inputs",
    explanation="The decoder is asked for the token that it was just given. It learns to copy, "
    "gets to 100 %, and on its own writes START for ever.",
    hint="The decoder was fed START. Which token should it answer?",
)
def shift_targets(ids):
    return ids[:, :-1], ids[:, :-1]


@EXERCISE.misconception(
    "shifted-backwards",
    title="inputs and labels exchanged",
    explanation="The decoder is fed a token and asked for the one before it, which it has already "
    "seen: it predicts the past.",
    hint="Which of the two begins with START?",
)
def shift_targets(ids):
    return ids[:, 1:], ids[:, :-1]


@EXERCISE.misconception(
    "shifted-twice",
    title="labels two places on",
    explanation="Somebody shifted already, and it is done once more. The decoder predicts the "
    "token after the next, and the first one of a text never.",
    hint="Behind START, which token of the target is the first label?",
)
def shift_targets(ids):
    return ids[:, :-2], ids[:, 2:]


@EXERCISE.misconception(
    "rolled-round",
    title="labels that begin anew at the end",
    explanation="A roll brings START round to the last column. A row without padding is then asked "
    "for START after END.",
    hint="What is the last label of a row that has no padding?",
)
def shift_targets(ids):
    return ids, ops.roll(ids, -1, axis=1)


@EXERCISE.misconception(
    "inputs-keep-the-last-column",
    title="inputs one column longer than labels",
    explanation="The last token has no token after it, so there is nothing to ask for there. Kept, "
    "it makes logits that have no label.",
    hint="How many columns of inputs have a token after them?",
)
def shift_targets(ids):
    return ids, ids[:, 1:]


@EXERCISE.misconception(
    "second-start",
    title="another START put in front",
    explanation="The targets begin with START. With another one before it the decoder is asked for "
    "START first, and everything it learns is one place late.",
    hint="Which token does every row of `ids` begin with?",
)
def shift_targets(ids):
    start = ops.full((ids.shape[0], 1), START, dtype=ids.dtype)
    return ops.concatenate([start, ids[:, :-1]], axis=1), ids


@EXERCISE.variant
def shift_targets(ids):
    places = ops.arange(ids.shape[1] - 1)
    return ops.take(ids, places, axis=1), ops.take(ids, places + 1, axis=1)


@EXERCISE.variant
def shift_targets(ids):
    columns = ops.unstack(ids, axis=1)
    return [ops.stack(columns[:-1], axis=1), ops.stack(columns[1:], axis=1)]
