"""Lesson 10: its mistakes in other people's words."""

ROTARY = """
def apply_rotary(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = 1.0 / (base ** (ops.arange(0, d, 2, dtype="float32") / d))
    p = ops.cast(positions, "float32")
    angles = ops.expand_dims(p, -1) * theta
    angles = ops.stack([angles, angles], axis=-1)
    angles = ops.reshape(angles, (*angles.shape[:-2], d))
    c, s = ops.cast(ops.cos(angles), x.dtype), ops.cast(ops.sin(angles), x.dtype)
    a, b = x[..., ::2], x[..., 1::2]
    other = ops.reshape(ops.stack([-b, a], axis=-1), x.shape)
    return x * c + other * s
"""

NORM = """
class RMSNorm(keras.layers.Layer):
    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.epsilon = epsilon

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        z = ops.cast(x, "float32")
        z = z * ops.rsqrt(ops.mean(z**2, axis=-1, keepdims=True) + self.epsilon)
        return ops.cast(z, x.dtype) * self.scale

    def get_config(self):
        return dict(super().get_config(), epsilon=self.epsilon)
"""

SWIGLU = """
class SwiGLU(keras.layers.Layer):
    def __init__(self, d_ff, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.d_ff = d_ff

    def build(self, shape):
        self.gate = keras.layers.Dense(self.d_ff, use_bias=False)
        self.up = keras.layers.Dense(self.d_ff, use_bias=False)
        self.down = keras.layers.Dense(shape[-1], use_bias=False)

    def call(self, x):
        a, b = self.gate(x), self.up(x)
        return self.down(a * ops.sigmoid(a) * b)

    def get_config(self):
        return dict(super().get_config(), d_ff=self.d_ff)
"""

ATTENTION = """
class GroupedQueryAttention(keras.layers.Layer):
    def __init__(self, num_heads, num_groups, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads = num_heads
        self.num_groups = num_groups

    def build(self, shape):
        d = shape[-1]
        assert_divides = d % self.num_heads == 0 and self.num_heads % self.num_groups == 0
        if not assert_divides:
            raise ValueError("sizes do not fit")
        few = d // self.num_heads * self.num_groups
        for name, units in (("query", d), ("key", few), ("value", few), ("output", d)):
            dense = keras.layers.Dense(units, use_bias=False)
            dense.build(shape)
            setattr(self, name + "_projection", dense)

    def call(self, x, positions=None, cache=None):
        n = x.shape[1]
        where = positions if positions is not None else ops.arange(n)
        q = split_heads(self.query_projection(x), self.num_heads)
        k = split_heads(self.key_projection(x), self.num_groups)
        v = split_heads(self.value_projection(x), self.num_groups)
        q = apply_rotary(q, where)
        k = apply_rotary(k, where)
        old = 0
        if cache is not None:
            old_k, old_v = cache
            old = old_k.shape[2]
            k = ops.concatenate([old_k, k], axis=2)
            v = ops.concatenate([old_v, v], axis=2)
        kept = (k, v)
        share = self.num_heads // self.num_groups
        order = [h // share for h in range(self.num_heads)]
        k, v = ops.take(k, order, axis=1), ops.take(v, order, axis=1)
        scores = ops.einsum("bhqd,bhkd->bhqk", q, k) / q.shape[-1] ** 0.5
        visible = ops.arange(old, old + n)[:, None] >= ops.arange(old + n)[None, :]
        scores = ops.where(visible, scores, -1e9)
        out = ops.einsum("bhqk,bhkd->bqhd", ops.softmax(scores), v)
        return self.output_projection(ops.reshape(out, x.shape)), kept

    def get_config(self):
        return dict(super().get_config(), num_heads=self.num_heads, num_groups=self.num_groups)
"""

BLOCK = """
class CausalBlock(keras.layers.Layer):
    def __init__(self, num_heads, num_groups, d_ff, parallel=False, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads, self.num_groups = num_heads, num_groups
        self.d_ff, self.parallel = d_ff, parallel

    def build(self, shape):
        self.attention_norm = RMSNorm()
        self.attention = GroupedQueryAttention(self.num_heads, self.num_groups)
        self.feed_forward = SwiGLU(self.d_ff)
        if not self.parallel:
            self.feed_forward_norm = RMSNorm()
            self.feed_forward_norm.build(shape)

    def call(self, x, positions=None, cache=None):
        skip = x
        n = self.attention_norm(x)
        a, cache = self.attention(n, positions, cache)
        if self.parallel:
            f = self.feed_forward(n)
            return ops.add(skip, ops.add(a, f)), cache
        h = skip + a
        n = self.feed_forward_norm(h)
        return h + self.feed_forward(n), cache

    def get_config(self):
        return dict(super().get_config(), num_heads=self.num_heads, num_groups=self.num_groups,
                    d_ff=self.d_ff, parallel=self.parallel)
"""

