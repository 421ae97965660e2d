"""`position.learned`: mistakes about the end of the table."""

from keras import ops

from autograder.exercises.position.learned import EXERCISE
from solutions import position


@EXERCISE.misconception(
    "end-not-checked",
    title="no check: the backend finds something to complain about, or does not",
    explanation="A slice past the end of a table is shorter than it was asked to be. What follows "
    "is an error about shapes that do not fit, or none at all where one row is left.",
    hint="What should somebody read whose text has one word too many?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        return x + self.table[start_index : start_index + ops.shape(x)[1]]


@EXERCISE.misconception(
    "start-not-checked",
    title="only the length is checked, not where the sequence starts",
    explanation="Four words fit into a table of five rows, and not from position 2 on.",
    hint="Which is the last position that a call needs, and what does it depend on?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        if x.shape[1] is not None and x.shape[1] > self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {x.shape[1]}")
        return x + self.table[start_index : start_index + ops.shape(x)[1]]


@EXERCISE.misconception(
    "last-row-repeated",
    title="all positions past the end get the last row",
    explanation="No error, and positions that cannot be told apart: behind the end of the table "
    "the sentence is a bag of words again.",
    hint="How do positions 7 and 8 differ for a model whose table ends at 6?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        positions = start_index + ops.arange(ops.shape(x)[1])
        return x + ops.take(self.table, ops.minimum(positions, self.max_length - 1), axis=0)


@EXERCISE.misconception(
    "begins-anew",
    title="past the end the table begins anew",
    explanation="The first word too many is told that it is the first word. A long text would be "
    "several texts laid on top of each other.",
    hint="What does position 0 mean to the model, and which word should get it?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        positions = (start_index + ops.arange(ops.shape(x)[1])) % self.max_length
        return x + ops.take(self.table, positions, axis=0)


@EXERCISE.misconception(
    "last-row-refused",
    title="an error one position too early",
    explanation="A table of `max_length` rows serves `max_length` positions: 0 to max_length − 1.",
    hint="How many words may a sentence have if the table has five rows?",
)
class LearnedPositionEmbedding(position.LearnedPositionEmbedding):
    def call(self, x, start_index=0):
        length = x.shape[1]
        if length is not None and start_index + length >= self.max_length:
            raise ValueError(f"At most {self.max_length} positions. Received: {length}")
        return x + self.table[start_index : start_index + ops.shape(x)[1]]
