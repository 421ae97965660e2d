"""`modern.rotary`: turn each pair of features by an angle that grows with the position."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import modern

# A float32 angle of 300 radians is known to 2e-5; written differently, sine and cosine differ so.
ANGLES = {"tolerance": 2e-4, "because": "angles of some hundred radians, in float32"}
HALF = {"tolerance": 5e-3, "because": "rounding in float16"}


def case(rng, name, shape, start=0, observe=("output",), base=None, **options):
    """Consecutive positions from `start` on."""
    positions = np.arange(start, start + shape[-2], dtype="int32")
    kwargs = {} if base is None else {"base": base}
    call = Call([normal(rng, *shape), positions], kwargs, observe=observe)
    return Case(name, (call,), **{**ANGLES, **options})


def scattered(rng, name, shape, each=False, **options):
    """Positions in any order, of one for all sequences or, with `each`, of each sequence."""
    lines = shape[:-1] if each else shape[-2:-1]
    positions = rng.integers(1, 300, lines).astype("int32")
    return Case(name, (Call([normal(rng, *shape), positions], options),), **ANGLES)


def by_hand():
    """cos 1 = 0.5403 and sin 1 = 0.8415; the second pair turns a hundredth of that."""
    x = np.array([[[1, 2, 3, 4], [1, 0, 1, 0], [0, 1, 0, 1]]], "float32")
    call = Call([x, np.array([0, 1, 2], "int32")])
    return Case("by hand: two pairs at positions 0, 1 and 2", (call,))


def visible():
    rng = np.random.default_rng(101)
    return [
        by_hand(),
        case(rng, "a batch of heads", (2, 3, 5, 4)),
        scattered(rng, "positions in any order, and a base of 500", (2, 4, 6), base=500.0),
        case(rng, "far along, in float16", (2, 3, 8), 3001, ("float16",), **HALF),
    ]  # fmt: skip


def hidden(rng):
    far = int(rng.integers(1050, 1950)) * 2 + 1  # odd, which float16 cannot hold above 2048
    return [
        case(rng, "a batch of heads", (2, 3, 5, 8)),
        case(rng, "from a later position on", (3, 4, 6), int(rng.integers(5, 200))),
        scattered(rng, "positions in any order", (3, 5, 8)),
        scattered(rng, "each sequence at positions of its own", (2, 3, 8), each=True),
        case(rng, "another base", (2, 5, 6), 7, base=float(rng.integers(20, 900))),
        case(rng, "its gradient", (2, 5, 4), 3, ("input gradient",)),
        case(rng, "far along, in float16", (2, 5, 8), far, ("float16",), **HALF),
        case(rng, "edge: one sequence without a batch", (5, 6), 2, points=0.5),
        case(rng, "edge: a single position", (2, 3, 1, 6), int(rng.integers(5, 200)), points=0.5),
    ]


EXERCISE = Exercise(
    id="modern.rotary",
    title="Rotary positions",
    kind="function",
    points=3,
    reference=modern.apply_rotary,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "halves-in-place-of-pairs",
    title="the two halves paired, in place of neighbours",
    explanation="Feature i with feature i + d/2 is what GPT-NeoX and many a library do. It is as "
    "good a model, and another one: weights trained with one give nonsense with the other.",
    hint="With which feature does the exercise pair feature 0: with 1, or with d/2?",
)
def apply_rotary(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    pairs = ops.arange(half, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] / ops.power(base, pairs / half)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    first, second = x[..., :half], x[..., half:]
    return ops.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1)


@EXERCISE.misconception(
    "positions-ignored",
    title="the positions taken and not used",
    explanation="Counting from 0 is right for a whole sequence. With a cache, each new token comes "
    "alone and stands at 0 for ever: training is fine, and what is written repeats itself.",
    hint="If all positions are moved by 7, does your result change?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    places = ops.arange(x.shape[-2], dtype="float32")[:, None]
    angles = places / ops.power(base, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "turned-backwards",
    title="turned the other way",
    explanation="With the signs of both sines exchanged, each pair turns clockwise. Scores still "
    "depend on the difference of positions only, but weights trained elsewhere do not fit.",
    hint="Where does (1, 0) go at position 1: to a second number that is positive or negative?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] / ops.power(base, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos + odd * sin, odd * cos - even * sin], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "minus-forgotten",
    title="two plus signs",
    explanation="Without the minus the map is no rotation: lengths change, and the product of a "
    "query and a key depends on where both stand.",
    hint="Is each pair as long after your function as before it?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] / ops.power(base, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = ops.stack([even * cos + odd * sin, even * sin + odd * cos], axis=-1)
    return ops.reshape(turned, x.shape)


@EXERCISE.misconception(
    "halves-put-together",
    title="pairs turned, and then put back as halves",
    explanation="All first members stand before all second ones: the features have changed their "
    "places, and what is called head 1 in a later line is no longer what it was.",
    hint="Feature 1 comes in as the second of the first pair. Where does it come out?",
)
def apply_rotary(x, positions, base=10000.0):
    width = x.shape[-1]
    pairs = ops.arange(width // 2, dtype="float32")
    angles = ops.cast(positions, "float32")[..., None] / ops.power(base, 2 * pairs / width)
    cos, sin = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return ops.concatenate([even * cos - odd * sin, even * sin + odd * cos], axis=-1)
