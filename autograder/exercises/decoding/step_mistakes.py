"""Mistakes of `decoding.step`, and its other right answers."""

from keras import ops

from autograder.exercises.decoding.step import EXERCISE
from solutions import decoding_cache
from solutions.masking import padding_mask


@EXERCISE.misconception(
    "positions-begin-again",
    title="positions from 0 in every step",
    explanation="After a cache of seven the next token is number 7. Each token that comes "
    "alone would stand at 0, as if all words had been said at once.",
    hint="A cache holds seven positions. Which one is next?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for number, block in enumerate(self.decoder.blocks):
            before = (None, None) if cache is None else cache[number]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "one-position-too-far",
    title="the position behind the next one",
    explanation="Positions are counted from 0: seven of them are numbers 0 to 6, and the "
    "next is 7, not 8. Every step leaves a gap.",
    hint="Which number has the last of seven positions that are counted from 0?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][0][0].shape[2] + 1
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for number, block in enumerate(self.decoder.blocks):
            before = (None, None) if cache is None else cache[number]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "heads-counted-for-positions",
    title="the length of the cache read off the wrong axis",
    explanation="Keys are (B, H, P, d_k): axis 1 holds the heads, axis 2 the positions.",
    hint="Keys are (B, H, P, d_k). On which axis do the positions stand?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][0][0].shape[1]
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for number, block in enumerate(self.decoder.blocks):
            before = (None, None) if cache is None else cache[number]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "source-counted-for-positions",
    title="the length of the source for the next position",
    explanation="A block has two pairs: what was written, which grows, and what was read, "
    "which does not. The position is counted in the first.",
    hint="Which of the two pairs of a block grows with each step?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][1][0].shape[2]
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for number, block in enumerate(self.decoder.blocks):
            before = (None, None) if cache is None else cache[number]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "one-cache-for-all-blocks",
    title="the cache of the first block given to all",
    explanation="Each block has keys and values of its own, made from its own input by its "
    "own matrices.",
    hint="Whose keys does the second block need?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][0][0].shape[2]
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for block in self.decoder.blocks:
            before = (None, None) if cache is None else cache[0]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "cache-not-passed-on",
    title="the cache used for positions only",
    explanation="The offset is right, and every block sees the new tokens alone.",
    hint="What do the blocks get of what was written before?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][0][0].shape[2]
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for block in self.decoder.blocks:
            before = (None, None)
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "source-mask-forgotten",
    title="padding of the source attended to",
    explanation="The model was trained with its padding masked. Now the answer depends on "
    "how long the longest source of the batch is.",
    hint="What do you hand to `run_block` as its source mask?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][0][0].shape[2]
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = None, []
        for number, block in enumerate(self.decoder.blocks):
            before = (None, None) if cache is None else cache[number]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        if self.decoder.final_norm is not None:
            x = self.decoder.final_norm(x)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.misconception(
    "last-norm-left-out",
    title="no last norm with pre-LN",
    explanation="With pre-LN nothing has normalised what the blocks added up; the full "
    "decoder ends in a norm, and so must the step.",
    hint="What does `Decoder` do behind its last block?",
)
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start = 0 if cache is None else cache[0][0][0].shape[2]
        x = self.position(self.embedding(ids), start_index=start)
        source_mask, kept = padding_mask(source), []
        for number, block in enumerate(self.decoder.blocks):
            before = (None, None) if cache is None else cache[number]
            x, after = self.run_block(block, x, encoded, source_mask, before)
            kept.append(after)
        table = ops.cast(self.embedding.table, x.dtype)
        return ops.matmul(x, ops.transpose(table)), kept


@EXERCISE.variant
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        start, kept = 0, []
        if cache is None:
            cache = [(None, None) for _ in self.decoder.blocks]
        else:
            start = ops.shape(cache[-1][0][1])[-2]
        x = self.position(self.embedding(ids), start_index=start)
        for block, before in zip(self.decoder.blocks, cache, strict=True):
            x, pairs = self.run_block(block, x, encoded, padding_mask(source), before)
            kept += [pairs]
        if self.decoder.final_norm:
            x = self.decoder.final_norm(x)
        return ops.einsum("btd,vd->btv", x, self.embedding.table), kept


@EXERCISE.variant
class CachedTransformer(decoding_cache.CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        blocks = self.decoder.blocks
        before = list(cache) if cache else [(None, None)] * len(blocks)
        start = cache[0][0][0].shape[2] if cache else 0
        whole = ops.pad(self.embedding(ids), [[0, 0], [start, 0], [0, 0]])
        x = self.position(whole)[:, start:]
        mask = ops.expand_dims(ops.not_equal(source, 0), 1)
        for number in range(len(blocks)):
            x, before[number] = self.run_block(blocks[number], x, encoded, mask, before[number])
        normalize = self.decoder.final_norm or (lambda x: x)
        return ops.tensordot(normalize(x), self.embedding.table, axes=[[2], [1]]), before
