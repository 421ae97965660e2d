"""`position.learned`: a vector for each position that is learned, and an end of the table.

Mistakes about that end stand in `learned_end`, which adds them to it.
"""

import math

import keras
import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import position

READY_MADE = {
    "PositionEmbedding": "it is the layer, ready-made",
    "TokenAndPositionEmbedding": "it holds the layer, ready-made",
}
SLOPE = {"tolerance": 1e-4, "because": "a gradient sums over the batch, in float32"}


def case(rng, name, batch, length, width, rows, start_index=0, observe=("output",), **options):
    """A table of `rows` rows, and one call from position `start_index` on."""
    kwargs = {"start_index": int(start_index)} if start_index else {}
    return Case(
        name,
        (Call([normal(rng, batch, length, width)], kwargs, observe=observe),),
        construct={"max_length": int(rows)},
        weights={"table": normal(rng, rows, width)},
        **options,
    )


def too_long(rng, name, batch, length, width, rows, start_index=0):
    """A first call that fits and makes the table, and one that does not fit."""
    fits = Call([normal(rng, batch, 2, width)], observe=())
    kwargs = {"start_index": int(start_index)} if start_index else {}
    calls = (fits, Call([normal(rng, batch, length, width)], kwargs))
    weights = {"table": normal(rng, rows, width)}
    return Case(name, calls, construct={"max_length": int(rows)}, weights=weights, raises=True)


def structure(rng, batch, length, width, rows):
    call = Call([normal(rng, batch, length, width)], observe=("weights",))
    construct = {"max_length": int(rows)}
    return Case("its weights: one table and nothing else", (call,), 0.4, construct)


def by_hand():
    table = np.array([[1.0, 0.0], [0.0, 10.0], [5.0, 5.0]], "float32")
    x = np.array([[[0.5, 0.5], [0.5, 0.5]], [[1.0, 2.0], [3.0, 4.0]]], "float32")
    return Case(
        "by hand: two sentences of two words",
        (Call([x]), Call([x], {"start_index": 1})),
        construct={"max_length": 3},
        weights={"table": table},
    )


def visible():
    rng = np.random.default_rng(24)
    observed = ("output", "gradients", "any length", "weights")
    return [
        by_hand(),
        case(rng, "a batch, gradients, any length", 2, 3, 4, 7, observe=observed, **SLOPE),
        too_long(rng, "one position too many raises ValueError", 3, 6, 4, 5),
        too_long(rng, "a later piece that is too long raises ValueError", 3, 4, 6, 5, 2),
    ]


def hidden(rng):
    rows, start = rng.integers(9, 14), rng.integers(2, 4)
    return [
        case(rng, "a batch", 3, 5, 6, rows),
        case(rng, "from a later position on", 2, 5, 6, rows, start),
        case(rng, "edge: as long as the table", 2, 7, 4, 7),
        case(rng, "edge: up to the last row", 3, 4, 5, rows, rows - 4),
        case(rng, "edge: a batch of one", 1, 3, 4, rows),
        case(rng, "its gradient", 3, 4, 5, rows, start, observe=("gradients",), **SLOPE),
        case(rng, "any batch and any length", 2, 4, 6, rows, observe=("any length",)),
        too_long(rng, "one position too many raises ValueError", 3, 8, 5, 7),
        too_long(rng, "a later piece that is too long raises ValueError", 3, 4, 5, rows, rows - 3),
        case(rng, "made anew from its configuration", 2, 3, 5, rows, observe=("config",),
             points=0.4),
        structure(rng, 2, 3, 5, rows),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="position.learned",
    title="A table of positions that is learned",
    kind="layer",
    points=4,
    reference=position.LearnedPositionEmbedding,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    forbidden=READY_MADE,
)


@EXERCISE.misconception(
    "start-ignored",
    title="every piece starts at row 0",
    explanation="A decoder that is given one word at a time then takes each for the first of its "
    "sentence.",
    hint="Which row belongs to the first word of a piece that begins at `start_index`?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and start_index + length > self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {length}")
        return x + self.table[: ops.shape(x)[1]]


@EXERCISE.misconception(
    "position-in-the-batch",
    title="the position of the sequence in the batch, not of the word in the sequence",
    explanation="Axis 0 is the batch. Here all words of one sentence get the same vector.",
    hint="Which axis of `(B, T, d_model)` counts the words of a sentence?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and start_index + length > self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {length}")
        rows = start_index + ops.arange(ops.shape(x)[0])
        return x + ops.take(self.table, rows, axis=0)[:, None]


@EXERCISE.misconception(
    "table-of-the-first-length",
    title="as many rows as the first sentence has words",
    explanation="`build` runs once. A table made for the first sentence has no row for the last "
    "words of a longer one, and in a model for any length `x_shape[1]` is None.",
    hint="Which number says how many positions there are: one of `x_shape`, or one of `self`?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def build(self, x_shape):
        self.table = self.add_weight(
            shape=(x_shape[1], x_shape[2]), initializer="random_normal", name="table"
        )


@EXERCISE.misconception(
    "never-learned",
    title="a table that is not trained",
    explanation="Random vectors tell positions apart as well as others, and better ones are never "
    "found. The formula is the fixed table of this lesson; this one is there to learn.",
    hint="What does `trainable=False` do to a weight?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def build(self, x_shape):
        self.table = self.add_weight(
            shape=(self.max_length, x_shape[-1]),
            initializer="random_normal",
            name="table",
            trainable=False,
        )

    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and start_index + length > self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {length}")
        table = ops.stop_gradient(self.table)
        return x + table[start_index : start_index + ops.shape(x)[1]]


@EXERCISE.misconception(
    "scaled-like-words",
    title="rows multiplied by √d_model",
    explanation="Words are multiplied so that they are as loud as the sines. A learned table finds "
    "its own size.",
    hint="Does the task multiply the rows by anything?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and start_index + length > self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {length}")
        rows = self.table[start_index : start_index + ops.shape(x)[1]]
        return x + rows * math.sqrt(x.shape[-1])


@EXERCISE.misconception(
    "encoding-alone",
    title="returning the rows without the input",
    explanation="KerasHub's layer does so and leaves the addition to you; this one adds.",
    hint="Where in your output are the words?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and start_index + length > self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {length}")
        rows = self.table[start_index : start_index + ops.shape(x)[1]]
        return ops.broadcast_to(rows, ops.shape(x))


@EXERCISE.variant
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def build(self, x_shape):
        shape = (self.max_length, x_shape[-1])
        self.table = self.add_weight(shape=shape, initializer="uniform")

    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and length > self.max_length - start_index:
            raise ValueError("The sequence is too long.")
        return ops.add(x, self.table[None, start_index : start_index + ops.shape(x)[1], :])


@EXERCISE.variant
class LearnedPositionEmbedding(keras.layers.Layer):
    def __init__(self, max_length, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.max_length = max_length

    def build(self, x_shape):
        self.table = self.add_weight(shape=(self.max_length, x_shape[2]), name="rows")

    def call(self, x, start_index=0):
        if x.shape[1] is not None and start_index + x.shape[1] > self.max_length:
            raise ValueError("The sequence is too long.")
        positions = start_index + ops.arange(ops.shape(x)[1])
        return x + ops.matmul(ops.one_hot(positions, self.max_length), self.table)

    def get_config(self):
        return dict(super().get_config(), max_length=self.max_length)