MODEL = """
class DecoderOnly(keras.layers.Layer):
    def __init__(self, vocabulary_size, d_model, num_layers, num_heads, num_groups, d_ff,
                 parallel=False, **kwargs):
        super().__init__(**kwargs)
        self.sizes = dict(vocabulary_size=vocabulary_size, d_model=d_model, num_layers=num_layers,
                          num_heads=num_heads, num_groups=num_groups, d_ff=d_ff, parallel=parallel)

    def build(self, shape):
        s = self.sizes
        self.embedding = TokenEmbedding(s["vocabulary_size"], s["d_model"])
        self.blocks = [
            CausalBlock(s["num_heads"], s["num_groups"], s["d_ff"], s["parallel"])
            for _ in range(s["num_layers"])
        ]
        self.final_norm = RMSNorm()
        for layer in self.blocks + [self.final_norm]:
            layer.build((None, None, s["d_model"]))

    def call(self, ids, positions=None, cache=None):
        past = cache[0][0].shape[2] if cache is not None else 0
        if positions is None:
            positions = ops.arange(past, past + ids.shape[1])
        x = self.embedding(ids)
        new_cache = []
        for i in range(len(self.blocks)):
            x, c = self.blocks[i](x, positions, cache[i] if cache is not None else None)
            new_cache.append(c)
        x = self.final_norm(x)
        return ops.einsum("btd,vd->btv", x, self.embedding.table), new_cache

    def step_by_step(self, ids):
        cache, parts = None, []
        for t in range(ids.shape[1]):
            part, cache = self(ids[:, t : t + 1], cache=cache)
            parts.append(part)
        return ops.concatenate(parts, axis=1), cache

    def get_config(self):
        return dict(super().get_config(), **self.sizes)
"""


def but(source, *changes):
    """A right answer with some of its text exchanged: pairs of what stands there and what shall."""
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in source, old
        source = source.replace(old, new)
    return source


