"""Lesson 10, the modern decoder: a training on a text without beginning and end."""

import keras
import numpy as np


def fit_language_model(model, ids, budget, callbacks=()):
    """Train a model to predict each next piece of a text.

    A window is drawn for each row of each step: `length + 1` pieces that follow one another. All
    but the last are fed, all but the first are asked for. Adam's rate rises in a straight line to
    `peak_rate`, then falls along a cosine to 0.

    Args: model: a `keras.Model` from ids `(B, T)` to logits `(B, T, V)`.
        ids: one-dimensional array, the pieces of the text in their order.
        budget: what says how long: `steps` in all, `warmup_steps` of them to reach `peak_rate`,
            `round_steps` in one of `rounds` epochs; `batch_size` windows a step; `length`, `T`.
        callbacks: of Keras.
    Returns: the `keras.callbacks.History`.
    Reference: Radford et al. 2018, section 3.1, for the objective; Loshchilov and Hutter 2017,
        equation 5, for the rate.
    """
    shape = (budget.steps * budget.batch_size, 1)
    starts = np.random.randint(len(ids) - budget.length, size=shape)
    windows = ids[starts + np.arange(budget.length + 1)]
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=budget.steps - budget.warmup_steps,
        warmup_target=budget.peak_rate,
        warmup_steps=budget.warmup_steps,
    )
    model.compile(
        keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.98),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model.fit(
        windows[:, :-1],
        windows[:, 1:],
        batch_size=budget.batch_size,
        epochs=budget.rounds,
        steps_per_epoch=budget.round_steps,
        callbacks=list(callbacks),
        verbose=0,
    )
