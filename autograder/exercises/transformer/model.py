"""`transformer.model`: the encoder, the decoder, and one table of vectors for all of it.

Its wrong programs stand in `model_mistakes` and `model_masks`.
"""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.transformer.encoder import DEEP, SLOPE
from autograder.exercises.transformer.weights import model_weights
from course.checking.case import Call, Case
from solutions import transformer
from solutions.embedding import PAD, START
from solutions.masking import causal_mask, padding_mask

FIRST_WORD = 4  # ids below it are PAD, START, END and UNK


def drawn_ids(rng, batch, length, vocabulary_size, padded=True, start=False):
    """Ids of sentences; with `padded`, each is shorter by one than the one above it."""
    ids = rng.integers(FIRST_WORD, vocabulary_size, (batch, length)).astype("int32")
    if start:
        ids[:, 0] = START
    for row in range(batch if padded else 0):
        ids[row, max(2, length - row) :] = PAD
    return ids


def constructor(vocabulary_size, width, layers, heads, hidden, norm_first):
    """The arguments that make a `Transformer`; pre-LN is told only where it is wanted."""
    sizes = {
        "vocabulary_size": vocabulary_size, "d_model": width,
        "num_layers": layers, "num_heads": heads, "hidden_dim": hidden,
    }  # fmt: skip
    return {**sizes, **({"norm_first": True} if norm_first else {})}


def case(rng, name, sizes, padded=True, norm_first=False, observe=("output",), apart=False,
         **options):  # fmt: skip
    """sizes: `B`, `S`, `T`, `V`, `d_model`, `N`, `H` and `d_ff`.

    apart: whether `encode` and `decode` are called on their own, too.
    """
    batch, source_length, length, vocabulary_size, width, layers, heads, hidden = sizes
    source = drawn_ids(rng, batch, source_length, vocabulary_size, padded)
    target = drawn_ids(rng, batch, length, vocabulary_size, padded, start=True)
    calls = [Call([{"source": source, "target": target}], observe=observe)]
    if apart:
        encoded = normal(rng, batch, source_length, width)
        calls.append(Call([source], method="encode"))
        calls.append(Call([target, encoded, source], method="decode"))
    return Case(
        name,
        tuple(calls),
        construct=constructor(vocabulary_size, width, layers, heads, hidden, norm_first),
        weights=model_weights(rng, vocabulary_size, width, layers, hidden, norm_first),
        **{**DEEP, **options},
    )


def front_padded(rng, sizes):
    """Padding before the first word: no causal mask hides that."""
    some = case(rng, "edge: padding in front", sizes)
    [call] = some.calls
    flipped = {name: np.flip(ids, axis=1).copy() for name, ids in call.args[0].items()}
    return Case(some.name, (Call([flipped]),), construct=some.construct, weights=some.weights,
                **DEEP)  # fmt: skip


def structure(rng, sizes):
    some = case(rng, "its weights: one table and two stacks", sizes, observe=("weights",))
    return Case(some.name, some.calls, points=0.3, construct=some.construct)


def visible():
    rng = np.random.default_rng(73)
    return [
        case(rng, "a batch with padding", (3, 5, 7, 8, 4, 1, 2, 6),
             observe=("output", "any length")),
        case(rng, "pre-LN, and encode and decode on their own", (3, 7, 5, 8, 4, 1, 2, 6),
             norm_first=True, apart=True),
        structure(rng, (3, 5, 7, 8, 4, 1, 2, 6)),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "two blocks on each side", (3, 5, 7, 13, 8, 2, 4, 6), points=2.0),
        case(rng, "a longer source, and encode and decode on their own",
             (3, 9, 5, 11, 6, 1, 2, 7), apart=True, points=2.0),
        case(rng, "edge: S = T, a batch of two", (2, 6, 6, 11, 8, 1, 4, 5), norm_first=True),
        front_padded(rng, (3, 5, 7, 13, 8, 1, 4, 6)),
        case(rng, "gradients of all weights", (3, 5, 7, 11, 4, 1, 2, 6), observe=("gradients",),
             points=2.0, **SLOPE),
        case(rng, "any batch and any length", (3, 7, 5, 11, 8, 1, 4, 6), observe=("any length",)),
        structure(rng, (3, 5, 7, int(rng.integers(13, 30)), 8, 1, 4, 6)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="transformer.model",
    title="The Transformer",
    kind="layer",
    points=6,
    reference=transformer.Transformer,
    visible=visible,
    hidden=hidden,
    write=("call", "encode", "decode"),
    uses=("transformer.encoder", "transformer.decoder"),
)


@EXERCISE.variant
class Transformer(transformer.Transformer):
    def call(self, inputs):
        source, target = inputs["source"], inputs["target"]
        return self.decode(target=target, encoded=self.encode(source), source=source)

    def encode(self, source):
        return self.encoder(self._embed(source), ops.expand_dims(source != 0, 1))

    def decode(self, target, encoded, source):
        x = self._embed(target)
        length = ops.shape(target)[1]
        ahead = ops.arange(length)[None, :] > ops.arange(length)[:, None]
        mask = ops.logical_and(ops.not_equal(target, 0)[:, None, :], ops.logical_not(ahead))
        padding = ops.expand_dims(source != 0, 1)
        x = self.decoder(x, encoded, attention_mask=mask, source_mask=padding)
        return ops.einsum("btd,vd->btv", x, self.embedding.table)


@EXERCISE.variant
class Transformer(transformer.Transformer):
    def call(self, inputs):
        encoded = self.encode(inputs["source"])
        return self.decode(inputs["target"], encoded, inputs["source"])

    def encode(self, source):
        mask = padding_mask(source)
        x = self.embedding(source)
        x = self.dropout(self.position(x))
        return self.encoder(x, attention_mask=mask)

    def decode(self, target, encoded, source):
        causal = causal_mask(ops.shape(target)[1])
        mask = padding_mask(target) & causal
        x = self.dropout(self.position(self.embedding(target)))
        x = self.decoder(x, encoded, attention_mask=mask, source_mask=padding_mask(source))
        return ops.tensordot(x, self.embedding.table, axes=[[2], [1]])
