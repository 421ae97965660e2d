"""A trained model to write with: from the file of an earlier training, or trained now."""

from dataclasses import replace
from pathlib import Path

from course.data.dates import DATES
from course.training.budget import choose_budget
from course.training.run import train
from course.training.weights import load_weights, read_weights

SHORTER = 700  # steps for a task of longer texts, whose steps take more than twice as long


def ready_model(transformer, task=DATES, path="training.npz"):
    """Return a built model with trained weights, and say where they are from.

    transformer: class of the model, such as `Transformer` or a subclass of it.
    path: of the file of weights. Where there is none, a model is trained with the recipe of lesson
        08 and the file is written, so that this is done once.
    Where the class is not answered yet it is returned all the same: only its own methods are.
    Raises WeightsError where the file holds other weights.
    """
    if not Path(path).is_file():
        _train(transformer, task, path)
    else:
        print(f"`{path}`: weights of an earlier training on {task.name}.")
    value = read_weights(path)
    if value["task"] != task.name:
        raise ValueError(
            f"`{path}` must hold weights for {task.name}. Received: {value['task'][:40]}"
        )
    model = transformer(len(task.characters), **value["model"])
    model.build({"source": (None, task.source_length), "target": (None, task.target_length - 1)})
    load_weights(model, value["weights"])
    return model


def _train(transformer, task, path):
    from course.given import PairBatches, fit  # lesson 08's

    print(f"There is no `{path}`: a model is trained on {task.name} first, and written there.")
    budget = choose_budget(say=lambda line: None)
    if task is not DATES:
        budget = replace(budget, steps=SHORTER)
    train(fit, transformer, PairBatches, task=task, budget=budget, path=path)
