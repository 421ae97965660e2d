"""Lesson 08, training."""

from autograder.exercises.training import (
    accuracy,
    batches_order,
    fit,
    loss_means,
    schedule,
    shift,
)

EXERCISES = (
    shift.EXERCISE,
    loss_means.EXERCISE,
    accuracy.EXERCISE,
    schedule.EXERCISE,
    batches_order.EXERCISE,
    fit.EXERCISE,
)
