"""Callbacks for `fit`: look at the exam after each round, and survive an interruption."""

import hashlib
from pathlib import Path

import keras

ENOUGH = 0.997  # exact match at which training ends: its exam is a sample, and the target is 99 %


class Watch(keras.callbacks.Callback):
    """Measure the exact match after each round, show it, and end the training when it is enough.

    exam: a `course.training.exam.Exam`.    pairs: few ones that it asks for after each round.
    confirm: many pairs, for when those are right; only both end the training.
    progress: a `course.progress.Progress` in steps.    enough: share of exact matches.
    history: list of dicts, one a round: `step`, `exact_match` and what `fit` logs, such as `loss`.
    """

    def __init__(self, exam, pairs, confirm, progress, enough=ENOUGH):
        super().__init__()
        self.exam, self.pairs, self.confirm = exam, pairs, confirm
        self.progress, self.enough = progress, enough
        self.history, self._note = [], ""

    def on_train_begin(self, logs=None):
        done = int(self.model.optimizer.iterations)
        if done:
            print(
                f"An earlier training was interrupted: this one goes on after step {done:,}. "
                f"`resume=False` starts afresh."
            )
            self.progress.advance(done)

    def on_train_batch_end(self, batch, logs=None):
        self.progress.advance(note=self._note)

    def on_epoch_end(self, epoch, logs=None):
        step, share = int(self.model.optimizer.iterations), self.exam.exact_match(self.pairs)
        self.history.append({"step": step, "exact_match": share, **(logs or {})})
        self._note = f"{share:.1%} of unseen ones exactly right"
        self.progress.advance(0, self._note)
        if share >= self.enough and self.exam.exact_match(self.confirm) >= self.enough:
            self.model.stop_training = True


def backup(model, folder):
    """Return Keras' `BackupAndRestore`, with a place in `folder` of its own for each size of model.

    After an interruption the next training of such a model goes on where this one was; one that
    comes to its end deletes the place.
    """
    shapes = repr([tuple(weight.shape) for weight in model.weights])
    place = Path(folder, hashlib.sha256(shapes.encode()).hexdigest()[:12])
    return keras.callbacks.BackupAndRestore(str(place), double_checkpoint=True)
