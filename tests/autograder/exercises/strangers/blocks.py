"""Lesson 06: its mistakes in other people's words."""


def filled(template, right, parts):
    """A program with some of its parts written otherwise."""
    for name, text in {**right, **parts}.items():
        template = template.replace(f"<{name}>", text.strip())
    return template


NORM = """
class LayerNorm(keras.layers.Layer):
    def __init__(self, epsilon=1e-5, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.epsilon = epsilon

    def build(self, x_shape):
        shape = <shape>
        self.gamma = self.add_weight(shape=shape, initializer=keras.initializers.<gamma>())
        self.beta = self.add_weight(shape=shape, initializer=keras.initializers.Zeros())

    def call(self, x):
        y = ops.cast(x, <type>)
        axis = <axis>
        mean = ops.mean(y, axis=axis, keepdims=True)
        variance = <variance>
        out = <out>
        return <last>

    def get_config(self):
        config = super().get_config()
        config["epsilon"] = self.epsilon
        return config
"""
NORM_RIGHT = {
    "shape": "[x_shape[-1]]",
    "gamma": "Ones",
    "type": '"float32"',
    "axis": "-1",
    "variance": "ops.var(y, axis=axis, keepdims=True)",
    "out": "(y - mean) * ops.power(variance + self.epsilon, -0.5)",
    "last": "ops.cast(out, x.dtype) * self.gamma + self.beta",
}


def norm(**parts):
    return filled(NORM, NORM_RIGHT, parts)


NETWORK = """
class FeedForward(keras.layers.Layer):
    def __init__(self, hidden_dim, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.hidden_dim, self.activation = hidden_dim, activation

    def build(self, x_shape):
        outside = x_shape[-1]
        self.expand = keras.layers.Dense(<inside>, use_bias=<bias>)
        self.contract = keras.layers.Dense(<outside>, use_bias=<bias>)
        self.expand.build((None, outside))
        self.contract.build((None, <inside>))

    def call(self, x):
        bend = <bend>
        hidden = <hidden>
        return <out>

    def get_config(self):
        return dict(super().get_config(), hidden_dim=self.hidden_dim, activation=self.activation)
"""
NETWORK_RIGHT = {
    "inside": "self.hidden_dim",
    "outside": "outside",
    "bias": "True",
    "bend": "keras.activations.get(self.activation)",
    "hidden": "bend(self.expand(x))",
    "out": "self.contract(hidden)",
}


def network(**parts):
    return filled(NETWORK, NETWORK_RIGHT, parts)


RESIDUAL = """
class Residual(keras.layers.Layer):
    def __init__(self, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.first, self.rate = norm_first, dropout
        self.dropout = keras.layers.Dropout(dropout)
        self.norm = <norm>

    def call(self, x, sublayer):
        y = <inside>
        y = <sub>
        y = <sum>
        return <outside>

    def get_config(self):
        return dict(super().get_config(), norm_first=self.first, dropout=self.rate)
"""
RESIDUAL_RIGHT = {
    "norm": "LayerNorm()",
    "inside": "self.norm(x) if self.first else x",
    "sub": "self.dropout(sublayer(y))",
    "sum": "ops.add(x, y)",
    "outside": "y if self.first else self.norm(y)",
}


def residual(**parts):
    return filled(RESIDUAL, RESIDUAL_RIGHT, parts)


BLOCK = """
class <name>(keras.layers.Layer):
    def __init__(
        self, num_heads, hidden_dim, norm_first=False, activation="relu", dropout=0.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.arguments = (num_heads, hidden_dim, norm_first, activation, dropout)
        self.attention = MultiHeadAttention(num_heads)
        self.attention_residual = Residual(norm_first, dropout)
        <more>
        self.feed_forward = FeedForward(hidden_dim, activation)
        self.feed_forward_residual = Residual(norm_first, dropout)

    def build(self, x_shape<shapes>):
        self.attention.build(x_shape, x_shape)
        <build>
        for part in (self.attention_residual, self.feed_forward, self.feed_forward_residual):
            part.build(x_shape)

    def call(self, x, <arguments>attention_mask=None<masks>):
        <body>

    def get_config(self):
        names = ["num_heads", "hidden_dim", "norm_first", "activation", "dropout"]
        return dict(super().get_config(), **dict(zip(names, self.arguments)))
"""


def encoder(body):
    parts = dict.fromkeys(("more", "shapes", "build", "arguments", "masks"), "")
    return filled(BLOCK, parts, {"name": "EncoderBlock", "body": body})


def decoder(body):
    parts = {
        "name": "DecoderBlock",
        "more": """self.cross_attention = CrossAttention(num_heads)
        self.cross_attention_residual = Residual(norm_first, dropout)""",
        "shapes": ", source_shape",
        "build": """self.cross_attention.build(x_shape, source_shape)
        self.cross_attention_residual.build(x_shape)""",
        "masks": ", source_mask=None",
        "body": body,
    }
    return filled(BLOCK, {}, parts).replace("<arguments>", "source, ")


