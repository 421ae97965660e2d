"""`embedding.token_embedding`: ids to scaled vectors, and a mask that hides PAD."""

import math

import keras
import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import embedding
from solutions.embedding import PAD

SLOPE = {"tolerance": 1e-4, "because": "a gradient sums over all outputs, in float32"}


def sentences(rng, vocabulary_size, *shape):
    """Ids as texts have them: START, words and END, and PAD behind; all ids 0 to V − 1 may occur.

    The last id of the vocabulary is there, and id 0 is there as PAD.
    """
    ids = rng.integers(3, vocabulary_size, shape).astype("int32")
    ids[..., 0] = 1
    ids[..., 1] = vocabulary_size - 1
    ids[..., -1] = PAD
    ids[..., -2] = 2
    return ids


def case(rng, name, *shape, size, width, observe=("output",), **options):
    """One call on ids of the given shape, with `size` tokens of `width` features."""
    return Case(
        name,
        (Call([sentences(rng, size, *shape)], observe=observe),),
        construct={"vocabulary_size": size, "d_model": width},
        weights={"table": normal(rng, size, width)},
        **options,
    )


def structure(rng, *shape, size, width):
    """The shape of the weight that the layer makes by itself."""
    return Case(
        "its weights: one table and nothing else",
        (Call([sentences(rng, size, *shape)], observe=("weights",)),),
        points=0.3,
        construct={"vocabulary_size": size, "d_model": width},
    )


def by_hand():
    """√4 = 2: each row comes out doubled."""
    table = [
        [0.5, 0.5, 0.5, 0.5],
        [1.0, 0.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.1, 0.2, 0.3, 0.4],
        [-1.0, 0.5, 0.0, 2.0],
    ]
    return Case(
        "by hand: START, a word, END, PAD",
        (Call([np.array([[1, 4, 2, 0]], "int32")], observe=("output", "mask")),),
        construct={"vocabulary_size": 6, "d_model": 4},
        weights={"table": np.array(table, "float32")},
    )


def visible():
    rng = np.random.default_rng(13)
    return [
        by_hand(),
        case(rng, "a batch", 3, 5, size=11, width=7, observe=("output", "mask")),
        case(rng, "the gradient", 2, 6, size=9, width=5, observe=("gradients",), **SLOPE),
        structure(rng, 2, 4, size=9, width=5),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", 3, 6, size=13, width=8),
        case(rng, "one sentence, no batch", 7, size=9, width=5),
        case(rng, "a batch of batches", 2, 3, 5, size=11, width=7),
        case(rng, "the mask", 4, 6, size=9, width=5, observe=("mask",), points=2.0),
        case(rng, "a wide table", 2, 5, size=7, width=23),
        case(rng, "any batch and any length", 3, 4, size=11, width=6, observe=("any length",)),
        case(rng, "the gradient", 2, 6, size=10, width=7, observe=("gradients",), **SLOPE),
        case(
            rng, "made anew from its configuration", 2, 4, size=9, width=6, observe=("config",),
            points=0.3,
        ),
        structure(rng, 2, 5, size=8, width=7),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="embedding.token_embedding",
    title="Look up vectors and mask the padding",
    kind="layer",
    points=4,
    reference=embedding.TokenEmbedding,
    visible=visible,
    hidden=hidden,
    write=("build", "call", "compute_mask"),
    forbidden={"Embedding": "making the table and looking it up is the exercise"},
)


@EXERCISE.misconception(
    "missing-scale",
    title="no multiplication by √d_model",
    explanation="Entries drawn with standard deviation 1/√d_model are small beside position "
    "encodings, whose entries lie between −1 and 1: the words drown. Training hides it.",
    hint="How large are the entries of the table, and how large should those of the output be?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        return ops.take(self.table, ids, axis=0)


@EXERCISE.misconception(
    "divided-by-the-root",
    title="dividing by √d_model",
    explanation="Attention divides by √d_k because scores are too large. Here entries are too "
    "small: they are multiplied.",
    hint="Are the entries of the table too large or too small?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        return ops.take(self.table, ids, axis=0) / math.sqrt(self.d_model)


@EXERCISE.misconception(
    "scaled-by-d-model",
    title="multiplying by d_model, without the root",
    explanation="A standard deviation of 1/√d_model times d_model is √d_model: at width 512 the "
    "entries are near 23 and drown the positions.",
    hint="What times 1/√d_model is 1?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        return ops.take(self.table, ids, axis=0) * self.d_model


@EXERCISE.misconception(
    "scaled-by-the-vocabulary",
    title="multiplying by the root of the size of the vocabulary",
    explanation="The table has two sizes. What makes entries small is the width of a vector, and "
    "not how many vectors there are.",
    hint="Which of the two sizes of the table is the width of a vector?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        return ops.take(self.table, ids, axis=0) * math.sqrt(self.vocabulary_size)


@EXERCISE.misconception(
    "scaled-by-the-length",
    title="multiplying by the root of the length of the text",
    explanation="A word would have another vector in a long sentence than in a short one, and "
    "padding would change it.",
    hint="Should the vector of a word depend on how long its sentence is?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        return ops.take(self.table, ids, axis=0) * math.sqrt(ids.shape[-1] or 1)


@EXERCISE.misconception(
    "scaled-by-the-papers-width",
    title="multiplying by √512, whatever the width",
    explanation="512 is the d_model of the paper's base model. Another model has another one.",
    hint="Which width has this layer, and which one did you write down?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        return ops.take(self.table, ids, axis=0) * math.sqrt(512)


@EXERCISE.misconception(
    "last-id-lost",
    title="counting the tokens from 1",
    explanation="Ids run from 0 to V − 1. A one-hot vector of length V − 1 has no place for the "
    "last one: it is all zeros, and so is the vector of that token.",
    hint="Which ids are there when a vocabulary has V tokens? What is the vector of the last one?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        hot = ops.one_hot(ids, self.vocabulary_size - 1, dtype=self.compute_dtype)
        return ops.matmul(hot, self.table[:-1]) * math.sqrt(self.d_model)


@EXERCISE.misconception(
    "table-not-trained",
    title="a table that is not trained",
    explanation="A table of fixed random vectors never learns that two words are alike. Position "
    "encodings may be fixed; word vectors are what is learned.",
    hint="How many numbers of your layer does the optimiser change?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def build(self, ids_shape):
        self.table = self.add_weight(
            name="table", shape=(self.vocabulary_size, self.d_model), trainable=False
        )


@EXERCISE.variant
class TokenEmbedding(embedding.TokenEmbedding):
    def build(self, ids_shape):
        self.table = self.add_weight(
            shape=(self.vocabulary_size, self.d_model), initializer="random_normal"
        )

    def call(self, ids):
        hot = ops.one_hot(ids, self.vocabulary_size, dtype=self.compute_dtype)
        return ops.matmul(hot, self.table) * self.d_model**0.5

    def compute_mask(self, ids, mask=None):
        return ids != 0


@EXERCISE.variant
class TokenEmbedding(keras.layers.Layer):
    def __init__(self, vocabulary_size, d_model, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.d_model = d_model
        self.table = self.add_weight(shape=(vocabulary_size, d_model), name="table")

    def call(self, ids):
        scaled = ops.sqrt(float(self.d_model)) * ops.convert_to_tensor(self.table)
        return ops.take(scaled, ids, axis=0)

    def compute_mask(self, ids, mask=None):
        return ops.logical_not(ops.equal(ids, 0))

    def get_config(self):
        config = super().get_config()
        config.update(vocabulary_size=self.vocabulary_size, d_model=self.d_model)
        return config
