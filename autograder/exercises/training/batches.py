"""`training.batches`: padding, length buckets, and a new order for each epoch.

Its mistakes in the order and in the buckets stand in `batches_order`, which adds them to it.
"""

import keras
import numpy as np

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import training
from solutions.embedding import END, PAD, START
from solutions.training import shift_targets


def pairs(rng, count, longest):
    """Draw sources and targets; no two sources are equal, and lengths are all over the place."""

    def tokens(size):
        return [int(number) for number in rng.integers(END + 1, 60, size)]

    sizes = rng.integers(1, longest + 1, (2, count))
    sources = [[60 + row, *tokens(size - 1)] for row, size in enumerate(sizes[0])]
    return sources, [[START, *tokens(size), END] for size in sizes[1]]


def case(rng, name, count, longest, batch_size, bucket_width, **options):
    sources, targets = pairs(rng, count, longest)
    return Case(
        name,
        (Call(method="__len__", observe=("output", "one epoch", "several epochs")),),
        construct={
            "sources": sources,
            "targets": targets,
            "batch_size": batch_size,
            "bucket_width": bucket_width,
            "seed": int(rng.integers(100, 1000)),
        },
        tolerance=EXACT,
        because="ids are whole numbers",
        **options,
    )


def visible():
    rng = np.random.default_rng(85)
    return [
        case(rng, "lengths up to 8, buckets of 4", 61, 8, 3, 4),
        case(rng, "lengths up to 14, buckets of 5", 47, 14, 2, 5),
    ]


def hidden(rng):
    return [
        case(rng, "buckets of 4", 67, 9, 3, 4),
        case(rng, "buckets of 6", 41, 15, 2, 6),
        case(rng, "edge: a bucket for each length", 53, 3, 2, 1),
        case(rng, "edge: one bucket for all", 37, 7, 4, 50),
    ]


EXERCISE = Exercise(
    id="training.batches",
    title="Batches of one length",
    kind="class",
    points=5,
    reference=training.PairBatches,
    visible=visible,
    hidden=hidden,
    write=("lengths", "draw_batches", "__getitem__"),
    uses=("training.shift",),
)


@EXERCISE.misconception(
    "padded-in-front",
    title="padding put in front",
    explanation="`pad_sequences` pads in front unless told otherwise. A target then begins with "
    "padding, not with START, and positions count padding.",
    hint="Which token stands in the first column of every row of targets?",
)
class PairBatches(training.PairBatches):
    def __getitem__(self, index):
        rows = self.batches[index]
        source_length, target_length = self.lengths(rows[0])
        source = keras.utils.pad_sequences([self.sources[row] for row in rows], source_length)
        target = keras.utils.pad_sequences([self.targets[row] for row in rows], target_length)
        inputs, labels = shift_targets(target)
        return {"source": source, "target": inputs}, labels


@EXERCISE.misconception(
    "labels-not-shifted",
    title="labels that are the inputs",
    explanation="The decoder is fed the token that it is asked for: accuracy goes to 100 %, and "
    "what it writes alone is START for ever.",
    hint="What has the exercise on teacher forcing to do with this one?",
)
class PairBatches(training.PairBatches):
    def __getitem__(self, index):
        rows = self.batches[index]
        source, target = (
            keras.utils.pad_sequences([ids[row] for row in rows], length, padding="post", value=PAD)
            for ids, length in zip((self.sources, self.targets), self.lengths(rows[0]), strict=True)
        )
        return {"source": source, "target": target}, target


@EXERCISE.misconception(
    "source-shifted-too",
    title="the last column of the source cut off",
    explanation="Only the target is shifted against itself. A source without its last column has "
    "lost the last token of its longest rows.",
    hint="Does the encoder have to answer anything?",
)
class PairBatches(training.PairBatches):
    def __getitem__(self, index):
        rows = self.batches[index]
        source, target = (
            keras.utils.pad_sequences([ids[row] for row in rows], length, padding="post", value=PAD)
            for ids, length in zip((self.sources, self.targets), self.lengths(rows[0]), strict=True)
        )
        inputs, labels = shift_targets(target)
        return {"source": source[:, :-1], "target": inputs}, labels


@EXERCISE.misconception(
    "rounded-down",
    title="lengths rounded down",
    explanation="Shorter than the text, the array has no room for it, and `pad_sequences` cuts "
    "without a word, from the front unless told otherwise: START is the first to go.",
    hint="A text of 9 tokens and buckets of 4: how long must the row be?",
)
class PairBatches(training.PairBatches):
    def lengths(self, row):
        pair = len(self.sources[row]), len(self.targets[row])
        return tuple(max(1, length // self.bucket_width) * self.bucket_width for length in pair)


@EXERCISE.misconception(
    "always-one-more",
    title="a length that fits moved up to the next multiple",
    explanation="`length // width + 1` is one too many for a length that is a multiple already: a "
    "whole width of padding for nothing.",
    hint="A text of 8 tokens and buckets of 4: how long must the row be?",
)
class PairBatches(training.PairBatches):
    def lengths(self, row):
        pair = len(self.sources[row]), len(self.targets[row])
        return tuple((length // self.bucket_width + 1) * self.bucket_width for length in pair)


@EXERCISE.misconception(
    "one-length-for-all",
    title="everything padded to the longest",
    explanation="It is right, and wasteful: one long text makes every batch as long as itself, and "
    "attention costs the square of it.",
    hint="Does the length of a batch depend on what is in it?",
)
class PairBatches(training.PairBatches):
    def lengths(self, row):
        return tuple(
            -(-max(map(len, ids)) // self.bucket_width) * self.bucket_width
            for ids in (self.sources, self.targets)
        )


@EXERCISE.variant
class PairBatches(training.PairBatches):
    def lengths(self, row):
        width = self.bucket_width
        source, target = self.sources[row], self.targets[row]
        return len(source) + -len(source) % width, len(target) + -len(target) % width

    def draw_batches(self):
        rows = self.random.sample(range(len(self.sources)), len(self.sources))
        rows.sort(key=self.lengths)
        batches = []
        for row in rows:
            last = batches[-1] if batches else []
            alike = last and self.lengths(last[0]) == self.lengths(row)
            if alike and len(last) < self.batch_size:
                last.append(row)
            else:
                batches.append([row])
        return self.random.sample(batches, len(batches))

    def __getitem__(self, index):
        rows = self.batches[index]
        source_length, target_length = self.lengths(rows[0])
        source = np.full((len(rows), source_length), PAD)
        target = np.full((len(rows), target_length), PAD)
        for place, row in enumerate(rows):
            source[place, : len(self.sources[row])] = self.sources[row]
            target[place, : len(self.targets[row])] = self.targets[row]
        return {"source": source, "target": target[:, :-1]}, target[:, 1:]


@EXERCISE.variant
class PairBatches(training.PairBatches):
    def lengths(self, row):
        sizes = np.array([len(self.sources[row]), len(self.targets[row])])
        return tuple((np.ceil(sizes / self.bucket_width) * self.bucket_width).astype(int).tolist())

    def draw_batches(self):
        rng = np.random.default_rng(self.random.getrandbits(32))
        kinds = {self.lengths(row) for row in range(len(self.sources))}
        batches = []
        for kind in sorted(kinds):
            rows = [row for row in range(len(self.sources)) if self.lengths(row) == kind]
            rows = rng.permutation(rows).tolist()
            while rows:
                batches.append(rows[: self.batch_size])
                rows = rows[self.batch_size :]
        return [batches[place] for place in rng.permutation(len(batches))]
