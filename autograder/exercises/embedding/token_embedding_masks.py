"""`embedding.token_embedding`: mistakes about padding and its mask."""

import math

from keras import ops

from autograder.exercises.embedding.token_embedding import EXERCISE
from solutions import embedding
from solutions.embedding import PAD


@EXERCISE.misconception(
    "mask-missing",
    title="no mask, or one that gets lost",
    explanation="Without `compute_mask` nobody behind this layer knows which positions are PAD. "
    "`mask_zero` of an inner layer does not help: `*` and `ops` drop its mask.",
    hint="What does `compute_mask` return, and who calls it?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def compute_mask(self, ids, mask=None):
        return mask


@EXERCISE.misconception(
    "mask-inverted",
    title="a mask that is True at PAD",
    explanation="In Keras, and in this course, True says that a position may be used. Some other "
    "libraries say it the other way round. Turned around, a model attends to padding only.",
    hint="Does True mean that a position is to be kept, or that it is to be hidden?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def compute_mask(self, ids, mask=None):
        return ops.equal(ids, PAD)


@EXERCISE.misconception(
    "mask-hides-all-specials",
    title="hiding START, END and UNK as well",
    explanation="Only PAD says nothing. END is what a model has to learn to write, START is where "
    "it begins to read, and UNK stands for a word.",
    hint="Which of the four special tokens carry no meaning at all?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def compute_mask(self, ids, mask=None):
        return ops.greater(ids, 3)


@EXERCISE.misconception(
    "mask-of-numbers",
    title="a mask of ones and zeros",
    explanation="A mask is made of booleans. What a 1 means depends on who reads it: it may be "
    "multiplied, added, or compared, and each gives something else.",
    hint="Which type has your mask: numbers, or True and False?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def compute_mask(self, ids, mask=None):
        return ops.cast(ops.not_equal(ids, PAD), "float32")


@EXERCISE.misconception(
    "pad-vectors-zeroed",
    title="setting the vectors of PAD to zero",
    explanation="A zero vector is still a vector: softmax gives it a weight, and a bias or a "
    "position encoding makes it something else. The mask is what hides it.",
    hint="What is row 0 of the table, and did you return it?",
)
class TokenEmbedding(embedding.TokenEmbedding):
    def call(self, ids):
        kept = ops.cast(ops.not_equal(ids, PAD), self.compute_dtype)[..., None]
        return ops.take(self.table, ids, axis=0) * math.sqrt(self.d_model) * kept
