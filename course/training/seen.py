"""Callback for `fit`: how well a model knows what it was trained on, and what it was not."""

import keras
import numpy as np
from keras import ops

from course.data.characters import PAD

SOME = 200  # pairs of each kind


class SeenAndUnseen(keras.callbacks.Callback):
    """Measure, after each epoch, the loss on pairs of the training and on pairs held out.

    Both are measured alike: cross-entropy without smoothing, in nats a token, dropout off, the true
    tokens told. So their difference is that between remembering and knowing.

    task: a `course.data.task.Task`.    count: pairs of each kind, at most.    seed: of the choice.
    history: list of dicts, one an epoch: `step`, `seen`, `unseen`.
    """

    def __init__(self, task, count=SOME, seed=0):
        super().__init__()
        self.task, self.history = task, []
        self.pairs = {
            "seen": task.draw("training", count, seed),
            "unseen": task.draw("validation", count, seed),
        }

    def on_epoch_end(self, epoch, logs=None):
        measured = {name: self.loss(pairs) for name, pairs in self.pairs.items()}
        self.history.append({"step": int(self.model.optimizer.iterations), **measured})

    def loss(self, pairs):
        """Return the mean over all tokens that are no padding of −ln p of the right one."""
        sources, targets = self.task.sources(pairs), self.task.targets(pairs)
        logits = self.model({"source": sources, "target": targets[:, :-1]}, training=False)
        log_p = ops.convert_to_numpy(ops.log_softmax(ops.cast(logits, "float32"), axis=-1))
        labels = targets[:, 1:]
        of_label = np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]
        return float(-np.mean(of_label[labels != PAD]))
