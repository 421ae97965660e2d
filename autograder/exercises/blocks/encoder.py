"""`blocks.encoder`: let positions exchange what they know, then let each think it over.

Its wrong programs stand in `encoder_mistakes`, which adds them to it.
"""

import keras
import numpy as np

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.blocks import feed_forward
from autograder.exercises.blocks.layer_norm import scale_and_shift
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.multihead.attention import kernels, some_allowed
from course.checking.case import Call, Case
from solutions import blocks
from solutions.blocks import FeedForward, Residual
from solutions.multihead import MultiHeadAttention

SUMS = {"tolerance": 3e-5, "because": "rounding in float32, of sums up to 20, added up"}
READY_MADE = "this block is put together from your own parts."


def weights(rng, width, hidden_dim):
    """All weights of the block by path."""
    parts = {
        "attention": kernels(rng, width, width, width),
        "attention_residual.norm": scale_and_shift(rng, width),
        "feed_forward": feed_forward.weights(rng, width, hidden_dim, scale=0.5),
        "feed_forward_residual.norm": scale_and_shift(rng, width),
    }
    return {
        f"{part}.{path}": values for part, some in parts.items() for path, values in some.items()
    }


def case(rng, name, sizes, norm_first=False, masked=True, observe=("output",), construct=None,
         **options):  # fmt: skip
    """sizes: `B`, `T`, `d_model`, `H` and the width inside the feed-forward network."""
    batch, length, width, heads, hidden_dim = sizes
    kwargs = {"attention_mask": some_allowed(rng, batch, length, length)} if masked else {}
    return Case(
        name,
        (Call([normal(rng, batch, length, width)], kwargs, observe=observe),),
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
    drawn = case(rng, "its weights: those of four parts", sizes, observe=("weights",))
    return Case(drawn.name, drawn.calls, points=0.3, construct=drawn.construct)


def visible():
    rng = np.random.default_rng(64)
    return [
        case(rng, "post-LN, a batch with a mask, and its gradients", (2, 4, 6, 3, 5),
             observe=("output", "gradients"), **SLOPE),
        case(rng, "pre-LN, a batch with a mask", (2, 3, 8, 4, 5), True),
        case(rng, "post-LN without a mask, with GELU", (3, 4, 6, 2, 7), masked=False,
             construct={"activation": "gelu"}),
        structure(rng, (2, 3, 8, 4, 5)),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "post-LN, a batch with a mask", (2, 5, 8, 4, 7), points=2.0),
        case(rng, "pre-LN, a batch with a mask", (3, 4, 6, 2, 5), True, points=2.0),
        case(rng, "post-LN without a mask", (2, 4, 9, 3, 5), masked=False),
        case(rng, "pre-LN without a mask, with GELU", (2, 5, 6, 3, 7), True, masked=False,
             construct={"activation": "gelu"}),
        case(rng, "gradients of all weights, post-LN", (2, 4, 6, 3, 8), observe=("gradients",),
             **SLOPE),
        case(rng, "gradients of all weights, pre-LN", (2, 3, 8, 4, 5), True,
             observe=("gradients",), **SLOPE),
        dropped(rng, "post-LN, everything dropped in training", (2, 4, 6, 3, 5), False),
        dropped(rng, "pre-LN, everything dropped in training", (2, 3, 8, 4, 5), True),
        case(rng, "edge: a batch of one", (1, 4, 6, 3, 5), points=0.5),
        case(rng, "any batch and any length", (2, 4, 6, 3, 7), masked=False,
             observe=("any length",), points=0.5),
        case(rng, "made anew from its configuration", (2, 4, 6, 3, 5), True, observe=("config",),
             points=0.3, construct={"activation": "gelu", "dropout": 0.3}),
        structure(rng, (2, 4, 6, 3, 7)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="blocks.encoder",
    title="The encoder block",
    kind="layer",
    points=5,
    reference=blocks.EncoderBlock,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    forbidden={"TransformerEncoder": READY_MADE},
    uses=("blocks.layer_norm", "blocks.feed_forward", "blocks.residual"),
)


@EXERCISE.variant
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attended(y):
            return self.attention(query=y, value=y, attention_mask=attention_mask)

        first, second = self.attention_residual, self.feed_forward_residual
        if first.norm_first:
            x = x + first.dropout(attended(first.norm(x)))
            return x + second.dropout(self.feed_forward(second.norm(x)))
        x = first.norm(x + first.dropout(attended(x)))
        return second.norm(x + second.dropout(self.feed_forward(x)))


@EXERCISE.variant
class EncoderBlock(blocks.EncoderBlock):
    def build(self, x_shape):
        shape = (None, None, x_shape[-1])
        self.attention.build(shape, shape)
        parts = (self.feed_forward, self.attention_residual, self.feed_forward_residual)
        [part.build(shape) for part in parts]

    def call(self, x, attention_mask=None):
        steps = [
            (self.attention_residual, lambda y: self.attention(y, y, attention_mask)),
            (self.feed_forward_residual, self.feed_forward),
        ]
        for residual, sublayer in steps:
            x = residual(x, sublayer=sublayer)
        return x


@EXERCISE.variant
class EncoderBlock(keras.layers.Layer):
    def __init__(
        self, num_heads, hidden_dim, norm_first=False, activation="relu", dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.settings = (num_heads, hidden_dim, norm_first, activation, dropout)
        self.attention = MultiHeadAttention(num_heads)
        self.feed_forward = FeedForward(hidden_dim, activation)
        self.attention_residual = Residual(norm_first, dropout)
        self.feed_forward_residual = Residual(norm_first, dropout)

    def call(self, x, attention_mask=None):
        def ask(y):
            return self.attention(y, y, attention_mask=attention_mask)

        return self.feed_forward_residual(
            self.attention_residual(x, sublayer=ask), sublayer=self.feed_forward
        )

    def get_config(self):
        names = ("num_heads", "hidden_dim", "norm_first", "activation", "dropout")
        return {**super().get_config(), **dict(zip(names, self.settings, strict=True))}
