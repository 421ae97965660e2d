"""`training.fit`: the model of lesson 07 learns to write dates; its weights are judged."""

from autograder.exercises.form import Exercise
from solutions import training
from solutions.transformer import Transformer

EXERCISE = Exercise(
    id="training.fit",
    title="Train your Transformer",
    kind="training",
    points=10,
    reference=training.fit,
    attachment="training.npz",
    model=Transformer,
    uses=(),
)
