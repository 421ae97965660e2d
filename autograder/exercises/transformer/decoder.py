"""`transformer.decoder`: N blocks, each of which looks at the same encoded source.

Its wrong programs stand in `decoder_mistakes`.
"""

import keras
import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.multihead.attention import some_allowed
from autograder.exercises.transformer.encoder import DEEP, SLOPE
from autograder.exercises.transformer.weights import stack_weights
from course.checking.case import Call, Case
from solutions import transformer
from solutions.blocks import DecoderBlock, LayerNorm


def case(rng, name, sizes, masked=True, norm_first=False, observe=("output",), **options):
    """sizes: `B`, `T`, `S`, `d_model`, `N`, `H` and `d_ff`. masked: causal, and padding of both."""
    batch, length, source_length, width, layers, heads, hidden = sizes
    args = [normal(rng, batch, length, width), normal(rng, batch, source_length, width)]
    kwargs = {}
    if masked:
        causal = np.tril(np.ones((1, length, length), bool))
        padding = some_allowed(rng, batch, 1, length)
        padding[..., 0] = True  # so that each row may see something
        kwargs["attention_mask"] = causal & padding
        kwargs["source_mask"] = some_allowed(rng, batch, 1, source_length)
    construct = {"num_layers": layers, "num_heads": heads, "hidden_dim": hidden}
    return Case(
        name,
        (Call(args, kwargs, observe=observe),),
        construct={**construct, **({"norm_first": True} if norm_first else {})},
        weights=stack_weights(rng, "decoder", layers, width, hidden, norm_first),
        **{**DEEP, **options},
    )


def dropping(rng, sizes):
    """In training, with a dropout of 1: what the sub-layers add is gone, and the norms remain."""
    some = case(rng, "in training, everything dropped", sizes, masked=False)
    [call] = some.calls
    training = Call(call.args, {"training": True})
    construct = {**some.construct, "dropout": 1.0}
    return Case(some.name, (training,), construct=construct, weights=some.weights, **DEEP)


def structure(rng, sizes, norm_first=False):
    some = case(rng, "its weights: those of N blocks", sizes, norm_first=norm_first,
                observe=("weights",))  # fmt: skip
    return Case(some.name, some.calls, points=0.3, construct=some.construct)


def visible():
    rng = np.random.default_rng(72)
    return [
        case(rng, "two blocks, with both masks", (3, 7, 5, 8, 2, 4, 6)),
        case(rng, "two blocks, pre-LN, without a mask", (3, 4, 7, 6, 2, 1, 5), False, True),
        structure(rng, (3, 7, 5, 8, 2, 4, 6), True),
    ]


def hidden(rng):
    return [
        case(rng, "three blocks, without a mask", (4, 5, 8, 6, 3, 2, 7), False, points=2.0),
        case(rng, "two blocks, with both masks", (4, 5, 8, 6, 2, 3, 7), points=2.0),
        case(rng, "pre-LN, with both masks", (3, 7, 6, 8, 2, 4, 5), True, True, points=2.0),
        case(rng, "edge: T = S, a batch of one", (1, 5, 5, 6, 1, 2, 7)),
        case(rng, "gradients of all weights", (3, 5, 7, 4, 2, 1, 6), True, True, ("gradients",),
             **SLOPE),
        dropping(rng, (3, 5, 7, 4, 1, 2, 6)),
        structure(rng, (4, 5, 8, 6, 2, 3, int(rng.integers(9, 20)))),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="transformer.decoder",
    title="The stack of the decoder",
    kind="layer",
    points=3,
    reference=transformer.Decoder,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
)


@EXERCISE.variant
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        self.blocks = []
        for _ in range(self.num_layers):
            block = DecoderBlock(
                self.block_options["num_heads"],
                self.block_options["hidden_dim"],
                norm_first=self.block_options["norm_first"],
                dropout=self.block_options["dropout"],
            )
            self.blocks.append(block)
        if self.block_options["norm_first"]:
            self.final_norm = LayerNorm()

    def call(self, x, source, attention_mask=None, source_mask=None):
        masks = {"attention_mask": attention_mask, "source_mask": source_mask}
        for number in range(self.num_layers):
            x = self.blocks[number](x, source, **masks)
        return self.final_norm(x) if self.block_options["norm_first"] else x


@EXERCISE.variant
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        self.blocks = [DecoderBlock(**self.block_options) for _ in range(self.num_layers)]
        self.final_norm = (
            LayerNorm() if self.block_options["norm_first"] else keras.layers.Identity()
        )

    def call(self, x, source, attention_mask=None, source_mask=None):
        masks = {"source_mask": source_mask, "attention_mask": attention_mask}
        states = [x]
        for block in self.blocks:
            states.append(block(states[-1], source, **masks))
        return self.final_norm(states[-1])
