"""`modern.decoder_only`: a small language model of such blocks, with a cache that counts on."""

import numpy as np
from keras import ops

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.modern.parallel import block_weights
from course.checking.case import Call, Case
from solutions import modern_decoder

TURNED = {"tolerance": 2e-4, "because": "logits of up to 30, in float32, through several blocks"}


def model_weights(rng, sizes, parallel):
    _, _, vocabulary, width, layers, heads, groups, hidden = sizes
    weights = {"embedding.table": normal(rng, vocabulary, width, scale=0.5)}
    for number in range(layers):
        block = block_weights(rng, width, heads, groups, hidden, parallel)
        weights |= {f"blocks.{number}.{path}": value for path, value in block.items()}
    return {**weights, "final_norm.scale": 1.0 + normal(rng, width, scale=0.3)}


def case(rng, name, sizes, cached=0, start=None, method="", parallel=False, **options):
    """sizes: `B`, `T`, `V`, `d_model`, `N`, `H`, `G`, `d_ff`."""
    batch, length, vocabulary, width, layers, heads, groups, hidden = sizes
    observe = options.pop("observe", ("output",))
    kwargs = {}
    if start is not None:
        kwargs["positions"] = np.arange(start, start + length, dtype="int32")
    if cached:
        shape = (batch, groups, cached, width // heads)
        kwargs["cache"] = [[normal(rng, *shape), normal(rng, *shape)] for _ in range(layers)]
    ids = rng.integers(0, vocabulary, (batch, length)).astype("int32")
    construct = {
        "vocabulary_size": vocabulary, "d_model": width, "num_layers": layers, "num_heads": heads,
        "num_groups": groups, "d_ff": hidden, "parallel": parallel,
    }  # fmt: skip
    calls = [Call([ids], kwargs, method=method, observe=observe)]
    if method:  # the weights are made by a plain call
        calls.insert(0, Call([ids], observe=()))
    weights = model_weights(rng, sizes, parallel)
    return Case(name, tuple(calls), construct=construct, weights=weights, **{**TURNED, **options})


def structure(rng, sizes):
    drawn = case(rng, "its weights: one table for both ends", sizes, observe=("weights",))
    return Case(drawn.name, drawn.calls, 0.4, construct=drawn.construct)


def visible():
    rng = np.random.default_rng(106)
    sizes = (3, 5, 6, 8, 2, 4, 1, 7)
    return [
        case(rng, "one token at a time", sizes, method="step_by_step"),
        case(rng, "a single block, after a cache that has lost its beginning",
             (3, 5, 6, 8, 1, 4, 2, 7), 4, 30),
        structure(rng, sizes),
    ]  # fmt: skip


def hidden(rng):
    start = int(rng.integers(12, 60))
    return [
        case(rng, "a whole text", (3, 7, 11, 24, 2, 6, 1, 5), points=2.0),
        case(rng, "after a cache", (3, 4, 13, 20, 2, 5, 1, 7), 6, points=2.0),
        case(rng, "one token at a time", (3, 4, 13, 36, 2, 6, 1, 7), method="step_by_step",
             points=2.0),
        case(rng, "after a cache that has lost its beginning", (3, 4, 11, 24, 2, 6, 1, 7), 5,
             start),
        case(rng, "a text that begins later", (2, 5, 13, 24, 3, 6, 1, 7), 0, start),
        case(rng, "parallel blocks", (3, 5, 11, 24, 2, 6, 1, 7), parallel=True),
        case(rng, "gradients of all weights", (2, 3, 11, 16, 1, 8, 4, 5), observe=("gradients",),
             **{**SLOPE, "tolerance": 5e-4}),
        case(rng, "edge: one token after a cache", (2, 1, 11, 24, 2, 6, 2, 5), 4),
        case(rng, "edge: a batch of one", (1, 5, 11, 24, 2, 6, 3, 7), points=0.5),
        case(rng, "made anew from its configuration", (3, 5, 11, 24, 2, 6, 1, 7),
             observe=("config",), points=0.4),
        structure(rng, (3, 5, 13, 24, 2, 6, 1, 7)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="modern.decoder_only",
    title="A decoder-only model",
    kind="layer",
    points=5,
    reference=modern_decoder.DecoderOnly,
    visible=visible,
    hidden=hidden,
    returns=("logits", "cache"),
    write=("build", "call"),
    uses=(
        "modern.rotary",
        "modern.rms_norm",
        "modern.swiglu",
        "modern.grouped_query",
        "modern.parallel",
    ),
)


@EXERCISE.misconception(
    "positions-begin-again",
    title="positions from 0 at every call",
    explanation="After a cache of seven the next token is number 7. Each token that comes alone "
    "would stand at 0, as if all words had been said at once.",
    hint="A cache holds seven positions. Which one is next?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "one-position-too-far",
    title="the position behind the next one",
    explanation="Positions are counted from 0: seven of them are numbers 0 to 6, and the next is "
    "7, not 8. Every step leaves a gap.",
    hint="Which number has the last of seven positions that are counted from 0?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2] + 1
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "groups-counted-for-positions",
    title="the length of the cache read off the wrong axis",
    explanation="Keys are (B, G, S, d_k): axis 1 holds the groups, axis 2 the positions.",
    hint="Keys are (B, G, S, d_k). On which axis do the positions stand?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[1]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "given-positions-ignored",
    title="positions always counted from the cache",
    explanation="A long conversation may drop the oldest part of its cache. What is left is "
    "shorter than what was said: then only the caller knows where the next token stands.",
    hint="If positions are given and a cache, too, which of them says where the ids stand?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        start = 0 if cache is None else cache[0][0].shape[2]
        positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "one-cache-for-all-blocks",
    title="the cache of the first block given to all",
    explanation="Each block has keys and values of its own, made from its own input by its own "
    "matrices.",
    hint="Whose keys does the second block need?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block in self.blocks:
            x, after = block(x, positions=positions, cache=cache and cache[0])
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "cache-not-passed-on",
    title="the cache used for positions only",
    explanation="The offset is right, and every block sees the new tokens alone.",
    hint="What do the blocks get that was said before `ids`?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block in self.blocks:
            x, after = block(x, positions=positions)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept
