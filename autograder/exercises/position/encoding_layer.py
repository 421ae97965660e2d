"""`position.encoding_layer`: the table as a layer, for any length and any precision."""

import math

import keras
import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.position.sinusoidal import READY_MADE
from course.checking.case import Call, Case
from solutions import position
from solutions.position import sinusoidal_table

HALF = {"tolerance": 4e-3, "because": "float16 has steps of 2^-9 near 2"}


def call(rng, batch, length, d_model, start_index=0, observe=("output",)):
    x = normal(rng, batch, length, d_model, scale=0.5)
    return Call([x], {"start_index": int(start_index)} if start_index else {}, observe=observe)


def case(rng, name, *sizes, **options):
    return Case(name, (call(rng, *sizes, **options),))


def pieces(rng, name, batch, lengths, d_model):
    """A sequence that comes in two pieces, the second where the first ends."""
    first, second = lengths
    calls = call(rng, batch, first, d_model), call(rng, batch, second, d_model, start_index=first)
    return Case(name, calls)


def half(rng, name, batch, length, d_model, start_index):
    """Positions past 2048, where float16 holds even numbers only."""
    calls = (call(rng, batch, length, d_model, start_index),)
    return Case(name, calls, construct={"dtype": "float16"}, **HALF)


def visible():
    rng = np.random.default_rng(22)
    observed = ("mask passed on", "any length", "weights")
    return [
        Case("by hand: two words of zeros", (Call([np.zeros((1, 2, 8), "float32")]),)),
        pieces(rng, "a batch in two pieces, of 3 and 5 positions", 2, (3, 5), 6),
        case(rng, "padding, any length, no weights", 2, 5, 4, observe=observed),
        half(rng, "in float16, from position 3000 on", 2, 3, 6, 3000),
    ]


def hidden(rng):
    far = rng.integers(2100, 4000)
    return [
        case(rng, "a batch", 3, 5, 8),
        case(rng, "a longer sequence", 2, 9, 6),
        pieces(rng, "a batch in two pieces", 3, (5, 7), 4),
        case(rng, "edge: one word at a later position", 2, 1, 6, start_index=rng.integers(5, 30)),
        case(rng, "edge: a batch of one", 1, 4, 10),
        case(rng, "padding", 3, 6, 4, observe=("output", "mask passed on")),
        case(rng, "any batch and length", 2, 7, 6, observe=("any length",)),
        case(rng, "no weights", 2, 3, 8, observe=("output", "weights")),
        half(rng, "in float16, from a far position on", 3, 4, 6, far),
    ]


EXERCISE = Exercise(
    id="position.encoding_layer",
    title="The encoding as a layer",
    kind="layer",
    points=5,
    reference=position.SinusoidalPositionEncoding,
    visible=visible,
    hidden=hidden,
    write=("call", "compute_mask"),
    forbidden=READY_MADE,
    uses=("position.sinusoidal",),
)


