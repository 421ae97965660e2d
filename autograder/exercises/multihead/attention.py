"""`multihead.attention`: several heads side by side, and the matrix that mixes them.

Its wrong programs stand in `attention_mistakes` and `attention_wiring`, which add them to it.
"""

import numpy as np

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.attention.scaled_dot_product import WHOLE_FORMULA
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import multihead


def kernels(rng, width, source_width, inner):
    """The four matrices by path; `inner` is H·d_k."""
    return {
        "query_projection.kernel": normal(rng, width, inner, scale=0.6),
        "key_projection.kernel": normal(rng, source_width, inner, scale=0.6),
        "value_projection.kernel": normal(rng, source_width, inner, scale=0.6),
        "output_projection.kernel": normal(rng, inner, width, scale=0.6),
    }


def some_allowed(rng, *shape):
    """A mask in which every row allows at least one key and hides at least one."""
    order = rng.random(shape).argsort(axis=-1)
    allowed = rng.integers(1, shape[-1], (*shape[:-1], 1))
    return order < allowed


def case(rng, name, sizes, masked=False, head_dim=None, observe=("output",), **options):
    """sizes: `B`, `T`, `S`, `d_model`, `d_source` and `H`. The weights are returned, too."""
    batch, length, keys, width, source_width, heads = sizes
    args = [normal(rng, batch, length, width), normal(rng, batch, keys, source_width)]
    kwargs = {"return_weights": True}
    if masked:
        kwargs["attention_mask"] = some_allowed(rng, batch, length, keys)
    return Case(
        name,
        (Call(args, kwargs, observe=observe),),
        construct={"num_heads": heads, **({"head_dim": head_dim} if head_dim else {})},
        weights=kernels(rng, width, source_width, heads * (head_dim or width // heads)),
        **options,
    )


def itself(rng, name, batch, length, width, heads):
    """Self-attention: queries and keys of one sequence."""
    x = normal(rng, batch, length, width)
    return Case(
        name,
        (Call([x, x], {"return_weights": True}),),
        construct={"num_heads": heads},
        weights=kernels(rng, width, width, width),
    )


def structure(rng, sizes):
    drawn = case(rng, "its weights: four matrices and nothing else", sizes, observe=("weights",))
    return Case(drawn.name, drawn.calls, points=0.4, construct=drawn.construct)


def undivided(rng, batch, length, keys, width, source_width, heads):
    """H does not divide d_model; the weights are those of a layer that rounds down."""
    args = [normal(rng, batch, length, width), normal(rng, batch, keys, source_width)]
    return Case(
        "heads that do not divide d_model raise ValueError",
        (Call(args),),
        0.5,
        construct={"num_heads": heads},
        weights=kernels(rng, width, source_width, width // heads * heads),
        raises=True,
    )


def by_hand():
    """Two heads of one feature: each row of weights is 1/2, 1/2, as all queries are 0."""
    one = np.eye(2, dtype="float32")
    x = np.array([[[1.0, 0.0], [0.0, 4.0]]], "float32")
    return Case(
        "by hand: two heads of one feature, queries of zero",
        (Call([x, x], {"return_weights": True}),),
        construct={"num_heads": 2},
        weights={
            "query_projection.kernel": 0 * one,
            "key_projection.kernel": one,
            "value_projection.kernel": one,
            "output_projection.kernel": np.array([[1.0, 10.0], [100.0, 1000.0]], "float32"),
        },
    )


def visible():
    rng = np.random.default_rng(53)
    return [
        by_hand(),
        case(rng, "a batch with a mask, and the gradients", (2, 4, 5, 6, 7, 3), True,
             observe=("output", "gradients"), **SLOPE),
        undivided(rng, 2, 5, 3, 10, 6, 4),
        structure(rng, (2, 5, 3, 8, 6, 4)),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "a batch", (2, 5, 3, 8, 7, 4), points=2.0),
        case(rng, "a batch with a mask", (3, 4, 5, 12, 7, 2), True, points=2.0),
        case(rng, "heads of a width of their own", (2, 4, 6, 8, 7, 3), True, head_dim=5),
        itself(rng, "edge: self-attention", 2, 5, 6, 3),
        case(rng, "edge: a batch of one", (1, 4, 5, 6, 7, 3), True),
        case(rng, "edge: a single head", (2, 4, 5, 6, 7, 1), True, points=0.5),
        case(rng, "gradients of all matrices", (2, 3, 5, 8, 7, 4), True, observe=("gradients",),
             **SLOPE),
        undivided(rng, 2, 5, 4, 11, 6, 3),
        case(rng, "made anew from its configuration", (2, 4, 5, 9, 7, 3), head_dim=6,
             observe=("config",), points=0.3),
        structure(rng, (2, 4, 5, 9, 7, 3)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="multihead.attention",
    title="Multi-head attention",
    kind="layer",
    points=6,
    reference=multihead.MultiHeadAttention,
    visible=visible,
    hidden=hidden,
    returns=("output", "weights"),
    write=("build", "call"),
    forbidden=WHOLE_FORMULA,
    uses=("multihead.split", "multihead.merge"),
)
