"""`flash.attention`: attention in tiles of queries and of keys, exact, without the whole table.

Its wrong programs stand in `attention_rescaling`, `attention_masks` and `attention_tables`, which
add them to it. Nearly every case observes the size of the arrays that are made, beside the output:
plain attention has the same numbers. Sizes are such that a tile of scores is smaller than twice the
input, and that all keys of a tile of queries, or all queries of a tile of keys, are more.
"""

import numpy as np

from autograder.exercises.attention.scaled_dot_product import WHOLE_FORMULA
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import FLOAT32, Call, Case
from solutions import flash

LARGE = 1e-3  # scores near 1600 have steps of 2^-13 in float32, which the weights feel
FLOAT16 = 2e-2  # scores near 16 have steps of 2^-6, which the weights feel
GRADIENT = 1e-4  # a sum over every entry of the output, in float32
BOTH = ("output", "memory")


def inputs(rng, *leading, queries, keys, width, value_width, scale=1.5):
    query = normal(rng, *leading, queries, width, scale=scale)
    key = normal(rng, *leading, keys, width, scale=scale)
    return [query, key, normal(rng, *leading, keys, value_width)]


def case(rng, name, *leading, tile_size, mask=None, causal=False, observe=BOTH, offset=0.0,
         tolerance=FLOAT32, points=1.0, **sizes):  # fmt: skip
    """offset: the first feature of all queries and keys, which makes every score large."""
    args = inputs(rng, *leading, **sizes)
    if offset:
        args[0][..., 0] = args[1][..., 0] = offset
    kwargs = {"tile_size": tile_size}
    if causal:
        kwargs["causal"] = True
    if mask is not None:
        kwargs["mask"] = mask
    call = Call(args, kwargs, observe=observe)
    return Case(name, (call,), points, tolerance=tolerance, because=_because(observe, offset))


def _because(observe, offset):
    if "float16" in observe:
        return "rounding in float16"
    return "rounding of large scores in float32" if offset else "rounding in float32"


def hide(*lengths, keys, front=False):
    """A mask `(B, 1, S)`: so many keys of each sentence are hidden, at its end or at its front."""
    hidden = np.array(lengths)[:, None, None]
    positions = np.arange(keys)[::-1] if not front else np.arange(keys)
    return positions[None, None, :] >= hidden


def by_hand():
    """Exponentials 2, 8; 4, 16; 4 with values 0, 3; 1, 2; 2."""
    key = np.log(np.array([[2.0], [8.0], [4.0], [16.0], [4.0]])).astype("float32")
    value = np.array([[0.0], [3.0], [1.0], [2.0], [2.0]], "float32")
    call = Call([np.ones((1, 1), "float32"), key, value], {"tile_size": 2})
    return Case("by hand: three tiles, the last of one key", (call,))


SIZES = {"queries": 24, "keys": 40, "width": 3, "value_width": 4, "tile_size": 15}


def visible():
    rng = np.random.default_rng(112)
    square = {**SIZES, "queries": 28, "keys": 28, "tile_size": 13}
    front = hide(18, 40, 0, 3, 30, keys=40, front=True)
    return [
        by_hand(),
        case(rng, "a batch, the last tiles shorter", 2, **SIZES),
        case(rng, "edge: causal, as many keys as queries, large scores", 2, **square, causal=True,
             offset=40.0, tolerance=LARGE),
        case(rng, "padding: a tile at the front hidden, and every key of a sentence", 5,
             mask=front, **SIZES),
    ]  # fmt: skip


def hidden(rng):
    many = {**SIZES, "queries": 38, "keys": 26}
    heads = {"queries": 25, "keys": 41, "width": 5, "value_width": 4, "tile_size": 17}
    square = {**SIZES, "queries": 29, "keys": 29, "tile_size": 13}
    few = {**SIZES, "queries": 5, "keys": 7}
    front = hide(19, 5, 0, 40, 11, keys=40, front=True)
    return [
        case(rng, "a batch, the last tiles shorter", 2, points=2.0, **SIZES),
        case(rng, "a batch of heads", 2, 3, **heads),
        case(rng, "more queries than keys, causal", 2, causal=True, **many),
        case(rng, "edge: causal, as many keys as queries", 2, causal=True, points=2.0, **square),
        case(rng, "padding at the front", 5, mask=front, points=2.0, **SIZES),
        case(rng, "padding at the end, and causal", 5, mask=front[..., ::-1].copy(), causal=True,
             **SIZES),
        case(rng, "a table with large scores", offset=40.0, tolerance=LARGE, **SIZES),
        case(rng, "in float16", 2, observe=("float16",), tolerance=FLOAT16, points=0.5, **SIZES),
        case(rng, "its gradient", 2, observe=("input gradient",), tolerance=GRADIENT, points=0.5,
             **SIZES),
        case(rng, "edge: one tile holds them all", 2, observe=("output",), points=0.5, **few),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="flash.attention",
    title="Attention in tiles",
    kind="function",
    points=6,
    reference=flash.tiled_attention,
    visible=visible,
    hidden=hidden,
    forbidden=WHOLE_FORMULA,
)
