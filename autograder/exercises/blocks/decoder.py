"""`blocks.decoder`: look back at what was written, over at the source, and think it over.

Its wrong programs stand in `decoder_mistakes`, which adds them to it.
"""

import numpy as np

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.blocks import encoder
from autograder.exercises.blocks.encoder import SUMS
from autograder.exercises.blocks.layer_norm import scale_and_shift
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.multihead.attention import kernels, some_allowed
from course.checking.case import Call, Case
from solutions import blocks

READY_MADE = "this block is put together from your own parts."


def weights(rng, width, hidden_dim):
    """All weights of the block by path."""
    cross = {
        f"cross_attention.attention.{path}": values
        for path, values in kernels(rng, width, width, width).items()
    }
    norm = scale_and_shift(rng, width)
    cross |= {f"cross_attention_residual.norm.{path}": values for path, values in norm.items()}
    return encoder.weights(rng, width, hidden_dim) | cross


def case(rng, name, sizes, norm_first=False, masks=("attention_mask", "source_mask"),
         observe=("output",), construct=None, **options):  # fmt: skip
    """sizes: `B`, `T`, `S`, `d_model`, `H` and the width inside the feed-forward network.

    The mask of the target is a causal one, whose rows allow less than they might.
    """
    batch, length, source_length, width, heads, hidden_dim = sizes
    args = [normal(rng, batch, length, width), normal(rng, batch, source_length, width)]
    allowed = {
        "attention_mask": (some_allowed(rng, batch, length, length) | np.eye(length, dtype=bool))
        & np.tril(np.ones((length, length), bool)),
        "source_mask": some_allowed(rng, batch, 1, source_length),
    }
    return Case(
        name,
        (Call(args, {mask: allowed[mask] for mask in masks}, observe=observe),),
        construct={"num_heads": heads, "hidden_dim": hidden_dim, "norm_first": norm_first}
        | (construct or {}),
        weights=weights(rng, width, hidden_dim),
        **{**SUMS, **options},
    )


def dropped(rng, name, sizes, norm_first):
    """Everything dropped in training: what is left is x, normed as often as the block says."""
    drawn = case(rng, name, sizes, norm_first, construct={"dropout": 1.0})
    [call] = drawn.calls
    training = Call(call.args, {**call.kwargs, "training": True})
    return Case(name, (training,), construct=drawn.construct, weights=drawn.weights, points=0.5)


def structure(rng, sizes):
    drawn = case(rng, "its weights: those of six parts", sizes, observe=("weights",))
    return Case(drawn.name, drawn.calls, points=0.3, construct=drawn.construct)


def visible():
    rng = np.random.default_rng(65)
    return [
        case(rng, "post-LN, a batch with both masks", (2, 4, 5, 6, 3, 7)),
        case(rng, "pre-LN, a batch with both masks", (2, 5, 3, 8, 4, 6), True),
        case(rng, "post-LN without masks", (2, 3, 5, 8, 4, 7), masks=()),
        structure(rng, (2, 3, 5, 8, 4, 7)),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "post-LN, a longer source", (2, 3, 7, 8, 4, 5), points=2.0),
        case(rng, "pre-LN, a shorter source", (3, 5, 4, 6, 2, 7), True, points=2.0),
        case(rng, "post-LN, the source without padding", (2, 4, 5, 9, 3, 6),
             masks=("attention_mask",)),
        case(rng, "pre-LN, without masks", (2, 4, 5, 6, 3, 7), True, masks=()),
        case(rng, "edge: T = S, pre-LN", (2, 5, 5, 6, 3, 7), True),
        case(rng, "edge: T = S, post-LN", (3, 4, 4, 6, 2, 5)),
        case(rng, "gradients of all weights, post-LN", (2, 4, 5, 6, 3, 8),
             observe=("gradients",), **SLOPE),
        case(rng, "gradients of all weights, pre-LN", (2, 5, 3, 8, 4, 6), True,
             observe=("gradients",), **SLOPE),
        dropped(rng, "post-LN, everything dropped in training", (2, 4, 5, 6, 3, 7), False),
        dropped(rng, "pre-LN, everything dropped in training", (2, 3, 5, 8, 4, 7), True),
        case(rng, "edge: a batch of one", (1, 4, 5, 6, 3, 7), points=0.5),
        case(rng, "made anew from its configuration", (2, 3, 5, 8, 4, 6), True,
             observe=("config",), points=0.3,
             construct={"activation": "gelu", "dropout": 0.3}),
        structure(rng, (2, 4, 5, 6, 3, 8)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="blocks.decoder",
    title="The decoder block",
    kind="layer",
    points=6,
    reference=blocks.DecoderBlock,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    forbidden={"TransformerDecoder": READY_MADE},
    uses=("blocks.layer_norm", "blocks.feed_forward", "blocks.residual"),
)


@EXERCISE.variant
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        sublayers = (
            lambda y: self.attention(y, y, attention_mask),
            lambda y: self.cross_attention(y, source, source_mask=source_mask),
            self.feed_forward,
        )
        residuals = (
            self.attention_residual,
            self.cross_attention_residual,
            self.feed_forward_residual,
        )
        for residual, sublayer in zip(residuals, sublayers, strict=True):
            x = residual(x, sublayer=sublayer)
        return x


@EXERCISE.variant
class DecoderBlock(blocks.DecoderBlock):
    def build(self, x_shape, source_shape):
        self.attention.build(x_shape, x_shape)
        self.cross_attention.build(x_shape, source_shape)
        for part in (self.feed_forward, self.attention_residual, self.cross_attention_residual,
                     self.feed_forward_residual):  # fmt: skip
            part.build(x_shape)

    def call(self, x, source, attention_mask=None, source_mask=None):
        def around(residual, sublayer, y):
            if residual.norm_first:
                return y + residual.dropout(sublayer(residual.norm(y)))
            return residual.norm(y + residual.dropout(sublayer(y)))

        def back(y):
            return self.attention(y, y, attention_mask=attention_mask)

        def over(y):
            return self.cross_attention.attention(y, source, attention_mask=source_mask)

        x = around(self.attention_residual, back, x)
        x = around(self.cross_attention_residual, over, x)
        return around(self.feed_forward_residual, self.feed_forward, x)
