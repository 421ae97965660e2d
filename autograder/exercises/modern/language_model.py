"""`modern.language_model`: the decoder learns Python's documentation; its weights are judged.

Its mistakes are told by the weights that they leave behind.
"""

from dataclasses import replace

import keras
import numpy as np

from autograder.exercises.form import Exercise
from solutions import language
from solutions.modern_decoder import DecoderOnly

EXERCISE = Exercise(
    id="modern.language_model",
    title="Train a language model",
    kind="training",
    points=5,
    reference=language.fit_language_model,
    attachment="language.npz",
    model=DecoderOnly,
    uses=("modern.decoder_only",),
)


def windows(ids, budget, pieces):
    """As many windows of some pieces as the training needs."""
    starts = np.random.randint(len(ids) - pieces, size=(budget.steps * budget.batch_size, 1))
    return ids[starts + np.arange(pieces)]


def fit(model, inputs, labels, budget, callbacks, loss=None):
    """The rest of the reference: what comes after the windows."""
    model.compile(
        keras.optimizers.Adam(budget.peak_rate, beta_1=0.9, beta_2=0.98),
        loss=loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model.fit(
        inputs,
        labels,
        batch_size=budget.batch_size,
        epochs=budget.rounds,
        steps_per_epoch=budget.round_steps,
        callbacks=list(callbacks),
        verbose=0,
    )


@EXERCISE.misconception(
    "labels-not-shifted",
    title="the piece that was just read, asked for again",
    explanation="The model is fed a piece and asked for that same piece. It learns to copy: a loss "
    "of 0 in training, and nothing about what comes next.",
    hint="The model reads pieces 0 to 63 of a window. Which piece is the label of place 0?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(ids, budget, budget.length)
    return fit(model, drawn, drawn, budget, callbacks)


@EXERCISE.misconception(
    "shifted-backwards",
    title="the piece before, in place of the one behind",
    explanation="Inputs and labels are exchanged: the model is fed a piece and asked for the one "
    "before it, which it has read already.",
    hint="Which of the two must be the later part of the window, what is fed or what is asked for?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(ids, budget, budget.length + 1)
    return fit(model, drawn[:, 1:], drawn[:, :-1], budget, callbacks)


@EXERCISE.misconception(
    "shifted-twice",
    title="the piece after the next one",
    explanation="The labels lie two places ahead, as where both the data and the model shift them. "
    "The model is better at that piece than at the next, and writes with every other piece left "
    "out.",
    hint="How many places lie between a piece and its label?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(ids, budget, budget.length + 2)
    return fit(model, drawn[:, :-2], drawn[:, 2:], budget, callbacks)


@EXERCISE.misconception(
    "scores-taken-for-chances",
    title="worse than knowing only how frequent pieces are",
    explanation="Hardly anything was learned. Mostly the loss took scores for chances: Keras' "
    "cross-entropy does so unless it is told `from_logits=True`, by its name in quotes as well.",
    hint="The model returns logits. Who tells the loss so?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(ids, budget, budget.length + 1)
    loss = "sparse_categorical_crossentropy"
    return fit(model, drawn[:, :-1], drawn[:, 1:], budget, callbacks, loss)


@EXERCISE.misconception(
    "pieces-out-of-order",
    title="windows that are no text",
    explanation="The model knows how frequent each piece is, and nothing more. Where the pieces of "
    "a window do not follow one another, what stands before one says nothing about it.",
    hint="Decode one of your windows with `pieces.decode`: can it be read?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(np.random.permutation(ids), budget, budget.length + 1)
    return fit(model, drawn[:, :-1], drawn[:, 1:], budget, callbacks)


@EXERCISE.misconception(
    "same-few-windows",
    title="surer than it is right",
    explanation="The model is certain, and wrong, on text that it has not seen. It knows by heart "
    "what it was trained on: the same few windows, again and again.",
    hint="How many different windows does the model meet in all its steps?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(ids[: 4 * budget.length], budget, budget.length + 1)
    return fit(model, drawn[:, :-1], drawn[:, 1:], budget, callbacks)


@EXERCISE.misconception(
    "weights-hardly-moved",
    title="hardly trained",
    explanation="The scales of the norms stand where they began, at 1. Either the model met a few "
    "steps only, or the learning rate was as good as 0.",
    hint="How high does the learning rate get in your training, and for how many steps?",
)
def fit_language_model(model, ids, budget, callbacks=()):
    drawn = windows(ids, budget, budget.length + 1)
    timid = replace(budget, peak_rate=1e-6)
    return fit(model, drawn[:, :-1], drawn[:, 1:], timid, callbacks)
