"""`modern.grouped_query`: causal attention with rotary positions, few keys and values, a cache.

Its wrong programs stand in `grouped_query_mistakes` and `grouped_query_cache`, which add them.
"""

import numpy as np

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.attention.scaled_dot_product import WHOLE_FORMULA
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import modern

TURNED = {"tolerance": 5e-5, "because": "angles up to a hundred radians, in float32"}


def kernels(rng, width, shared):
    """The four matrices by path; `shared` is G·d_k."""
    return {
        "query_projection.kernel": normal(rng, width, width, scale=0.6),
        "key_projection.kernel": normal(rng, width, shared, scale=0.6),
        "value_projection.kernel": normal(rng, width, shared, scale=0.6),
        "output_projection.kernel": normal(rng, width, width, scale=0.6),
    }


def case(rng, name, sizes, cached=0, start=None, observe=("output",), **options):
    """sizes: `B`, `T`, `d_model`, `H`, `G`.    cached: positions in the cache.
    start: where the rows stand; without it no positions are given.
    """
    batch, length, width, heads, groups = sizes
    kwargs = {}
    if start is not None:
        kwargs["positions"] = np.arange(start, start + length, dtype="int32")
    if cached:
        shape = (batch, groups, cached, width // heads)
        kwargs["cache"] = [normal(rng, *shape), normal(rng, *shape)]
    return Case(
        name,
        (Call([normal(rng, batch, length, width)], kwargs, observe=observe),),
        construct={"num_heads": heads, "num_groups": groups},
        weights=kernels(rng, width, groups * (width // heads)),
        **{**TURNED, **options},
    )


def scattered(rng, name, sizes):
    """Positions with gaps, as after tokens were dropped."""
    drawn = case(rng, name, sizes, start=0)
    positions = np.sort(rng.choice(60, sizes[1], replace=False)).astype("int32")
    drawn.calls[0].kwargs["positions"] = positions[::-1].copy()
    return drawn


def structure(rng, sizes):
    drawn = case(rng, "its weights: four matrices and nothing else", sizes, observe=("weights",))
    return Case(drawn.name, drawn.calls, 0.4, construct=drawn.construct)


def undivided(rng, sizes):
    """G does not divide H; the weights are those of a layer that is told so."""
    batch, length, width, heads, groups = sizes
    return Case(
        "groups that do not divide the heads raise ValueError",
        (Call([normal(rng, batch, length, width)]),),
        0.5,
        construct={"num_heads": heads, "num_groups": groups},
        weights=kernels(rng, width, groups * (width // heads)),
        raises=True,
    )


def by_hand():
    """Four heads, two groups, queries of 0: each row is the mean of the values up to it."""
    eye = np.eye(8, dtype="float32")
    x = np.array([[[1, 2, 3, 4, 0, 0, 0, 0], [3, 2, 1, 0, 0, 0, 0, 0]]], "float32")
    return Case(
        "by hand: heads 1 and 2 share (1, 2), heads 3 and 4 share (3, 4)",
        (Call([x]),),
        construct={"num_heads": 4, "num_groups": 2},
        weights={
            "query_projection.kernel": 0 * eye,
            "key_projection.kernel": eye[:, :4],
            "value_projection.kernel": eye[:, :4],
            "output_projection.kernel": eye,
        },
    )


def visible():
    rng = np.random.default_rng(104)
    return [
        by_hand(),
        case(rng, "a batch, and its weights", (3, 5, 8, 4, 2), 0, 7, ("output", "weights")),
        case(rng, "three positions after a cache of four", (2, 3, 8, 4, 1), 4, 4),
        undivided(rng, (2, 5, 8, 4, 3)),
    ]  # fmt: skip


def hidden(rng):
    start = int(rng.integers(9, 80))
    return [
        case(rng, "a batch", (3, 7, 24, 6, 2), points=2.0),
        case(rng, "from a later position on", (2, 5, 24, 4, 1), 0, start, points=2.0),
        scattered(rng, "positions out of order", (3, 5, 32, 8, 4)),
        case(rng, "after a cache", (2, 5, 36, 6, 3), 7, 7, points=2.0),
        case(rng, "after a cache that has lost its beginning", (3, 2, 24, 6, 1), 5, start),
        case(rng, "edge: one token after a cache", (2, 1, 24, 6, 3), 5, 5, points=2.0),
        case(rng, "edge: as many groups as heads", (2, 5, 24, 3, 3), 0, 4),
        case(rng, "edge: a batch of one", (1, 5, 24, 6, 2), points=0.5),
        case(rng, "gradients of all matrices", (3, 4, 24, 6, 2), 0, 3, ("gradients",), **SLOPE),
        undivided(rng, (2, 5, 32, 8, 3)),
        case(rng, "made anew from its configuration", (2, 5, 24, 4, 1), observe=("config",),
             points=0.3),
        structure(rng, (2, 5, 36, 6, 3)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="modern.grouped_query",
    title="Grouped-query attention",
    kind="layer",
    points=6,
    reference=modern.GroupedQueryAttention,
    visible=visible,
    hidden=hidden,
    returns=("output", "cache"),
    write=("build", "call"),
    forbidden=WHOLE_FORMULA,
    uses=("modern.rotary",),
)
