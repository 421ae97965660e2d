"""Lesson 10, the modern decoder: its block, serial or parallel, and a model made of such blocks.

Shapes throughout: `B` batch, `T` positions of the input, `V` tokens, `d_model` and `d_ff` features,
`H` query heads, `G` key/value heads. A cache is what the attention of a block returns: a pair of
keys and values of all positions so far.
"""

import keras
from keras import ops

from solutions.embedding import TokenEmbedding
from solutions.modern import GroupedQueryAttention, RMSNorm, SwiGLU


class CausalBlock(keras.layers.Layer):
    """One block of a decoder-only model: attention and a feed-forward network, each added to x.

    serial:    h = x + Attention(Norm₁(x)),  y = h + SwiGLU(Norm₂(h))
    parallel:  y = x + Attention(Norm(x)) + SwiGLU(Norm(x))

    Shapes: `B` batch, `T` positions, `d_model` features.
    Args: num_heads: int, query heads `H`.    num_groups: int, key/value heads `G`.
        d_ff: int, hidden width `d_ff` of the feed-forward network.
        parallel: bool, whether both read the same normalised input.
    Call arguments: x: `(B, T, d_model)` float.
        positions: `(T,)` integers, where the rows of `x` stand; None is for 0 to T − 1.
        cache: pair of keys and values of what stands before `x`, or None.
    Returns: `(y, cache)`, y of the shape of `x`, the cache with `x` in it.
    Attributes: `attention_norm`, `attention`, `feed_forward` and, in a serial block only,
        `feed_forward_norm`, made in `build`.
    Masking: a padding mask is passed on, not used.
    Raises: ValueError at build if `H` does not divide `d_model` or `G` does not divide `H`.
    Reference: Touvron et al. 2023, "LLaMA", section 2.2, for the serial block; Chowdhery et al.
        2022, "PaLM", section 2, for the parallel one.

    >>> block = CausalBlock(num_heads=4, num_groups=2, d_ff=16)
    >>> y, cache = block(ops.ones((1, 5, 8)))
    >>> tuple(y.shape)
    (1, 5, 8)
    """

    def __init__(self, num_heads, num_groups, d_ff, parallel=False, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads = num_heads
        self.num_groups = num_groups
        self.d_ff = d_ff
        self.parallel = parallel

    def build(self, x_shape):
        policy = self.dtype_policy
        self.attention_norm = RMSNorm(dtype=policy)
        self.attention = GroupedQueryAttention(self.num_heads, self.num_groups, dtype=policy)
        self.feed_forward = SwiGLU(self.d_ff, dtype=policy)
        parts = [self.attention_norm, self.attention, self.feed_forward]
        if not self.parallel:
            self.feed_forward_norm = RMSNorm(dtype=policy)
            parts.append(self.feed_forward_norm)
        for part in parts:
            part.build(x_shape)

    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(normalized), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache

    def get_config(self):
        sizes = {"num_heads": self.num_heads, "num_groups": self.num_groups, "d_ff": self.d_ff}
        return {**super().get_config(), **sizes, "parallel": self.parallel}


class DecoderOnly(keras.layers.Layer):
    """A language model: for each position, a score of every token that may come next.

    logits = Norm(Block_N(… Block_1(√d_model · table[ids]))) · tableᵀ

    Shapes: `B` batch, `T` positions, `V` tokens, `d_model` features.
    Args: vocabulary_size: int, tokens `V`.    d_model: int, features `d_model`.
        num_layers: int, how many blocks `N`.    num_heads: int, query heads `H`.
        num_groups: int, key/value heads `G`.    d_ff: int, hidden width `d_ff`.
        parallel: bool, whether the blocks are parallel ones.
    Call arguments: ids: `(B, T)` integers, each below `V`.
        positions: `(T,)` integers, where the ids stand. None counts on from the cache: a cache of
            seven positions makes the next one number 7.
        cache: list of `N` caches, one a block, of what stands before `ids`; None at the start.
    Returns: `(logits, cache)`: `(B, T, V)`, and the list of caches with `ids` in them.
    Attributes: `embedding`, a `TokenEmbedding`, whose table is the head, too; `blocks`, a list of
        `CausalBlock`; `final_norm`; made in `build`.
    Masking: none is used. Behind the real tokens no row sees padding; the loss has to leave it out.
    Raises: ValueError if there are fewer or more caches than blocks.
    Reference: Touvron et al. 2023, "LLaMA", section 2.2; Press and Wolf 2017 for the tied head.

    >>> model = DecoderOnly(vocabulary_size=9, d_model=8, num_layers=2, num_heads=4, num_groups=2,
    ...                     d_ff=16)
    >>> logits, cache = model(ops.array([[1, 5, 2]]))
    >>> after, cache = model(ops.array([[7]]), cache=cache)
    >>> tuple(logits.shape), tuple(after.shape), len(cache)
    ((1, 3, 9), (1, 1, 9), 2)
    """

    def __init__(
        self, vocabulary_size, d_model, num_layers, num_heads, num_groups, d_ff, parallel=False,
        **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.d_model = d_model
        self.num_layers = num_layers
        self.block_config = {
            "num_heads": num_heads, "num_groups": num_groups, "d_ff": d_ff, "parallel": parallel
        }  # fmt: skip

    def build(self, ids_shape):
        policy = self.dtype_policy
        self.embedding = TokenEmbedding(self.vocabulary_size, self.d_model, dtype=policy)
        self.blocks = [
            CausalBlock(**self.block_config, dtype=policy) for _ in range(self.num_layers)
        ]
        self.final_norm = RMSNorm(dtype=policy)
        self.embedding.build(ids_shape)
        for part in (*self.blocks, self.final_norm):
            part.build((*ids_shape, self.d_model))

    def call(self, ids, positions=None, cache=None):
        if cache is None:
            cache = [None] * len(self.blocks)
        if len(cache) != len(self.blocks):
            raise ValueError(
                f"There must be one cache a block. Received: {len(cache)} of {len(self.blocks)}"
            )
        if positions is None:
            start = 0 if cache[0] is None else ops.shape(cache[0][0])[2]  # keys are (B, G, S, d_k)
            positions = start + ops.arange(ops.shape(ids)[1])
        x, kept = self.embedding(ids), []
        for block, before in zip(self.blocks, cache, strict=True):
            x, after = block(x, positions=positions, cache=before)
            kept.append(after)
        return ops.matmul(self.final_norm(x), ops.transpose(self.embedding.table)), kept

    def step_by_step(self, ids):
        """Return what a call with `ids` returns, computed one token at a time with a cache."""
        cache, logits = None, []
        for t in range(ids.shape[1]):
            next_logits, cache = self(ids[:, t : t + 1], cache=cache)
            logits.append(next_logits)
        return ops.concatenate(logits, axis=1), cache

    def get_config(self):
        sizes = {"vocabulary_size": self.vocabulary_size, "d_model": self.d_model}
        return {**super().get_config(), **sizes, "num_layers": self.num_layers, **self.block_config}
