"""What a model can do on pairs it has not seen: told the right beginning, and by itself."""

import keras
import numpy as np
from keras import ops

from course.data.characters import PAD, START

BATCH = 250  # pairs at a time: more of them take more memory, not less time


class GreedyWriter(keras.Model):
    """Write targets from sources alone: each token is the most likely one after those before it.

    Args: transformer: has `encode(source)` and `decode(target, encoded, source)`, as the
            `Transformer` of lesson 07.
        length: int, number of tokens to write, `L`.
    Call arguments: source: `(B, S)` ids.    Returns: `(B, L)` ids, without START.
    """

    def __init__(self, transformer, length):
        super().__init__()
        self.transformer = transformer
        self.length = length
        self.compile()  # by XLA, where the backend has it

    def build(self, source_shape):
        if not self.transformer.built:
            target_shape = (source_shape[0], self.length + 1)
            self.transformer.build({"source": source_shape, "target": target_shape})

    def call(self, source):
        encoded = self.transformer.encode(source)
        places = ops.arange(self.length + 1)[None]  # (1, L + 1)
        empty = ops.zeros((ops.shape(source)[0], self.length + 1), "int32")

        def write(place, target):
            logits = self.transformer.decode(target, encoded, source)  # (B, L + 1, V)
            best = ops.cast(ops.argmax(logits, axis=-1), "int32")
            following = ops.concatenate([target[:, :1], best[:, :-1]], axis=1)
            return ops.where(places == place + 1, following, target)

        start = ops.where(places == 0, START, empty + PAD)
        return ops.fori_loop(0, self.length, write, start)[:, 1:]


class Exam:
    """Ask a model for the targets of pairs; compiled once, asked as often as one likes.

    model: as of `GreedyWriter`, and called as `model({"source": ids, "target": ids})`.
    task: a `course.data.task.Task`.
    In all methods `pairs` are its `Pairs`, of days or numbers that were not trained on.
    """

    def __init__(self, model, task):
        self.model, self.task = model, task
        self.writer = GreedyWriter(model, task.target_length - 1)

    def answers(self, pairs):
        """Return what the model writes by itself, one text a pair."""
        sources = self.task.sources(pairs)
        if len(pairs) > BATCH:  # another size of the last batch would be compiled for
            sources = np.pad(sources, ((0, -len(pairs) % BATCH), (0, 0)))
        written = self.writer.predict(sources, batch_size=BATCH, verbose=0)
        return [self.task.characters.decode(row) for row in written[: len(pairs)]]

    def exact_match(self, pairs):
        """Return the share of pairs whose target the model writes exactly, by itself."""
        return exact_match(self.answers(pairs), pairs.targets)

    def token_accuracy(self, pairs, shifted=True):
        """Return the share of tokens it finds when it is told all tokens before each.

        shifted: whether the label of a position is the next token; if not, the one that it is told.
        """
        targets = self.task.targets(pairs)
        inputs = {"source": self.task.sources(pairs), "target": targets[:, :-1]}
        labels, right, real = targets[:, 1:] if shifted else targets[:, :-1], 0, 0
        for start in range(0, len(pairs), BATCH):
            rows = slice(start, start + BATCH)
            logits = self.model({name: array[rows] for name, array in inputs.items()})
            best = ops.convert_to_numpy(ops.argmax(logits, axis=-1))
            counted = labels[rows] != PAD
            right += np.sum((best == labels[rows]) & counted)
            real += np.sum(counted)
        return float(right / real)


def exact_match(answers, targets):
    """Return the share of answers that are their target, to the last character."""
    right = [answer == target for answer, target in zip(answers, targets, strict=True)]
    return float(np.mean(right))
