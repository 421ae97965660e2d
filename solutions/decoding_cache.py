"""Lesson 09, decoding with a cache: keys and values that are computed once and kept.

Shapes throughout: `B` batch, `T` new positions, `P` positions before them, `S` positions of the
source, `H` heads, `d_k` features of a head, `d_model` features, `V` tokens.
"""

import keras
from keras import ops

from solutions.masking import causal_mask, masked_attention, padding_mask
from solutions.multihead import merge_heads, split_heads
from solutions.transformer import Transformer


def cached_self_attention(attention, x, cache=None):
    """Attend from new positions to themselves and to all before them, whose keys are kept.

    Args: attention: a built `MultiHeadAttention`, whose four projections are used.
        x: `(B, T, d_model)` float, the new positions only.
        cache: pair of keys and values, `(B, H, P, d_k)` each, of the positions before `x`: what an
            earlier call returned. None where there are none.
    Returns: `(output, (keys, values))`, `(B, T, d_model)` and twice `(B, H, P + T, d_k)`. New
        position t attends to the whole cache and to new positions 0 to t.
    Reference: Pope et al. 2022, "Efficiently Scaling Transformer Inference", section 2.1.

    >>> from solutions.multihead import MultiHeadAttention
    >>> attention = MultiHeadAttention(num_heads=2)
    >>> attention.build((1, 3, 4), (1, 3, 4))
    >>> output, cache = cached_self_attention(attention, ops.ones((1, 3, 4)))
    >>> output, cache = cached_self_attention(attention, ops.ones((1, 1, 4)), cache)
    >>> tuple(output.shape), tuple(cache[0].shape)
    ((1, 1, 4), (1, 2, 4, 2))
    """
    q = split_heads(attention.query_projection(x), attention.num_heads)  # (B, H, T, d_k)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=2)  # (B, H, P + T, d_k)
        v = ops.concatenate([cache[1], v], axis=2)
    before = ops.shape(k)[2] - ops.shape(x)[1]  # P
    mask = causal_mask(ops.shape(k)[2])[:, before:]  # (1, T, P + T): the last T rows
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    """Attend to a source whose keys and values are computed the first time, and kept.

    Args: attention: a built `MultiHeadAttention`, whose four projections are used.
        x: `(B, T, d_model)` float, what asks.
        source: `(B, S, d_source)` float, what is asked; not looked at where there is a cache.
        cache: pair of keys and values, `(B, H, S, d_k)` each, of the source: what the first call
            returned. None at the first call.
        source_mask: `(B, 1, S)` bool, True = a real token of the source; None allows all.
    Returns: `(output, (keys, values))`, `(B, T, d_model)` and twice `(B, H, S, d_k)`.
    Reference: Vaswani et al. 2017, section 3.2.3, first item, for what asks and what is asked.

    >>> from solutions.multihead import MultiHeadAttention
    >>> attention = MultiHeadAttention(num_heads=2)
    >>> attention.build((1, 3, 4), (1, 5, 6))
    >>> output, cache = cached_cross_attention(attention, ops.ones((1, 3, 4)), ops.ones((1, 5, 6)))
    >>> tuple(output.shape), tuple(cache[0].shape)
    ((1, 3, 4), (1, 2, 5, 2))
    """
    q = split_heads(attention.query_projection(x), attention.num_heads)  # (B, H, T, d_k)
    if cache is None:
        k = split_heads(attention.key_projection(source), attention.num_heads)  # (B, H, S, d_k)
        v = split_heads(attention.value_projection(source), attention.num_heads)
        cache = (k, v)
    mask = None if source_mask is None else ops.expand_dims(source_mask, axis=1)  # for all heads
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@keras.saving.register_keras_serializable(package="transformer_course")
class CachedTransformer(Transformer):
    """A `Transformer` that can also decode a few tokens at a time, and keeps what they left.

    Shapes: `B` batch, `S` and `T` positions, `V` tokens, `d_model` features.
    Args, attributes, masking: those of `Transformer`, whose weights fit.
    Call arguments: inputs: a dict of two.
        source: `(B, S)` integer ids, what is to be read.
        target: `(B, T)` integer ids, what is written so far, the first of them START.
    Returns: `(B, T, V)` logits.
    Reference: Pope et al. 2022, section 2.1, for the step.

    >>> model = CachedTransformer(9, d_model=4, num_layers=1, num_heads=2, hidden_dim=8)
    >>> inputs = {"source": ops.array([[5, 6, 7]]), "target": ops.array([[1, 8]])}
    >>> logits = model(inputs)
    >>> steps, cache = model.step_by_step(inputs)
    >>> bool(ops.max(ops.abs(steps - logits)) < 1e-5)
    True
    """

    def decode_step(self, ids, encoded, source, cache=None):
        """Return logits `(B, T, V)` for new tokens, and the cache with these in it.

        ids: `(B, T)` integers, the new tokens only. PAD may stand behind END, and nowhere else.
        encoded: `(B, S, d_model)`, from `encode`.    source: `(B, S)` integers.
        cache: a list, for each block what `run_block` returned in an earlier call; None at first.
        """
        start = 0 if cache is None else ops.shape(cache[0][0][0])[2]  # keys are (B, H, P, d_k)
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

    def run_block(self, block, x, encoded, source_mask, cache):
        """Return what a decoder block makes of new positions `x`, and its cache.

        cache: two pairs of keys and values, of the self-attention and of the cross-attention; each
            is None where there is none yet.
        """
        written, read = cache
        kept = []

        def look_back(x):
            output, pair = cached_self_attention(block.attention, x, written)
            kept.append(pair)
            return output

        def look_over(x):
            attention = block.cross_attention.attention
            output, pair = cached_cross_attention(attention, x, encoded, read, source_mask)
            kept.append(pair)
            return output

        x = block.attention_residual(x, sublayer=look_back)
        x = block.cross_attention_residual(x, sublayer=look_over)
        return block.feed_forward_residual(x, sublayer=block.feed_forward), tuple(kept)

    def step_by_step(self, inputs):
        """Return the logits of a call with `inputs`, decoded one token at a time, and the cache."""
        source, target = inputs["source"], inputs["target"]
        encoded, cache, logits = self.encode(source), None, []
        for t in range(target.shape[1]):
            step, cache = self.decode_step(target[:, t : t + 1], encoded, source, cache)
            logits.append(step)
        return ops.concatenate(logits, axis=1), cache