@EXERCISE.misconception(
    "mask-dropped",
    title="the padding mask ends here",
    explanation="A Keras layer that says nothing of masks drops them, with a warning on stderr. "
    "All layers after it then take padding for words.",
    hint="Which mask should the next layer see, when the input comes with one?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def compute_mask(self, x, mask=None):
        return None


@EXERCISE.misconception(
    "mask-from-the-input",
    title="a mask of what is not zero, in place of the one that came",
    explanation="A word vector may be zero and padding need not be. What is padding was decided "
    "where the ids were, and the mask carries that decision.",
    hint="Who knows which positions are padding: the vectors, or the mask that came with them?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def compute_mask(self, x, mask=None):
        return ops.any(ops.not_equal(x, 0.0), axis=-1)


@EXERCISE.misconception(
    "position-in-the-batch",
    title="the position of the sequence in the batch, not of the word in the sequence",
    explanation="Axis 0 is the batch. Code for PyTorch often puts time first, and "
    "`pe[:x.size(0)]` copied from there numbers the sentences and gives all words of one the same.",
    hint="Which axis of `(B, T, d_model)` counts the words of a sentence?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        table = sinusoidal_table(ops.shape(x)[0], x.shape[-1], start_index)[:, None]
        return x + ops.cast(table, x.dtype)


@EXERCISE.misconception(
    "start-ignored",
    title="every piece starts at position 0",
    explanation="A decoder that is given one word at a time then takes each for the first of its "
    "sentence. Nothing shows it while whole sentences come in.",
    hint="A second piece begins at `start_index`. Which row does its first word get?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        table = sinusoidal_table(ops.shape(x)[1], x.shape[-1])
        return x + ops.cast(table, x.dtype)


@EXERCISE.misconception(
    "table-of-the-first-length",
    title="a table as long as the first sentence",
    explanation="`build` runs once, with the shape of the first input. The next sentence may be "
    "longer, and in a model for any length `x_shape[1]` is None.",
    hint="What is the table worth when the second sentence is longer than the first?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def build(self, x_shape):
        self.table = sinusoidal_table(x_shape[1], x_shape[2])

    def call(self, x, start_index=0):
        table = self.table[start_index : start_index + ops.shape(x)[1]]
        return x + ops.cast(table, x.dtype)


@EXERCISE.misconception(
    "float16-angles",
    title="angles in the precision of the input",
    explanation="float16 has 11 bits: past 2048 it knows even numbers only, and two neighbours "
    "share a position. Sines are small and can be rounded; angles are large and cannot.",
    hint="Can float16 tell position 3001 from 3000? When should the numbers become float16?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        d_model = x.shape[-1]
        positions = ops.cast(start_index + ops.arange(ops.shape(x)[1]), x.dtype)
        exponents = ops.cast(ops.arange(0, d_model, 2) / d_model, x.dtype)
        angles = positions[:, None] * ops.exp(-math.log(10000.0) * exponents)
        table = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)
        return x + ops.reshape(table, (-1, d_model))


@EXERCISE.misconception(
    "input-scaled",
    title="multiplying the input by √d_model here",
    explanation="The embedding of lesson 1 has done it. Twice, it makes the words d_model times "
    "as large as the table gave them, and positions are hardly heard.",
    hint="Which layer multiplies by √d_model: the one that looks words up, or this one?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        table = sinusoidal_table(ops.shape(x)[1], x.shape[-1], start_index)
        return x * math.sqrt(x.shape[-1]) + ops.cast(table, x.dtype)


@EXERCISE.misconception(
    "encoding-alone",
    title="returning the encoding without the input",
    explanation="KerasHub's layer does so and leaves the addition to you; this one adds.",
    hint="Where in your output are the words?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        table = sinusoidal_table(ops.shape(x)[1], x.shape[-1], start_index)
        return ops.broadcast_to(ops.cast(table, x.dtype), ops.shape(x))


@EXERCISE.misconception(
    "concatenated",
    title="set beside the input, not added to it",
    explanation="It works, and doubles the width of all that follows. The paper adds.",
    hint="How wide is what comes out, and how wide should it be?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        table = ops.cast(sinusoidal_table(ops.shape(x)[1], x.shape[-1], start_index), x.dtype)
        return ops.concatenate([x, ops.broadcast_to(table, ops.shape(x))], axis=-1)


@EXERCISE.misconception(
    "trainable-table",
    title="a table that is trained",
    explanation="`add_weight` makes weights that learn unless told otherwise. The table is a "
    "formula: trained, it no longer is, and its rows past the training lengths stay behind.",
    hint="How many weights has this layer, and what would training do to them?",
)
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def build(self, x_shape):
        self.table = self.add_weight(shape=(5000, x_shape[-1]), dtype="float32", autocast=False)
        self.table.assign(sinusoidal_table(5000, x_shape[-1]))

    def call(self, x, start_index=0):
        table = self.table[start_index : start_index + ops.shape(x)[1]]
        return x + ops.cast(table, x.dtype)


@EXERCISE.variant
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        end = start_index + ops.shape(x)[1]
        table = sinusoidal_table(end, x.shape[-1])[start_index:]
        return x + ops.cast(ops.expand_dims(table, axis=0), x.dtype)


@EXERCISE.variant
class SinusoidalPositionEncoding(position.SinusoidalPositionEncoding):
    def call(self, x, start_index=0):
        d_model = x.shape[-1]
        positions = ops.cast(start_index + ops.arange(ops.shape(x)[1]), "float32")
        exponents = ops.arange(0, d_model, 2, dtype="float32") / d_model
        angles = positions[:, None] * ops.exp(-math.log(10000.0) * exponents)
        table = ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], -1), (-1, d_model))
        return ops.cast(ops.cast(x, "float32") + table[None], x.dtype)


@EXERCISE.variant
class SinusoidalPositionEncoding(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, x_shape):
        self.table = ops.convert_to_numpy(sinusoidal_table(5000, x_shape[-1]))

    def call(self, x, start_index=0):
        rows = ops.arange(start_index, start_index + ops.shape(x)[1])
        return x + ops.cast(ops.take(self.table, rows, axis=0), x.dtype)
