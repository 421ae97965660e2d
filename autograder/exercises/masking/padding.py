"""`masking.padding`: which keys are tokens, and which are only there to fill the table."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import masking

YES_OR_NO = {"tolerance": EXACT, "because": "true or false"}


def padded(rng, batch, length, pad=0):
    """Ids of sequences that end in padding: at least one token each, and one row with a gap."""
    ids = rng.integers(1, 50, (batch, length))
    ids[ids == pad] = 51
    ends = rng.integers(1, length, batch)
    ids[np.arange(length) >= ends[:, None]] = pad
    return ids.astype("int32")


def case(rng, name, batch, length, pad=None, **options):
    ids = padded(rng, batch, length, pad or 0)
    call = Call([ids], {} if pad is None else {"pad": pad})
    return Case(name, (call,), **YES_OR_NO, **options)


def gaps(rng, name, batch, length):
    """Padding in the middle and in front, too: where it stands does not matter."""
    ids = padded(rng, batch, length)
    return Case(name, (Call([ids[:, rng.permutation(length)]]),), **YES_OR_NO)


def visible():
    rng = np.random.default_rng(41)
    ids = np.array([[7, 3, 9, 0, 0], [4, 4, 8, 2, 6]], "int32")
    return [
        Case("by hand: two sentences of three and five tokens", (Call([ids]),), **YES_OR_NO),
        case(rng, "padding has the id 2", 3, 4, pad=2),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", 3, 7, points=2.0),
        case(rng, "padding has another id", 4, 6, pad=int(rng.integers(1, 40))),
        gaps(rng, "padding in front and in between", 2, 9),
        case(rng, "edge: a batch of one", 1, 8),
    ]


EXERCISE = Exercise(
    id="masking.padding",
    title="Hide the padding",
    kind="function",
    points=2,
    reference=masking.padding_mask,
    visible=visible,
    hidden=hidden,
    forbidden={"compute_mask": "the embedding's own mask would do the work"},
)


@EXERCISE.misconception(
    "mask-inverted",
    title="a mask that is True at padding",
    explanation="Both conventions exist: some libraries say True = hide. Here True means may "
    "attend. Turned round, every word attends to nothing but padding.",
    hint="What does True mean in a mask of this course?",
)
def padding_mask(ids, pad=0):
    return ops.expand_dims(ops.equal(ids, pad), axis=1)


@EXERCISE.misconception(
    "axis-of-queries-missing",
    title="a mask of shape (B, S)",
    explanation="Against scores (B, T, S) the shapes are lined up from the right, so B meets T: an "
    "error, or, where both are equal, each sentence is masked by the others.",
    hint="Scores are (B, T, S). Which axis does a mask (B, S) lack, and where?",
)
def padding_mask(ids, pad=0):
    return ops.not_equal(ids, pad)


@EXERCISE.misconception(
    "mask-on-queries",
    title="the axis of one put last, (B, S, 1)",
    explanation="That hides rows, which are queries. The rows of padding fall silent, and every "
    "word still attends to the columns of padding.",
    hint="Rows are queries and columns are keys. Is padding to be hidden as a row or as a column?",
)
def padding_mask(ids, pad=0):
    return ops.expand_dims(ops.not_equal(ids, pad), axis=-1)


@EXERCISE.misconception(
    "queries-hidden-too",
    title="rows of padding hidden as well",
    explanation="What a position of padding computes is thrown away by the loss, so nothing is "
    "gained; and a row that may see nothing needs care in every softmax after it.",
    hint="How many rows does the mask need if it is the same for every query?",
)
def padding_mask(ids, pad=0):
    real = ops.not_equal(ids, pad)
    return ops.logical_and(real[:, :, None], real[:, None, :])


@EXERCISE.misconception(
    "pad-taken-for-zero",
    title="0 written in place of `pad`",
    explanation="Two vocabularies may have two ids for padding. With 0 fixed, the padding of the "
    "one passes for words, and a word of the other for padding.",
    hint="What changes in your function when it is called with `pad=2`?",
)
def padding_mask(ids, pad=0):
    return ops.expand_dims(ops.not_equal(ids, 0), axis=1)


@EXERCISE.misconception(
    "mask-of-numbers",
    title="a mask of ones and zeros",
    explanation="Numbers invite arithmetic: added to scores, 1 and 0 hide nothing. A boolean can "
    "only be used as what it is.",
    hint="Which kind of value is the answer to “may I look?”: a number, or true and false?",
)
def padding_mask(ids, pad=0):
    return ops.expand_dims(ops.cast(ops.not_equal(ids, pad), "float32"), axis=1)


@EXERCISE.variant
def padding_mask(ids, pad=0):
    return (ids != pad)[:, None, :]


@EXERCISE.variant
def padding_mask(ids, pad=0):
    batch, length = ops.shape(ids)
    return ops.logical_not(ops.equal(ops.reshape(ids, (batch, 1, length)), pad))
