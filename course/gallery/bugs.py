"""The mistakes as data: which parts of a right model do something else, and what that is."""

from collections.abc import Callable
from dataclasses import dataclass, field

from keras import ops

from course.gallery.attention import (
    attention,
    merge_untransposed,
    split_by_reshape,
)

GROUPS = {
    "right": "as it should be",
    "invisible": "no training shows it: the model learns its way around",
    "leaking": "perfect while it is told the answer, nothing by itself",
    "weaker": "training shows it: the model learns less",
}


@dataclass(frozen=True)
class Bug:
    """One mistake.

    id: as of the misconception in the lessons, where there is one.    title: a few words.
    group: one of `GROUPS`, by what a training shows of it.
    part: which layers of the model do something else, a name in `PARTS`.
    call: what they do: takes the layer and its arguments.
    options: of the model's constructor.    shifted: whether labels are one token ahead.
    """

    id: str
    title: str
    group: str
    part: str = ""
    call: Callable | None = None
    options: dict = field(default_factory=dict, hash=False)
    shifted: bool = True

    def apply(self, model):
        """Switch the mistake on in a built `Transformer`."""
        for layer in PARTS[self.part](model) if self.part else []:
            layer.call = _bound(self.call, layer)


def blocks(model):
    """The blocks of both stacks."""
    return [*model.encoder.blocks, *model.decoder.blocks]


def residuals(model):
    """The residual connections of all blocks."""
    names = ("attention_residual", "cross_attention_residual", "feed_forward_residual")
    return [getattr(b, name) for b in blocks(model) for name in names if hasattr(b, name)]


def looking_back(model):
    """The self-attentions of the decoder."""
    return [block.attention for block in model.decoder.blocks]


def reading(model):
    """The attentions whose keys are the source."""
    over = [block.cross_attention.attention for block in model.decoder.blocks]
    return [block.attention for block in model.encoder.blocks] + over


PARTS = {
    "embedding": lambda model: [model.embedding],
    "position": lambda model: [model.position],
    "dropout": lambda model: [model.dropout, *(part.dropout for part in residuals(model))],
    "residual": residuals,
    "norm": lambda model: [part.norm for part in residuals(model)],
    "attention": lambda model: [*looking_back(model), *reading(model)],
    "attention to the source": reading,
    "attention of the decoder": looking_back,
    "cross-attention": lambda model: [block.cross_attention for block in model.decoder.blocks],
}


def _bound(call, layer):
    return lambda *args, **kwargs: call(layer, *args, **kwargs)


def _unscaled_embedding(layer, ids):
    return ops.take(layer.table, ids, axis=0)


def _table(length, width, exponents):
    """Sines and cosines, not yet in any order: two arrays `(length, width / 2)`."""
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, exponents)
    return ops.sin(angles), ops.cos(angles)


def _concatenated_positions(layer, x, start_index=0):
    width = x.shape[-1]
    exponents = 2 * ops.arange(width // 2, dtype="float32") / width
    return x + ops.cast(ops.concatenate(_table(x.shape[1], width, exponents), axis=-1), x.dtype)


def _doubled_exponent(layer, x, start_index=0):
    width = x.shape[-1]
    exponents = 4 * ops.arange(width // 2, dtype="float32") / width
    table = ops.stack(_table(x.shape[1], width, exponents), axis=-1)
    return x + ops.cast(ops.reshape(table, (x.shape[1], width)), x.dtype)


def _always_dropping(layer, x, training=None):
    return type(layer).call(layer, x, training=True)


def _over_time(layer, x):
    centred = x - ops.mean(x, axis=1, keepdims=True)
    variance = ops.mean(ops.square(centred), axis=1, keepdims=True)
    return layer.gamma * centred / ops.sqrt(variance + layer.epsilon) + layer.beta


def _swapped(layer, x, source, source_mask=None):
    """The source asks and the target answers; cut to the target's length, so that shapes fit."""
    return layer.attention(source[:, : x.shape[1]], x)


def _without_residual(layer, x, sublayer):
    return layer.norm(sublayer(x))


ATTENTION, SOURCE = "attention", "attention to the source"
EVERY = (
    Bug("right", "the right model", "right"),
    Bug("missing-embedding-scale", "no √d_model at the embedding", "invisible", "embedding",
        _unscaled_embedding),
    Bug("missing-scale", "no 1/√d_k on the scores", "invisible", ATTENTION,
        attention(scale=lambda d_k, d_model: 1.0)),
    Bug("scale-by-d-model", "scores divided by √d_model", "invisible", ATTENTION,
        attention(scale=lambda d_k, d_model: d_model**-0.5)),
    Bug("missing-padding-mask", "padding of the source is attended to", "invisible", SOURCE,
        attention(mask=lambda mask: None)),
    Bug("concatenated", "sines first, then cosines", "invisible", "position",
        _concatenated_positions),
    Bug("doubled-exponent", "exponent 4i/d_model in the positions", "invisible", "position",
        _doubled_exponent),
    Bug("dropout-left-on", "dropout when writing, too", "invisible", "dropout", _always_dropping,
        options={"dropout": 0.05}),
    Bug("merge-without-transpose", "heads merged without the transpose", "leaking", ATTENTION,
        attention(merge=merge_untransposed)),
    Bug("split-by-reshape", "heads split by a reshape alone", "leaking", ATTENTION,
        attention(split=split_by_reshape)),
    Bug("softmax-over-queries", "softmax over the queries", "leaking", ATTENTION,
        attention(axis=-2)),
    Bug("norm-over-time", "LayerNorm over the positions", "leaking", "norm", _over_time),
    Bug("missing-causal-mask", "no causal mask", "leaking", "attention of the decoder",
        attention(mask=lambda mask: mask[:, -1:])),  # the last row has padding alone
    Bug("swapped-roles", "in cross-attention the source asks the target", "leaking",
        "cross-attention", _swapped),
    Bug("labels-not-shifted", "labels are the inputs", "leaking", shifted=False),
    Bug("missing-positions", "no positions", "weaker", "position", lambda layer, x, **_: x),
    Bug("missing-residual", "no residual connections", "weaker", "residual", _without_residual),
)  # fmt: skip
BUGS = {bug.id: bug for bug in EVERY}
