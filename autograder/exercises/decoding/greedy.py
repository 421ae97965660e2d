"""`decoding.greedy`: the likeliest token, again and again, until every row has ended."""

import numpy as np
from keras import ops

from autograder.exercises.decoding.models import endless, planned
from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from course.checking.standins import standin
from solutions import decoding
from solutions.embedding import END, PAD, START

HAND = np.array([[0, 0, 0, 0, 0], [0, 0, 1, 0, 5], [0, 1, 0, 0, 3], [0, 0, 3, 0, 1],
                 [0, 0, 1, 4, 0]], "float32")  # fmt: skip


def case(name, model, start, max_length, **options):
    call = Call([model, np.array(start, "int32")], {"max_length": max_length})
    return Case(name, (call,), tolerance=EXACT, because="ids are whole numbers", **options)


def column(rows):
    return [[START]] * rows


def several(rng, name, rows, length, size, max_length):
    """A beginning of several tokens, of which none is END."""
    start = rng.integers(3, size, (rows, length))
    return case(name, endless(rng, rows, size), start, max_length)


def visible():
    rng = np.random.default_rng(91)
    by_hand = standin("table_model", table=HAND)
    return [
        case("by hand: after START comes 4, then 3, then END", by_hand, [[1], [3]], 9),
        case(
            "three rows, which end one after the other", planned(rng, (4, 2, 6), 11), column(3), 9
        ),
        several(rng, "no row ends, and all that was written counts", 4, 2, 9, 5),
    ]


def hidden(rng):
    return [
        case("rows that end one after the other", planned(rng, (5, 3, 7, 2), 12), column(4), 10,
             points=2.0),
        case("one row ends, two are cut off", planned(rng, (8, 3, 8), 13), column(3), 5,
             points=2.0),
        several(rng, "no row ends, and all that was written counts", 3, 4, 10, 6),
        case("the longest row ends with the last token", planned(rng, (2, 6), 11), column(2), 6),
        case("edge: a batch of one", planned(rng, (5,), 11), column(1), 8),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="decoding.greedy",
    title="Greedy decoding",
    kind="function",
    points=3,
    reference=decoding.greedy_decode,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "ended-rows-go-on",
    title="rows that have ended write on",
    explanation="In a batch the longest text decides how long the loop runs. A shorter one has "
    "junk behind its END, and its result depends on what else was in the batch.",
    hint="A row has written END and its neighbour has not. What may the row write now?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, -1], axis=-1), "int32")
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        ended = ops.logical_or(ended, best == END)
        if ops.all(ended):
            break
    return ids


@EXERCISE.misconception(
    "stops-at-the-first-end",
    title="all rows stop where one ends",
    explanation="The first END of any row ends the loop, and longer texts are cut off there.",
    hint="Which rows must have ended before nothing is left to do?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, -1], axis=-1), "int32")
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        if ops.any(best == END):
            break
    return ids


@EXERCISE.misconception(
    "scores-of-the-first-position",
    title="the logits of the first position",
    explanation="Logits are (B, T, V), and row t scores what follows token t. The first row scores "
    "the token that is there already.",
    hint="You have T tokens. Which of the T rows of logits is about the token after the last?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, 0], axis=-1), "int32")
        best = ops.where(ended, PAD, best)
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        ended = ops.logical_or(ended, best == END)
        if ops.all(ended):
            break
    return ids


@EXERCISE.misconception(
    "only-the-last-token-fed",
    title="the model is told the last token only",
    explanation="Each step forgets what was written before. With a cache one token would do; a "
    "model without one knows what it is given.",
    hint="What does your model know about the first word when it writes the third?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids[:, -1:])[:, -1], axis=-1), "int32")
        best = ops.where(ended, PAD, best)
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        ended = ops.logical_or(ended, best == END)
        if ops.all(ended):
            break
    return ids


@EXERCISE.misconception(
    "end-repeated",
    title="END again and again",
    explanation="A row that has ended is filled up with END. A loss or a count of tokens then "
    "takes each of them for a word: padding is PAD.",
    hint="Which id stands for places where nothing is written?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, -1], axis=-1), "int32")
        best = ops.where(ended, END, best)
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        ended = ops.logical_or(ended, best == END)
        if ops.all(ended):
            break
    return ids


@EXERCISE.misconception(
    "end-left-out",
    title="PAD in the place of END",
    explanation="Whoever reads the row can no longer tell a text that has ended from one that was "
    "cut off.",
    hint="Is the END that a row writes part of what it has written?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, -1], axis=-1), "int32")
        ended = ops.logical_or(ended, best == END)
        best = ops.where(ended, PAD, best)
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        if ops.all(ended):
            break
    return ids


@EXERCISE.misconception(
    "writes-to-the-end",
    title="the loop does not stop when all rows have ended",
    explanation="All rows are right, and padding is computed to the last column: a model is asked "
    "hundreds of times for what nobody reads.",
    hint="How many columns does a batch need whose longest text has five tokens?",
)
def greedy_decode(model, start, max_length):
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, -1], axis=-1), "int32")
        best = ops.where(ended, PAD, best)
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        ended = ops.logical_or(ended, best == END)
    return ids


@EXERCISE.variant
def greedy_decode(model, start, max_length):
    columns = [ops.cast(start, "int32")]
    alive = ops.ones((start.shape[0],), "int32")
    while max_length > 0 and int(ops.sum(alive)):
        logits = model(ops.concatenate(columns, axis=1))
        best = ops.cast(ops.argmax(logits, axis=2), "int32")[:, -1] * alive
        alive = alive * ops.cast(best != END, "int32")
        columns.append(ops.expand_dims(best, 1))
        max_length -= 1
    return ops.concatenate(columns, axis=1)


@EXERCISE.variant
def greedy_decode(model, start, max_length):
    rows = [list(map(int, row)) for row in start]
    length = len(rows[0])
    for _ in range(max_length):
        logits = ops.convert_to_numpy(model(ops.array(rows, "int32")))
        for row, scores in zip(rows, logits, strict=True):
            row.append(PAD if END in row[length:] else int(scores[-1].argmax()))
        if all(END in row[length:] for row in rows):
            break
    return ops.array(rows, "int32")
