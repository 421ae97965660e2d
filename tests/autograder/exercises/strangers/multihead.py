"""Lesson 05: its mistakes in other people's words."""

LAYER = """
class MultiHeadAttention(keras.layers.Layer):
    def __init__(self, num_heads, head_dim=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads, self.head_dim = num_heads, head_dim

    def build(self, query_shape, value_shape):
        features = query_shape[-1]
        {check}
        width = self.head_dim or {width}
        make = lambda units: keras.layers.Dense(units, use_bias={bias})
        self.query_projection = make(self.num_heads * width)
        self.key_projection = make(self.num_heads * width)
        self.value_projection = make(self.num_heads * width)
        self.output_projection = make(features)
        self.query_projection.build(query_shape)
        self.key_projection.build(value_shape)
        self.value_projection.build(value_shape)
        self.output_projection.build((None, None, self.num_heads * width))

    def heads_of(self, tensor):
        {heads}

    def call(self, query, value, attention_mask=None, return_weights=False):
        q = self.heads_of(self.query_projection(query))
        k = self.heads_of(self.{key}_projection(value))
        v = self.heads_of(self.{value}_projection(value))
        scores = ops.einsum("bhqd,bhkd->bhqk", q, k) / {scale}
        {mask}
        weights = keras.activations.softmax(scores)
        mixed = ops.einsum("bhqk,bhkd->bhqd", weights, v)
        {merge}
        {out}
        if return_weights:
            return output, {returned}
        return output

    def get_config(self):
        config = super().get_config()
        config.update(num_heads=self.num_heads, head_dim=self.head_dim)
        return config
"""
RIGHT = {
    "check": """if self.head_dim is None and features % self.num_heads != 0:
            raise ValueError("bad number of heads")""",
    "width": "features // self.num_heads",
    "bias": "False",
    "heads": """return ops.stack(ops.split(tensor, self.num_heads, axis=2), axis=1)""",
    "key": "key",
    "value": "value",
    "scale": "np.sqrt(q.shape[-1])",
    "mask": """if attention_mask is not None:
            scores = ops.where(attention_mask[:, None, :, :], scores, -1e9)""",
    "merge": "joined = ops.concatenate(ops.unstack(mixed, axis=1), axis=-1)",
    "out": "output = self.output_projection(joined)",
    "returned": "weights",
}


def layer(**parts):
    """The layer of the lesson with some parts written otherwise."""
    source = LAYER
    for name, text in {**RIGHT, **parts}.items():
        source = source.replace(f"{{{name}}}", text)
    return source


CROSS = """
class CrossAttention(keras.layers.Layer):
    def __init__(self, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.attention = MultiHeadAttention(num_heads)

    def call(self, x, source, source_mask=None):
        {body}

    def get_config(self):
        return dict(super().get_config(), num_heads=self.num_heads)
"""


def cross(body):
    return CROSS.replace("{body}", body.strip())