STRANGERS = {
    ("blocks.layer_norm", "unbiased-variance"): norm(
        variance="ops.var(y, axis=axis, keepdims=True) * x.shape[-1] / (x.shape[-1] - 1)"
    ),
    ("blocks.layer_norm", "epsilon-outside-the-root"): norm(
        out="ops.divide(y - mean, ops.std(y, axis=axis, keepdims=True) + self.epsilon)"
    ),
    ("blocks.layer_norm", "not-centred"): norm(
        variance="ops.mean(y * y, axis=axis, keepdims=True)",
        out="y * ops.rsqrt(variance + self.epsilon)",
    ),
    ("blocks.layer_norm", "over-the-positions"): norm(axis="len(x.shape) - 2"),
    ("blocks.layer_norm", "over-positions-and-features"): norm(axis="[-1, -2]"),
    ("blocks.layer_norm", "over-the-batch"): norm(axis="tuple(range(len(x.shape)))[:-1]"),
    ("blocks.layer_norm", "no-epsilon"): norm(out="(y - mean) / variance**0.5"),
    ("blocks.layer_norm", "scale-and-shift-unused"): norm(last="ops.cast(out, x.dtype)"),
    ("blocks.layer_norm", "scale-starts-at-zero"): norm(gamma="Zeros"),
    ("blocks.layer_norm", "squared-in-float16"): norm(
        type="x.dtype", variance="ops.mean(ops.square(y - mean), axis=axis, keepdims=True)"
    ),
    ("blocks.feed_forward", "no-activation"): network(hidden="self.expand(x)"),
    ("blocks.feed_forward", "activation-last"): network(
        hidden="self.expand(x)", out="bend(self.contract(hidden))"
    ),
    ("blocks.feed_forward", "always-relu"): network(bend="lambda h: ops.maximum(h, 0.0)"),
    ("blocks.feed_forward", "gelu-by-tanh"): network(
        bend="""{"gelu": lambda h: 0.5 * h * (1 + ops.tanh(0.7978846 * (h + 0.044715 * h**3)))}.get(
            self.activation, keras.activations.get(self.activation))"""
    ),
    ("blocks.feed_forward", "no-biases"): network(bias="False"),
    ("blocks.feed_forward", "residual-added"): network(out="ops.add(self.contract(hidden), x)"),
    ("blocks.residual", "always-post-ln"): residual(inside="x", outside="self.norm(y)"),
    ("blocks.residual", "no-residual"): residual(sum="y"),
    ("blocks.residual", "normalised-x-added"): residual(
        sum="ops.add(self.norm(x) if self.first else x, y)"
    ),
    ("blocks.residual", "normalised-twice"): residual(outside="self.norm(y)"),
    ("blocks.residual", "no-dropout"): residual(sub="sublayer(y)"),
    ("blocks.residual", "dropout-of-the-sum"): residual(
        sub="sublayer(y)", sum="self.dropout(ops.add(x, y))"
    ),
    ("blocks.residual", "epsilon-of-keras"): residual(
        norm="keras.layers.LayerNormalization(axis=-1)"
    ),
    ("blocks.residual", "dropout-last"): residual(
        sub="sublayer(y)", outside="self.dropout(y if self.first else self.norm(y))"
    ),
    ("blocks.encoder", "feed-forward-first"): encoder("""
        steps = [(self.feed_forward_residual, self.feed_forward),
                 (self.attention_residual, lambda y: self.attention(y, y, attention_mask))]
        for wrapper, sublayer in steps:
            x = wrapper(x, sublayer=sublayer)
        return x
"""),
    ("blocks.encoder", "one-norm-for-both"): encoder("""
        for part in (lambda y: self.attention(y, y, attention_mask), self.feed_forward):
            x = self.attention_residual(x, sublayer=part)
        return x
"""),
    ("blocks.encoder", "mask-ignored"): encoder("""
        y = self.attention_residual(x, sublayer=lambda y: self.attention(y, y, None))
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.encoder", "outer-x"): encoder("""
        attended = self.attention(x, x, attention_mask)
        y = self.attention_residual(x, sublayer=lambda _: attended)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.encoder", "no-residual-around-feed-forward"): encoder("""
        y = self.attention_residual(x, sublayer=lambda y: self.attention(y, y, attention_mask))
        y = self.feed_forward(y)
        return y
"""),
    ("blocks.decoder", "source-first"): decoder("""
        back = lambda y: self.attention(y, y, attention_mask)
        over = lambda y: self.cross_attention(y, source, source_mask=source_mask)
        y = self.cross_attention_residual(x, sublayer=over)
        y = self.attention_residual(y, sublayer=back)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.decoder", "cross-attention-to-itself"): decoder("""
        y = self.attention_residual(x, sublayer=lambda y: self.attention(y, y, attention_mask))
        y = self.cross_attention_residual(y, sublayer=lambda y: self.cross_attention(y, y))
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.decoder", "attention-mask-ignored"): decoder("""
        over = lambda y: self.cross_attention(y, source, source_mask=source_mask)
        y = self.attention_residual(x, sublayer=lambda y: self.attention(y, y))
        y = self.cross_attention_residual(y, sublayer=over)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.decoder", "source-mask-ignored"): decoder("""
        over = lambda y: self.cross_attention.attention(y, source)
        y = self.attention_residual(x, sublayer=lambda y: self.attention(y, y, attention_mask))
        y = self.cross_attention_residual(y, sublayer=over)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.decoder", "queries-of-the-block-s-input"): decoder("""
        found = self.cross_attention(x, source, source_mask=source_mask)
        y = self.attention_residual(x, sublayer=lambda y: self.attention(y, y, attention_mask))
        y = self.cross_attention_residual(y, sublayer=lambda y: found)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)
"""),
    ("blocks.decoder", "one-norm-for-both-attentions"): decoder("""
        for part in (
            lambda y: self.attention(y, y, attention_mask),
            lambda y: self.cross_attention(y, source, source_mask=source_mask),
        ):
            x = self.attention_residual(x, sublayer=part)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)
"""),
}
