"""Mistakes of `modern.decoder_only` at its two ends and in its stack; its other right answers."""

from keras import ops

from autograder.exercises.modern.decoder_only import EXERCISE
from solutions import modern_decoder
from solutions.embedding import TokenEmbedding
from solutions.modern import RMSNorm
from solutions.modern_decoder import CausalBlock


@EXERCISE.misconception(
    "final-norm-missing",
    title="no norm before the head",
    explanation="Blocks only ever add to x, so that it grows with depth, and logits with it. "
    "Whoever normalises before each sub-layer needs one more norm at the end.",
    hint="How large is x after many blocks, and what would make its size known again?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(x, ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "head-scaled",
    title="√d_model at the output, too",
    explanation="The factor belongs to the input. At the head it makes logits √d_model times as "
    "large: a model that is sure of itself before it has learned anything.",
    hint="At which of the two ends of the table does √d_model belong?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        head = ops.transpose(self.embedding(ops.arange(self.vocabulary_size)))
        return ops.matmul(self.final_norm(x), head), kept


@EXERCISE.misconception(
    "input-not-scaled",
    title="rows of the table taken as they are",
    explanation="The embedding of lesson 1 multiplies by √d_model, so that entries have size 1. "
    "Rows of the table itself are that much smaller.",
    hint="What does `TokenEmbedding` do beside looking up a row?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = ops.take(self.embedding.table, ids, axis=0), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "probabilities-returned",
    title="probabilities in place of logits",
    explanation="A loss that expects logits then takes a second softmax of them, and a temperature "
    "divides shares. The model gives scores; who uses them chooses what to do.",
    hint="Do the scores of one position have to sum to 1?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        logits = ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table))
        return ops.softmax(logits, axis=-1), kept


@EXERCISE.misconception(
    "last-position-only",
    title="logits of the last position only",
    explanation="Enough to write on, and too little to learn from: in training every position "
    "predicts the token that follows it.",
    hint="How many predictions does a text of T tokens offer to learn from?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache or [None] * len(self.blocks), strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        last = self.final_norm(x)[:, -1:]
        return ops.matmul(last, ops.transpose(self.embedding.table)), kept


@EXERCISE.misconception(
    "first-block-every-time",
    title="the first block called N times",
    explanation="N blocks are N sets of weights. Called again and again, one block learns for all, "
    "and the others never.",
    hint="If the weights of the second block change, do your logits?",
)
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        if positions is None:
            start = 0 if cache is None else cache[0][0].shape[2]
            positions = start + ops.arange(ids.shape[1])
        x, kept = self.embedding(ids), []
        for before in cache or [None] * len(self.blocks):
            x, after = self.blocks[0](x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept


@EXERCISE.variant
class DecoderOnly(modern_decoder.DecoderOnly):
    def build(self, ids_shape):
        self.embedding = TokenEmbedding(self.vocabulary_size, self.d_model)
        self.blocks = []
        for _ in range(self.num_layers):
            self.blocks.append(CausalBlock(**self.block_config))
        self.final_norm = RMSNorm()

    def call(self, ids, positions=None, cache=None):
        seen = 0 if cache is None else cache[-1][1].shape[-2]
        if positions is None:
            positions = ops.arange(seen, seen + ids.shape[1])
        x, kept = self.embedding(ids), []
        for number in range(self.num_layers):
            block = self.blocks[number]
            x, pair = block(x, positions, None if cache is None else cache[number])
            kept += [pair]
        return ops.einsum("btd,vd->btv", self.final_norm(x), self.embedding.table), kept


@EXERCISE.variant
class DecoderOnly(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        cache = list(cache) if cache else [None] * self.num_layers
        if positions is None:
            past = ops.shape(cache[0][1])[2] if cache[0] is not None else 0
            positions = ops.cumsum(ops.ones_like(ids[0])) - 1 + past
        x = self.embedding(ids)
        for number, block in enumerate(self.blocks):
            x, cache[number] = block(x, positions=positions, cache=cache[number])
        columns = ops.take(self.embedding.table, ops.arange(self.vocabulary_size), axis=0)
        return ops.dot(self.final_norm(x), ops.transpose(columns, (1, 0))), cache
