"""A training from the data to the file that is handed in."""

import keras

from course.data.dates import DATES
from course.plots.live import LiveCurves
from course.progress import Progress
from course.training.budget import choose_budget
from course.training.exam import Exam
from course.training.missing import tell_missing
from course.training.watch import Watch, at_exam, backup
from course.training.weights import save_weights

LOOK, CONFIRM = 250, 1000  # pairs of the exam of each round, and of the one that ends a training
BACKUPS = "training-backup"  # folder


def train(
    fit,
    transformer,
    batches,
    task=DATES,
    budget=None,
    seed=0,
    resume=True,
    path=None,
    change=None,
    callbacks=(),
):
    """Train a Transformer on a task; return the model and a list of what was measured.

    fit: `fit(model, batches, budget, callbacks)` compiles the model and calls its `fit`.
    transformer: class of the model.    batches: class of the batches, such as `PairBatches`.
    budget: a `course.training.budget.Budget`; None, the default, chooses by the device.
    seed: of the weights and of the data.
    resume: whether to go on where an interrupted training was, from the folder `BACKUPS`.
    path: of the file of weights that is written at the end; None writes none.
    change: called with the built model before it is trained, such as by the failure gallery.
    callbacks: further ones of Keras, in front of the course's own.
    Where a part that it needs is not answered yet, that is said, and `(None, [])` returned.
    """
    try:
        model, history = _train(
            fit, transformer, batches, task, budget, seed, resume, change, callbacks
        )
    except NotImplementedError as error:
        tell_missing(error, "trained")
        return None, []
    if path:
        save_weights(model, path, task)
    return model, history


def _train(fit, transformer, batches, task, budget, seed, resume, change, callbacks):
    budget = budget or choose_budget()
    pairs = task.draw("training", budget.batch_size * budget.steps, seed)
    data = batches(
        task.sources(pairs).tolist(),  # all of one length: a model is compiled for each
        task.targets(pairs).tolist(),
        budget.batch_size,
        bucket_width=task.target_length,
    )
    keras.utils.set_random_seed(seed)
    model = transformer(len(task.characters), **budget.sizes, dtype=budget.precision)
    model.build({"source": (None, task.source_length), "target": (None, task.target_length - 1)})
    if change:
        change(model)
    look, confirm = (task.draw("validation", count, seed) for count in (LOOK, CONFIRM))
    with Progress("Training", total=budget.steps) as progress:
        watch = Watch(at_exam(Exam(model, task), look, confirm), progress)
        restore = [backup(model, BACKUPS)] if resume else []  # in front: it says where to go on
        fit(model, data, budget, [*restore, *callbacks, watch, LiveCurves(watch.history)])
    return model, watch.history
