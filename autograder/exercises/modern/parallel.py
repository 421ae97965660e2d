"""`modern.parallel`: one block, its two sub-layers one after the other or side by side."""

import numpy as np

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.modern import grouped_query, swiglu
from course.checking.case import Call, Case
from solutions import modern_decoder

TURNED = {"tolerance": 1e-4, "because": "angles and sums of two sub-layers, in float32"}


def block_weights(rng, width, heads, groups, hidden, parallel):
    """The weights of a block by path."""
    norms = ("attention_norm",) if parallel else ("attention_norm", "feed_forward_norm")
    attention = grouped_query.kernels(rng, width, groups * (width // heads))
    return {
        **{f"{norm}.scale": 1.0 + normal(rng, width, scale=0.3) for norm in norms},
        **{f"attention.{path}": kernel for path, kernel in attention.items()},
        **{f"feed_forward.{p}": k for p, k in swiglu.kernels(rng, width, hidden).items()},
    }


def case(rng, name, sizes, parallel, cached=0, start=None, observe=("output",), **options):
    """sizes: `B`, `T`, `d_model`, `H`, `G`, `d_ff`."""
    batch, length, width, heads, groups, hidden = sizes
    kwargs = {}
    if start is not None:
        kwargs["positions"] = np.arange(start, start + length, dtype="int32")
    if cached:
        shape = (batch, groups, cached, width // heads)
        kwargs["cache"] = [normal(rng, *shape), normal(rng, *shape)]
    return Case(
        name,
        (Call([normal(rng, batch, length, width)], kwargs, observe=observe),),
        construct={
            "num_heads": heads, "num_groups": groups, "d_ff": hidden, "parallel": parallel
        },
        weights=block_weights(rng, width, heads, groups, hidden, parallel),
        **{**TURNED, **options},
    )  # fmt: skip


def structure(rng, name, sizes, parallel, **options):
    drawn = case(rng, name, sizes, parallel, observe=("weights",))
    return Case(drawn.name, drawn.calls, 0.2, construct=drawn.construct)


def visible():
    rng = np.random.default_rng(105)
    return [
        case(rng, "side by side", (2, 3, 8, 4, 1, 7), True),
        case(rng, "one after the other, after a cache", (2, 3, 8, 4, 1, 7), False, 3, 3),
        structure(rng, "its weights, side by side: a single norm", (2, 3, 8, 4, 1, 7), True),
    ]  # fmt: skip


def hidden(rng):
    start = int(rng.integers(9, 60))
    return [
        case(rng, "side by side", (3, 7, 24, 6, 2, 10), True, points=2.0),
        case(rng, "one after the other", (2, 5, 32, 8, 4, 9), False, points=2.0),
        case(rng, "side by side, after a cache", (2, 3, 20, 5, 1, 8), True, 6, start),
        case(rng, "one after the other, after a cache", (2, 4, 24, 6, 3, 9), False, 7, 7),
        case(rng, "gradients of all weights", (3, 4, 24, 6, 2, 5), True, 0, start,
             ("gradients",), **SLOPE),
        case(rng, "edge: a batch of one", (1, 5, 24, 6, 2, 7), True, points=0.5),
        case(rng, "made anew from its configuration", (3, 5, 24, 6, 2, 8), True,
             observe=("config",), points=0.2),
        structure(rng, "its weights, side by side", (3, 5, 24, 6, 2, 8), True),
        structure(rng, "its weights, one after the other", (2, 5, 32, 8, 4, 9), False),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="modern.parallel",
    title="A block, serial or parallel",
    kind="layer",
    points=3,
    reference=modern_decoder.CausalBlock,
    visible=visible,
    hidden=hidden,
    returns=("y", "cache"),
    write=("build", "call"),
    uses=("modern.rotary", "modern.rms_norm", "modern.swiglu", "modern.grouped_query"),
)


@EXERCISE.misconception(
    "always-one-after-the-other",
    title="the feed-forward network waits for attention in both forms",
    explanation="Side by side means that both read the same normalised x. A block that feeds one "
    "into the other is the serial one, whatever `parallel` says.",
    hint="In the parallel form, may the input of the feed-forward network depend on attention?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        attended, cache = self.attention(self.attention_norm(x), positions=positions, cache=cache)
        x = x + attended
        norm = self.attention_norm if self.parallel else self.feed_forward_norm
        return x + self.feed_forward(norm(x)), cache


@EXERCISE.misconception(
    "always-side-by-side",
    title="side by side in both forms",
    explanation="In the serial form the feed-forward network works on what attention has brought.",
    hint="In the serial form, what has been added to x before its second norm?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        again = normalized if self.parallel else self.feed_forward_norm(x)
        return x + attended + self.feed_forward(again), cache


@EXERCISE.misconception(
    "x-added-twice",
    title="x added by both sub-layers",
    explanation="(x + attention) + (x + feed-forward) holds x twice: the residual stream doubles "
    "in each block, and after ten blocks it is a thousand times as large.",
    hint="If both sub-layers give 0, what should come out: x, or 2x?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return (x + attended) + (x + self.feed_forward(normalized)), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache


@EXERCISE.misconception(
    "x-not-added",
    title="no residual in the parallel form",
    explanation="What came in is gone unless the sub-layers carry it through. Deep stacks of that "
    "do not train.",
    hint="If both sub-layers give 0, what should come out?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return attended + self.feed_forward(normalized), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache


@EXERCISE.misconception(
    "positions-not-passed-on",
    title="positions not passed on to attention",
    explanation="Attention then counts from 0. Without a cache nothing shows it.",
    hint="Which of your arguments does attention need, too?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(normalized), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache


@EXERCISE.misconception(
    "old-cache-returned",
    title="the cache returned as it came",
    explanation="Attention returns a cache with x in it, and that is what the next step needs.",
    hint="Of what attention returns, which part does your block drop?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, _ = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(normalized), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache
