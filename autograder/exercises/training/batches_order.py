"""Mistakes of `training.batches` in its buckets and in the order of an epoch."""

import random

from autograder.exercises.training.batches import EXERCISE
from solutions import training


@EXERCISE.misconception(
    "same-order-every-epoch",
    title="every epoch in the same order",
    explanation="A generator that is made anew from the same seed begins anew, and without one "
    "nothing is shuffled at all. The model meets the same batches again and again, in the same "
    "order. `shuffle` before `cache` in a tf.data pipeline does the same.",
    hint="If you draw twice from your generator, do you get the same?",
)
class PairBatches(training.PairBatches):
    def draw_batches(self):
        generator = random.Random(0)
        rows = list(range(len(self.sources)))
        generator.shuffle(rows)
        buckets = {}
        for row in rows:
            buckets.setdefault(self.lengths(row), []).append(row)
        batches = [
            bucket[start : start + self.batch_size]
            for bucket in buckets.values()
            for start in range(0, len(bucket), self.batch_size)
        ]
        generator.shuffle(batches)
        return batches


@EXERCISE.misconception(
    "not-from-the-seed",
    title="an order that no seed fixes",
    explanation="Python's own generator is shared by everybody. A run that uses it cannot be "
    "repeated, and a mistake that shows in one run out of five cannot be found.",
    hint="Where does `seed` come into your shuffling?",
)
class PairBatches(training.PairBatches):
    def draw_batches(self):
        rows = list(range(len(self.sources)))
        random.shuffle(rows)
        buckets = {}
        for row in rows:
            buckets.setdefault(self.lengths(row), []).append(row)
        batches = [
            bucket[start : start + self.batch_size]
            for bucket in buckets.values()
            for start in range(0, len(bucket), self.batch_size)
        ]
        random.shuffle(batches)
        return batches


@EXERCISE.misconception(
    "the-same-batches-in-another-order",
    title="pairs that always share a batch",
    explanation="Only the order of the batches is new. Each pair meets the same others in every "
    "epoch, so that the gradient's accidents repeat.",
    hint="In the second epoch, does a pair share its batch with others than in the first?",
)
class PairBatches(training.PairBatches):
    def draw_batches(self):
        buckets = {}
        for row in range(len(self.sources)):
            buckets.setdefault(self.lengths(row), []).append(row)
        batches = [
            bucket[start : start + self.batch_size]
            for bucket in buckets.values()
            for start in range(0, len(bucket), self.batch_size)
        ]
        self.random.shuffle(batches)
        return batches


@EXERCISE.misconception(
    "bucket-after-bucket",
    title="one bucket after the other",
    explanation="The model sees nothing but short texts for a while, then nothing but long ones, "
    "and forgets the ones over the others. Batches are shuffled, too.",
    hint="In which order do the buckets come in an epoch of yours?",
)
class PairBatches(training.PairBatches):
    def draw_batches(self):
        rows = list(range(len(self.sources)))
        self.random.shuffle(rows)
        buckets = {}
        for row in rows:
            buckets.setdefault(self.lengths(row), []).append(row)
        return [
            bucket[start : start + self.batch_size]
            for bucket in buckets.values()
            for start in range(0, len(bucket), self.batch_size)
        ]


@EXERCISE.misconception(
    "last-batch-dropped",
    title="what does not fill a batch left out",
    explanation="Every bucket loses up to a batch of pairs, and rare lengths are never trained on.",
    hint="A bucket has 7 pairs and a batch has room for 3. How many batches are that?",
)
class PairBatches(training.PairBatches):
    def draw_batches(self):
        rows = list(range(len(self.sources)))
        self.random.shuffle(rows)
        buckets = {}
        for row in rows:
            buckets.setdefault(self.lengths(row), []).append(row)
        batches = [
            bucket[start : start + self.batch_size]
            for bucket in buckets.values()
            for start in range(0, len(bucket) - self.batch_size + 1, self.batch_size)
        ]
        self.random.shuffle(batches)
        return batches
