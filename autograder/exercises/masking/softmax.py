"""`masking.masked_softmax`: weights over what may be seen, in every precision, for every row.

Its wrong programs stand in `softmax_mistakes`, which adds them to it.
"""

import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import masking

HALF = {"tolerance": 2e-3, "because": "weights below 1 have eleven bits in float16"}
LARGE = {"tolerance": 5e-3, "because": "scores near 30000 have steps of 2^-9 in float32"}


def some_allowed(rng, *shape, empty=True):
    """A mask with something to see and something hidden in each row, but for an `empty` one."""
    order = rng.random(shape).argsort(axis=-1)
    mask = order < rng.integers(1, shape[-1], (*shape[:-1], 1))
    if empty:
        mask[(0,) * (mask.ndim - 2) + (1,)] = False
    return mask


def case(rng, name, *shape, empty=False, observe=("output",), shift=0.0, hidden=0.0, dtype=None,
         axis=None, **options):  # fmt: skip
    """shift: what is added to all scores.    hidden: what is added to those that are hidden."""
    mask = some_allowed(rng, *shape, empty=empty)
    scores = normal(rng, *shape, scale=2.0) + np.float32(shift) + np.float32(hidden) * ~mask
    if axis is not None:
        scores, mask = (np.moveaxis(one, -1, axis) for one in (scores, mask))
    kwargs = {} if axis is None else {"axis": axis}
    call = Call([scores.astype(dtype or "float32"), mask], kwargs, observe=observe)
    return Case(name, (call,), **options)


def without_mask(rng, name, *shape):
    return Case(name, (Call([normal(rng, *shape, scale=2.0)]),), 0.5)


def broadcast(rng, name, batch, queries, keys):
    """A padding mask `(B, 1, S)` for all queries."""
    scores = normal(rng, batch, queries, keys, scale=2.0)
    return Case(name, (Call([scores, some_allowed(rng, batch, 1, keys, empty=False)]),))


def by_hand():
    scores = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 900.0]], "float32")
    mask = np.array([[True, True, False], [True, True, False]])
    calls = Call([scores, mask]), Call([scores.T, mask.T], {"axis": 0})
    return Case("by hand: the third key hidden, in a table and in the same on its side", calls)


def visible():
    rng = np.random.default_rng(44)
    slope = ("output", "input gradient")
    return [
        by_hand(),
        case(rng, "a row that may see nothing, and the gradient", 2, 3, 4, empty=True,
             observe=slope),
        case(rng, "float16, with a row that may see nothing", 2, 3, 5, empty=True, dtype="float16",
             **HALF),
        case(rng, "scores around −30000", 3, 2, 4, shift=-30000.0, **LARGE),
    ]  # fmt: skip


def hidden(rng):
    slope = ("input gradient",)
    return [
        case(rng, "a table", 4, 6),
        case(rng, "a batch of heads", 2, 3, 4, 6, points=2.0),
        broadcast(rng, "edge: one mask for all queries", 3, 4, 5),
        case(rng, "rows that may see nothing", 2, 4, 5, empty=True, points=2.0),
        case(rng, "their gradient", 2, 3, 5, empty=True, observe=slope, points=2.0),
        case(rng, "hidden scores 1000 higher", 2, 3, 6, hidden=1000.0, points=2.0),
        case(rng, "scores around −30000", 2, 4, 3, shift=-30000.0, **LARGE),
        case(rng, "float16", 2, 5, 4, empty=True, dtype="float16", points=2.0, **HALF),
        case(rng, "the gradient in float16", 2, 3, 4, empty=True, dtype="float16", observe=slope,
             **HALF),
        case(rng, "along another axis", 3, 2, 5, axis=0, points=0.5),
        without_mask(rng, "without a mask", 2, 5, 4),
    ]  # fmt: skip


WHOLE = {
    "Softmax": "Keras' layer takes a mask and does the exercise's work",
    "MultiHeadAttention": "it masks for you",
    "dot_product_attention": "it masks for you",
}
EXERCISE = Exercise(
    id="masking.masked_softmax",
    title="A softmax that leaves out what is hidden",
    kind="function",
    points=4,
    reference=masking.masked_softmax,
    visible=visible,
    hidden=hidden,
    forbidden=WHOLE,
)
