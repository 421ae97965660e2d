"""`transformer.encoder`: N blocks, one after the other.

Its wrong programs stand in `encoder_mistakes`.
"""

import keras
import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.multihead.attention import some_allowed
from autograder.exercises.transformer.weights import stack_weights
from course.checking.case import Call, Case
from solutions import transformer
from solutions.blocks import EncoderBlock, LayerNorm

DEEP = {"tolerance": 1e-4, "because": "rounding in float32, through several blocks"}
SLOPE = {"tolerance": 1e-3, "because": "a gradient sums over all outputs, through several blocks"}


def case(rng, name, sizes, masked=False, norm_first=False, observe=("output",), **options):
    """sizes: `B`, `S`, `d_model`, `N`, `H` and `d_ff`."""
    batch, length, width, layers, heads, hidden = sizes
    kwargs = {"attention_mask": some_allowed(rng, batch, length, length)} if masked else {}
    construct = {"num_layers": layers, "num_heads": heads, "hidden_dim": hidden}
    return Case(
        name,
        (Call([normal(rng, batch, length, width)], kwargs, observe=observe),),
        construct={**construct, **({"norm_first": True} if norm_first else {})},
        weights=stack_weights(rng, "encoder", layers, width, hidden, norm_first),
        **{**DEEP, **options},
    )


def dropping(rng, sizes):
    """In training, with a dropout of 1: what the sub-layers add is gone, and the norms remain."""
    some = case(rng, "in training, everything dropped", sizes)
    [call] = some.calls
    training = Call(call.args, {"training": True})
    construct = {**some.construct, "dropout": 1.0}
    return Case(some.name, (training,), construct=construct, weights=some.weights, **DEEP)


def structure(rng, sizes, norm_first=False):
    some = case(rng, "its weights: those of N blocks", sizes, norm_first=norm_first,
                observe=("weights",))  # fmt: skip
    return Case(some.name, some.calls, points=0.3, construct=some.construct)


def visible():
    rng = np.random.default_rng(71)
    return [
        case(rng, "two blocks, with a mask", (3, 5, 8, 2, 4, 6), True),
        case(rng, "two blocks, pre-LN", (3, 4, 6, 2, 1, 5), norm_first=True),
        dropping(rng, (3, 5, 4, 1, 2, 6)),
        structure(rng, (3, 5, 8, 2, 4, 6), True),
    ]


def hidden(rng):
    return [
        case(rng, "two blocks", (4, 5, 6, 2, 3, 7), points=2.0),
        case(rng, "three blocks with a mask", (4, 5, 6, 3, 2, 7), True, points=2.0),
        case(rng, "pre-LN, with a mask", (3, 7, 8, 2, 4, 5), True, True, points=2.0),
        case(rng, "edge: one block, a batch of one", (1, 5, 6, 1, 2, 7), True),
        case(rng, "gradients of all weights", (3, 5, 4, 2, 1, 6), True, True, ("gradients",),
             **SLOPE),
        dropping(rng, (3, 5, 4, 1, 2, 6)),
        structure(rng, (4, 5, 6, 3, 2, int(rng.integers(8, 20)))),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="transformer.encoder",
    title="The stack of the encoder",
    kind="layer",
    points=3,
    reference=transformer.Encoder,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
)


@EXERCISE.variant
class Encoder(transformer.Encoder):
    def build(self, x_shape):
        self.blocks = []
        for _ in range(self.num_layers):
            block = EncoderBlock(
                self.block_options["num_heads"],
                self.block_options["hidden_dim"],
                norm_first=self.block_options["norm_first"],
                dropout=self.block_options["dropout"],
            )
            block.build(x_shape)
            self.blocks.append(block)
        if self.block_options["norm_first"]:
            self.final_norm = LayerNorm()

    def call(self, x, attention_mask=None):
        for number in range(len(self.blocks)):
            x = self.blocks[number](x, attention_mask)
        return self.final_norm(x) if self.block_options["norm_first"] else x


@EXERCISE.variant
class Encoder(transformer.Encoder):
    def build(self, x_shape):
        stack = [EncoderBlock(**self.block_options) for _ in range(self.num_layers)]
        self.blocks, self.final_norm = stack, keras.layers.Identity()
        if self.block_options["norm_first"]:
            self.final_norm = LayerNorm()

    def call(self, x, attention_mask=None):
        first, *others = self.blocks
        x = first(x, attention_mask=attention_mask)
        for block in others:
            x = block(x, attention_mask=attention_mask)
        return self.final_norm(x)