STRANGERS = {
    ("multihead.split", "reshaped-without-transpose"): """
def split_heads(x, num_heads):
    return ops.reshape(x, (x.shape[0], num_heads, -1, x.shape[2] // num_heads))
""",
    ("multihead.split", "features-dealt-out"): """
def split_heads(x, num_heads):
    return ops.stack([x[:, :, h::num_heads] for h in range(num_heads)], axis=1)
""",
    ("multihead.split", "heads-left-behind-positions"): """
def split_heads(x, num_heads):
    return ops.stack(ops.split(x, num_heads, axis=-1), axis=2)
""",
    ("multihead.split", "positions-put-last"): """
def split_heads(x, num_heads):
    heads = ops.split(ops.swapaxes(x, 1, 2), num_heads, axis=1)
    return ops.stack(heads, axis=1)
""",
    ("multihead.split", "heads-before-the-batch"): """
def split_heads(x, num_heads):
    return ops.stack(ops.split(x, num_heads, axis=-1))
""",
    ("multihead.merge", "reshaped-without-transpose"): """
def merge_heads(x):
    return ops.reshape(x, (x.shape[0], x.shape[2], -1))
""",
    ("multihead.merge", "heads-averaged"): """
def merge_heads(x):
    total = x[:, 0]
    for h in range(1, x.shape[1]):
        total = total + x[:, h]
    return total / x.shape[1]
""",
    ("multihead.merge", "features-interleaved"): """
def merge_heads(x):
    stacked = ops.stack(ops.unstack(x, axis=1), axis=-1)
    return ops.reshape(stacked, (stacked.shape[0], stacked.shape[1], -1))
""",
    ("multihead.attention", "scale-by-d-model"): layer(scale="query.shape[-1] ** 0.5"),
    ("multihead.attention", "output-projection-unused"): layer(out="output = joined"),
    ("multihead.attention", "split-by-reshape"): layer(
        heads="""batch, length, features = tensor.shape
        return ops.reshape(tensor, [batch, self.num_heads, length, features // self.num_heads])"""
    ),
    ("multihead.attention", "merged-without-transpose"): layer(
        merge="joined = ops.reshape(mixed, [query.shape[0], query.shape[1], -1])"
    ),
    ("multihead.attention", "weights-averaged"): layer(
        returned="ops.sum(weights, axis=1) / self.num_heads"
    ),
    ("multihead.attention", "mask-ignored"): layer(mask="pass"),
    ("multihead.attention", "mask-inverted"): layer(
        mask="""if attention_mask is not None:
            scores = ops.where(attention_mask[:, None, :, :], -1e9, scores)"""
    ),
    ("multihead.attention", "keys-and-values-exchanged"): layer(key="value", value="key"),
    ("multihead.attention", "keys-handed-over"): layer(value="key"),
    ("multihead.attention", "biases-added"): layer(bias="True"),
    ("multihead.attention", "every-head-as-wide-as-the-model"): layer(width="features"),
    ("multihead.attention", "width-rounded-down"): layer(check=""),
    ("multihead.cross", "source-ignored"): cross("return self.attention(x, value=x)"),
    ("multihead.cross", "mask-ignored"): cross(
        "return self.attention(query=x, value=source, attention_mask=None)"
    ),
    ("multihead.cross", "mask-inverted"): cross("""
        mask = None if source_mask is None else ops.equal(source_mask, False)
        return self.attention(x, source, mask)
"""),
    ("multihead.cross", "causal-source"): cross("""
        mask = ops.tril(ops.ones((1, x.shape[1], source.shape[1]), dtype="bool"))
        if source_mask is not None:
            mask = mask & source_mask
        return self.attention(x, source, mask)
"""),
    ("multihead.cross", "padding-set-to-zero"): cross("""
        if source_mask is not None:
            source = ops.where(source_mask[:, 0, :, None], source, 0.0)
        return self.attention(x, source)
"""),
    ("multihead.cross", "residual-added"): cross("""
        return ops.add(self.attention(x, source, source_mask), x)
"""),
    ("multihead.count", "output-projection-forgotten"): """
def count_parameters(d_model, num_heads, head_dim, layers):
    one = d_model * head_dim
    return dict(matrix=one, head=one * 3, layer=one * 3 * num_heads,
                model=one * 3 * num_heads * layers)
""",
    ("multihead.count", "heads-not-multiplied"): """
def count_parameters(d_model, num_heads, head_dim, layers):
    one = d_model * head_dim
    return dict(matrix=one, head=4 * one, layer=4 * one, model=4 * one * layers)
""",
    ("multihead.count", "head-width-assumed"): """
def count_parameters(d_model, num_heads, head_dim, layers):
    head_dim = d_model // num_heads
    one = d_model * head_dim
    layer = 4 * d_model ** 2
    return dict(matrix=one, head=4 * one, layer=layer, model=layer * layers)
""",
}
