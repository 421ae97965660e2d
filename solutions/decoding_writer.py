"""Lesson 09, decoding with a cache of fixed size: writing as one compiled program.

Shapes throughout: `B` batch, `S` positions of the source, `H` heads, `d_k` features of a head,
`L` tokens to write.
"""

import keras
from keras import ops

from solutions.decoding_cache import cached_cross_attention
from solutions.embedding import END, PAD, START
from solutions.masking import masked_attention, padding_mask
from solutions.multihead import merge_heads, split_heads


class CachedWriter(keras.Model):
    """Write targets greedily as one compiled program: a cache of fixed size, filled in a loop.

    A cache that grows has another shape in each step, and a compiler makes one program a shape. So
    room for all positions is taken at the start, and what is not written yet is masked.

    Shapes: `B` batch, `S` positions of the source, `L` tokens to write.
    Args: transformer: a `Transformer`.    length: int, tokens to write at most, `L`.
        end: int, the token after which a row has only PAD; None writes `L` tokens in every row.
    Call arguments: source: `(B, S)` integers.
    Returns: `(B, L)` int32, without START; PAD behind END.
    Raises: ValueError if `length` is below 1.
    Reference: Pope et al. 2022, section 2.1.

    >>> from solutions.transformer import Transformer
    >>> model = Transformer(9, d_model=4, num_layers=1, num_heads=2, hidden_dim=8)
    >>> tuple(CachedWriter(model, length=3)(ops.array([[5, 6, 7, 8]])).shape)
    (1, 3)
    """

    def __init__(self, transformer, length, end=END):
        super().__init__()
        if length < 1:
            raise ValueError(f"`length` must be at least 1. Received: length={length}")
        self.transformer = transformer
        self.length = length
        self.end = end
        self.compile()  # by XLA, where the backend has it

    def build(self, source_shape):
        if not self.transformer.built:
            target_shape = (source_shape[0], self.length)
            self.transformer.build({"source": source_shape, "target": target_shape})

    def call(self, source):
        model, batch = self.transformer, ops.shape(source)[0]
        encoded, source_mask = model.encode(source), padding_mask(source)
        memories, caches = [], []
        for block in model.decoder.blocks:
            memories.append(_keys_and_values(block.cross_attention.attention, encoded))
            heads, width = memories[-1][0].shape[1], memories[-1][0].shape[3]
            room = ops.zeros((batch, heads, self.length, width), model.compute_dtype)
            caches.append((room, room))
        columns = ops.arange(self.length + 1)[None]  # (1, L + 1)
        ids = ops.where(columns == 0, START, ops.full((batch, self.length + 1), PAD, "int32"))
        ended = ops.zeros((batch,), "bool")

        def goes_on(place, ids, ended, caches):
            return ops.logical_and(place < self.length, ops.logical_not(ops.all(ended)))

        def write(place, ids, ended, caches):
            token = ops.take(ids, place[None], axis=1)  # (B, 1)
            x = model.position(model.embedding(token), start_index=place)
            kept = []
            for block, memory, cache in zip(model.decoder.blocks, memories, caches, strict=True):
                x, cache = _one_position(block, x, place, cache, memory, source_mask)
                kept.append(cache)
            x = x if model.decoder.final_norm is None else model.decoder.final_norm(x)
            logits = ops.matmul(x[:, 0], ops.transpose(ops.cast(model.embedding.table, x.dtype)))
            best = ops.where(ended, PAD, ops.cast(ops.argmax(logits, axis=-1), "int32"))
            ids = ops.where(columns == place + 1, best[:, None], ids)
            if self.end is not None:
                ended = ops.logical_or(ended, best == self.end)
            return place + 1, ids, ended, kept

        first = ops.convert_to_tensor(0, "int32")
        return ops.while_loop(goes_on, write, (first, ids, ended, caches))[1][:, 1:]


def _keys_and_values(attention, x):
    """The keys and values of `x`, `(B, H, positions, d_k)` each."""
    return tuple(
        split_heads(projection(x), attention.num_heads)
        for projection in (attention.key_projection, attention.value_projection)
    )


def _one_position(block, x, place, cache, memory, source_mask):
    """What a decoder block makes of the position `place`, `(B, 1, d_model)`; its cache with it."""
    rooms = list(cache)
    written = ops.arange(rooms[0].shape[2]) <= place  # (L,): what is behind is not there yet

    def look_back(x):
        for number, new in enumerate(_keys_and_values(block.attention, x)):
            rooms[number] = ops.slice_update(rooms[number], (0, 0, place, 0), new)
        attention = block.attention
        query = split_heads(attention.query_projection(x), attention.num_heads)  # (B, H, 1, d_k)
        attended, _ = masked_attention(query, *rooms, written[None, None, None])
        return attention.output_projection(merge_heads(attended))

    def look_over(x):
        attention = block.cross_attention.attention
        return cached_cross_attention(attention, x, None, memory, source_mask)[0]

    x = block.attention_residual(x, sublayer=look_back)
    x = block.cross_attention_residual(x, sublayer=look_over)
    return block.feed_forward_residual(x, sublayer=block.feed_forward), tuple(rooms)
