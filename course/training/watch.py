"""Callbacks for `fit`: look at the exam after each round, and survive an interruption."""

import hashlib
from pathlib import Path

import keras

ENOUGH = 0.997  # exact match at which training ends: its exam is a sample, and the target is 99 %


class Watch(keras.callbacks.Callback):
    """Measure the model after each round, show it, and end the training when it is enough.

    look: called without arguments; returns a dict of what was measured, the same in words, and
        whether it is enough.
    progress: a `course.progress.Progress` in steps.
    history: list of dicts, one a round: `step`, what was measured, and what `fit` logs, such as
        `loss`.
    """

    def __init__(self, look, progress):
        super().__init__()
        self.look, self.progress = look, progress
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
        step, (found, self._note, enough) = int(self.model.optimizer.iterations), self.look()
        self.history.append({"step": step, **found, **(logs or {})})
        self.progress.advance(0, self._note)
        if enough:
            self.model.stop_training = True


def at_exam(exam, pairs, confirm):
    """Return a `look` for `Watch`: the share of exact matches.

    exam: a `course.training.exam.Exam`.    pairs: few ones that it asks for after each round.
    confirm: many pairs, for when those are right; only both end the training.
    """

    def look():
        share = exam.exact_match(pairs)
        enough = share >= ENOUGH and exam.exact_match(confirm) >= ENOUGH
        return {"exact_match": share}, f"{share:.1%} of unseen ones exactly right", enough

    return look


def backup(model, folder):
    """Return Keras' `BackupAndRestore`, with a place in `folder` of its own for each size of model.

    After an interruption the next training of such a model goes on where this one was; one that
    comes to its end deletes the place.
    """
    shapes = repr([tuple(weight.shape) for weight in model.weights])
    place = Path(folder, hashlib.sha256(shapes.encode()).hexdigest()[:12])
    return keras.callbacks.BackupAndRestore(str(place), double_checkpoint=True)
