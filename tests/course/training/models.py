"""Models whose answers are known without any training, and a task of their own."""

import keras
import numpy as np
from keras import ops

from course.data.characters import END, PAD, Characters, Pairs
from course.data.task import Task

LETTERS = Characters("abcdef")
LENGTH = 7  # ids of a target: START, up to five letters, END


def draw(split, count, seed=0):
    """Words of three to five letters that are to be copied."""
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abcdef"), rng.integers(3, 6))) for _ in range(count)]
    return Pairs(words, list(words))


COPY = Task("words", draw, LETTERS, source_length=LENGTH, target_length=LENGTH)


class Copier(keras.Model):
    """Copies its source, and writes END behind it."""

    def call(self, inputs):
        return self.decode(inputs["target"], self.encode(inputs["source"]), inputs["source"])

    def build(self, shapes):
        pass

    def encode(self, source):
        end = ops.where(source == PAD, END, source)
        return ops.one_hot(end, len(LETTERS))

    def decode(self, target, encoded, source):
        return encoded[:, : target.shape[1]]


class Forgetful(Copier):
    """Writes an `a` for each `b`."""

    def encode(self, source):
        a, b = (LETTERS.encode(letter)[0] for letter in "ab")
        return super().encode(ops.where(source == b, a, source))


class Leaky(Copier):
    """Says the token that it is told next; where nothing is told yet, it says END."""

    def decode(self, target, encoded, source):
        following = ops.pad(target[:, 1:], ((0, 0), (0, 1)))
        return ops.one_hot(ops.where(following == PAD, END, following), len(LETTERS))