STRANGERS = {
    ("modern.rotary", "halves-in-place-of-pairs"): but(
        ROTARY,
        "angles = ops.stack([angles, angles], axis=-1)\n"
        "    angles = ops.reshape(angles, (*angles.shape[:-2], d))",
        "angles = ops.concatenate([angles, angles], axis=-1)",
        "a, b = x[..., ::2], x[..., 1::2]",
        "a, b = ops.split(x, 2, axis=-1)",
        "ops.reshape(ops.stack([-b, a], axis=-1), x.shape)",
        "ops.concatenate([-b, a], axis=-1)",
    ),
    ("modern.rotary", "positions-ignored"): but(
        ROTARY, 'ops.cast(positions, "float32")', 'ops.arange(x.shape[-2], dtype="float32")'
    ),
    ("modern.rotary", "turned-backwards"): but(ROTARY, "[-b, a]", "[b, -a]"),
    ("modern.rotary", "minus-forgotten"): but(ROTARY, "[-b, a]", "[b, a]"),
    ("modern.rotary", "pairs-counted-from-1"): but(
        ROTARY, "arange(0, d, 2,", "arange(2, d + 1, 2,"
    ),
    ("modern.rotary", "column-taken-for-pair"): but(
        ROTARY, '"float32") / d)', '"float32") * 2 / d)'
    ),
    ("modern.rotary", "positions-counted-from-1"): but(
        ROTARY, "expand_dims(p,", "expand_dims(p + 1,"
    ),
    ("modern.rotary", "base-fixed"): but(ROTARY, "1.0 / (base **", "1.0 / (10_000 **"),
    ("modern.rms_norm", "centred"): but(
        NORM, "z = z *", "z = z - ops.sum(z, axis=-1, keepdims=True) / z.shape[-1]\n        z = z *"
    ),
    ("modern.rms_norm", "epsilon-outside-the-root"): but(
        NORM,
        "z * ops.rsqrt(ops.mean(z**2, axis=-1, keepdims=True) + self.epsilon)",
        "z / (self.epsilon + ops.mean(z**2, axis=-1, keepdims=True) ** 0.5)",
    ),
    ("modern.rms_norm", "sum-of-squares"): but(NORM, "ops.mean(z**2,", "ops.sum(z**2,"),
    ("modern.rms_norm", "root-forgotten"): but(NORM, "rsqrt(", "reciprocal("),
    ("modern.rms_norm", "epsilon-missing"): but(NORM, " + self.epsilon", ""),
    ("modern.rms_norm", "squares-overflow"): but(NORM, 'ops.cast(x, "float32")', "x"),
    ("modern.rms_norm", "scale-begins-at-zero"): but(NORM, '"ones"', '"zeros"'),
    ("modern.swiglu", "gate-and-up-exchanged"): but(SWIGLU, "ops.sigmoid(a)", "ops.sigmoid(b)"),
    ("modern.swiglu", "sigmoid-for-silu"): but(SWIGLU, "a * ops.sigmoid(a)", "ops.sigmoid(a)"),
    ("modern.swiglu", "gelu-for-silu"): but(
        SWIGLU, "a * ops.sigmoid(a)", "a * 0.5 * (1 + ops.erf(a / 2**0.5))"
    ),
    ("modern.swiglu", "relu-for-silu"): but(SWIGLU, "a * ops.sigmoid(a)", "ops.maximum(a, 0)"),
    ("modern.swiglu", "activation-on-the-product"): but(
        SWIGLU, "a * ops.sigmoid(a) * b", "a * b * ops.sigmoid(a * b)"
    ),
    ("modern.swiglu", "gate-added"): but(SWIGLU, "ops.sigmoid(a) * b", "ops.sigmoid(a) + b"),
    ("modern.swiglu", "biases-added"): but(SWIGLU, ", use_bias=False", ""),
    ("modern.swiglu", "gate-gates-itself"): but(
        SWIGLU,
        "self.up(x)",
        "self.gate(x)",
        "    def call",
        "        self.up.build(shape)\n\n    def call",
    ),
    ("modern.grouped_query", "groups-tiled"): but(ATTENTION, "h // share", "h % self.num_groups"),
    ("modern.grouped_query", "values-turned"): but(
        ATTENTION, "        old = 0\n", "        v = apply_rotary(v, where)\n        old = 0\n"
    ),
    ("modern.grouped_query", "keys-not-turned"): but(
        ATTENTION, "        k = apply_rotary(k, where)\n", ""
    ),
    ("modern.grouped_query", "positions-ignored"): but(
        ATTENTION, "positions if positions is not None else ops.arange(n)", "ops.arange(0, n)"
    ),
    ("modern.grouped_query", "mask-missing"): but(
        ATTENTION, "        scores = ops.where(visible, scores, -1e9)\n", ""
    ),
    ("modern.grouped_query", "mask-from-the-first-row"): but(
        ATTENTION, "ops.arange(old, old + n)[:, None]", "ops.arange(n)[:, None]"
    ),
    ("modern.grouped_query", "repeated-heads-cached"): but(
        ATTENTION,
        "        kept = (k, v)\n",
        "",
        "        scores = ops.einsum",
        "        kept = [k, v]\n        scores = ops.einsum",
    ),
    ("modern.grouped_query", "new-before-old"): but(
        ATTENTION, "[old_k, k]", "[k, old_k]", "[old_v, v]", "[v, old_v]"
    ),
    ("modern.grouped_query", "only-new-keys-returned"): but(
        ATTENTION,
        "        old = 0\n",
        "        kept = (k, v)\n        old = 0\n",
        "        kept = (k, v)\n        share",
        "        share",
    ),
    ("modern.parallel", "always-one-after-the-other"): but(
        BLOCK, "f = self.feed_forward(n)", "f = self.feed_forward(self.attention_norm(skip + a))"
    ),
    ("modern.parallel", "always-side-by-side"): but(
        BLOCK, "self.feed_forward_norm(h)", "self.feed_forward_norm(skip)"
    ),
    ("modern.parallel", "x-added-twice"): but(BLOCK, "ops.add(skip, ops", "ops.add(2 * skip, ops"),
    ("modern.parallel", "x-not-added"): but(BLOCK, "ops.add(skip, ops.add(a, f))", "ops.add(a, f)"),
    ("modern.parallel", "feed-forward-not-normalized"): but(
        BLOCK, "f = self.feed_forward(n)", "f = self.feed_forward(skip)"
    ),
    ("modern.parallel", "norm-shared-in-series"): but(
        BLOCK, "n = self.feed_forward_norm(h)", "n = self.attention_norm(h)"
    ),
    ("modern.parallel", "positions-not-passed-on"): but(
        BLOCK, "(n, positions, cache)", "(n, None, cache)"
    ),
    ("modern.parallel", "old-cache-returned"): but(BLOCK, "a, cache = self", "a, _ = self"),
    ("modern.decoder_only", "positions-begin-again"): but(
        MODEL, "ops.arange(past, past + ids.shape[1])", "ops.arange(ids.shape[1])"
    ),
    ("modern.decoder_only", "one-position-too-far"): but(
        MODEL, "cache[0][0].shape[2] if", "1 + cache[0][0].shape[2] if"
    ),
    ("modern.decoder_only", "groups-counted-for-positions"): but(
        MODEL, "cache[0][0].shape[2]", "len(cache[0][0][0])"
    ),
    ("modern.decoder_only", "given-positions-ignored"): but(
        MODEL, "        if positions is None:\n            positions", "        positions"
    ),
    ("modern.decoder_only", "one-cache-for-all-blocks"): but(MODEL, "cache[i] if", "cache[0] if"),
    ("modern.decoder_only", "cache-not-passed-on"): but(
        MODEL, ", cache[i] if cache is not None else None)", ")"
    ),
    ("modern.decoder_only", "final-norm-missing"): but(
        MODEL, "        x = self.final_norm(x)\n", ""
    ),
    ("modern.decoder_only", "head-scaled"): but(
        MODEL,
        "x, self.embedding.table)",
        'x * self.sizes["d_model"] ** 0.5, self.embedding.table)',
    ),
    ("modern.decoder_only", "probabilities-returned"): but(
        MODEL,
        'return ops.einsum("btd,vd->btv", x, self.embedding.table), new_cache',
        'scores = ops.einsum("btd,vd->btv", x, self.embedding.table)\n'
        "        return keras.activations.softmax(scores), new_cache",
    ),
    ("modern.decoder_only", "first-block-every-time"): but(
        MODEL, "self.blocks[i]", "self.blocks[0]"
    ),
}
