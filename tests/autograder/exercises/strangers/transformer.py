"""Lesson 07: its mistakes in other people's words."""

STACK = """
class {name}(keras.layers.Layer):
    def __init__(self, num_layers, num_heads, hidden_dim, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_layers = num_layers
        self.block_options = dict(
            num_heads=num_heads, hidden_dim=hidden_dim, norm_first=norm_first, dropout=dropout
        )

    def build(self, {shapes}):
        {make}
        for one in self.blocks:
            one.build({shapes})
        {norm}

    def call(self, {arguments}):
        {run}

    def get_config(self):
        config = super().get_config()
        config.update(self.block_options, num_layers=self.num_layers)
        return config
"""
NORM = """if self.block_options["norm_first"]:
            self.final_norm = LayerNorm()
            self.final_norm.build(x_shape)"""
ENCODER = {
    "name": "Encoder",
    "shapes": "x_shape",
    "arguments": "x, attention_mask=None",
    "make": """self.blocks = list()
        while len(self.blocks) < self.num_layers:
            self.blocks.append(EncoderBlock(**self.block_options))""",
    "norm": NORM,
    "run": """hidden = x
        for one in self.blocks:
            hidden = one(hidden, attention_mask)
        return self.final_norm(hidden) if self.block_options["norm_first"] else hidden""",
}
DECODER = {
    "name": "Decoder",
    "shapes": "x_shape, source_shape",
    "arguments": "x, source, attention_mask=None, source_mask=None",
    "make": ENCODER["make"].replace("EncoderBlock", "DecoderBlock"),
    "norm": NORM,
    "run": """hidden = x
        for one in self.blocks:
            hidden = one(
                hidden, source, source_mask=source_mask, attention_mask=attention_mask
            )
        return self.final_norm(hidden) if self.block_options["norm_first"] else hidden""",
}


def stack(right, **parts):
    source = STACK
    for name, text in {**right, **parts}.items():
        source = source.replace(f"{{{name}}}", text)
    return source


def encoder(**parts):
    return stack(ENCODER, **parts)


def decoder(**parts):
    return stack(DECODER, **parts)


def running(layer, arguments):
    """A loop over blocks that are called so."""
    return f"""for number in range(self.num_layers):
            x = self.blocks[number]({arguments})
        if self.block_options["norm_first"]:
            x = {layer}
        return x"""


MODEL = """
class Transformer(keras.Model):
    def __init__(self, vocabulary_size, d_model, num_layers, num_heads, hidden_dim,
                 norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.options = dict(vocabulary_size=vocabulary_size, d_model=d_model,
                            num_layers=num_layers, num_heads=num_heads, hidden_dim=hidden_dim,
                            norm_first=norm_first, dropout=dropout)
        self.embedding = TokenEmbedding(vocabulary_size, d_model)
        self.position = SinusoidalPositionEncoding()
        self.drop = keras.layers.Dropout(dropout)
        self.encoder = Encoder(num_layers, num_heads, hidden_dim, norm_first, dropout)
        self.decoder = Decoder(num_layers, num_heads, hidden_dim, norm_first, dropout)

    def build(self, shapes):
        width = (self.options["d_model"],)
        source, target = tuple(shapes["source"]), tuple(shapes["target"])
        for part, its in ((self.embedding, [source]), (self.encoder, [source + width]),
                          (self.decoder, [target + width, source + width])):
            if not part.built:
                part.build(*its)

    def vectors(self, ids):
        return self.drop(self.position(self.embedding(ids)))

    def real(self, ids):
        return ops.not_equal(ids, 0)[:, None, :]

    def call(self, inputs):
        {call}

    def encode(self, source):
        {encode}

    def decode(self, target, encoded, source):
        steps = ops.arange(ops.shape(target)[1])
        past = (steps[:, None] >= steps[None, :])[None]
        {decode}
        {out}

    def get_config(self):
        return {**super().get_config(), **self.options}
"""
RIGHT = {
    "call": """memory = self.encode(inputs["source"])
        return self.decode(inputs["target"], memory, inputs["source"])""",
    "encode": "return self.encoder(self.vectors(source), self.real(source))",
    "decode": """y = self.decoder(self.vectors(target), encoded, source_mask=self.real(source),
                         attention_mask=past & self.real(target))""",
    "out": 'return ops.einsum("btd,vd->btv", y, self.embedding.table)',
}


def model(**parts):
    source = MODEL
    for name, text in {**RIGHT, **parts}.items():
        source = source.replace(f"{{{name}}}", text)
    return source


def decoding(mask="past & self.real(target)", source_mask="self.real(source)", ids="target"):
    return f"""y = self.decoder(self.vectors({ids}), encoded, attention_mask={mask},
                         source_mask={source_mask})"""


CLASSIFIER = """
class TokenClassifier(keras.Model):
    def __init__(self, vocabulary_size, num_labels, d_model=32, num_layers=2, num_heads=4,
                 hidden_dim=64, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        {keep}
        self.embedding = TokenEmbedding(vocabulary_size, d_model)
        self.position = SinusoidalPositionEncoding()
        self.encoder = Encoder(num_layers=num_layers, num_heads=num_heads, hidden_dim=hidden_dim,
                               {handed})
        self.classifier = keras.layers.Dense(num_labels)

    def build(self, shape):
        self.embedding.build(shape)
        wide = (*shape, self.embedding.d_model)
        self.encoder.build(wide)
        self.classifier.build(wide)

    def call(self, ids):
        x = self.position(self.embedding(ids))
        return self.classifier(self.encoder(x, attention_mask=padding_mask(ids)))

    def get_config(self):
        config = super().get_config()
        config.update(self.kept)
        return config
"""
ARGUMENTS = (
    "vocabulary_size", "num_labels", "d_model", "num_layers", "num_heads", "hidden_dim",
    "norm_first", "dropout",
)  # fmt: skip


def saved(*forgotten, handed="norm_first=norm_first, dropout=dropout"):
    kept = ", ".join(f"{name}={name}" for name in ARGUMENTS if name not in forgotten)
    return CLASSIFIER.replace("{keep}", f"self.kept = dict({kept})").replace("{handed}", handed)


SHAPES = """
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    B, S, T, V, d, H, f = (batch_size, source_length, target_length, vocabulary_size, d_model,
                           num_heads, hidden_dim)
    shapes = dict(
        source=(B, S), embedded_source=(B, S, d), source_mask=(B, 1, S),
        encoder_weights=(B, H, S, S), encoder_hidden=(B, S, f), encoded=(B, S, d),
        target=(B, T), embedded_target=(B, T, d), target_mask=(B, T, T),
        decoder_weights=(B, H, T, T), cross_keys=(B, H, S, d // H), cross_weights=(B, H, T, S),
        decoded=(B, T, d), logits=(B, T, V),
    )
    shapes.update({changes})
    return shapes
"""
COUNTS = """
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    one = d_model * d_model + (d_model if biases else 0)
    out = dict(attention=4 * one, norm=d_model * 2, embedding=vocabulary_size * d_model)
    out["feed_forward"] = d_model * hidden_dim + hidden_dim + hidden_dim * d_model + d_model
    {early}
    out["encoder_block"] = out["attention"] + out["norm"] + out["feed_forward"] + out["norm"]
    out["decoder_block"] = out["encoder_block"] + out["attention"] + out["norm"]
    {late}
    both = out["encoder_block"] + out["decoder_block"]
    out["model"] = out["embedding"] + num_layers * both
    {last}
    return out
"""


def shapes(changes):
    return SHAPES.replace("{changes}", changes)


def counts(early="", late="", last=""):
    source = COUNTS.replace("{early}", early).replace("{late}", late)
    return source.replace("{last}", last)


STRANGERS = {
    ("transformer.encoder", "every-block-reads-the-input"): encoder(
        run="""outputs = [one(x, attention_mask) for one in self.blocks]
        return self.final_norm(outputs[-1]) if self.block_options["norm_first"] else outputs[-1]"""
    ),
    ("transformer.encoder", "mask-ignored"): encoder(run=running("self.final_norm(x)", "x")),
    ("transformer.encoder", "mask-for-the-first-block-only"): encoder(
        run=running("self.final_norm(x)", "x, None if number else attention_mask")
    ),
    ("transformer.encoder", "final-norm-missing"): encoder(
        norm="", run=running("x", "x, attention_mask")
    ),
    ("transformer.encoder", "final-norm-unused"): encoder(run=running("x", "x, attention_mask")),
    ("transformer.encoder", "residual-added-again"): encoder(
        run="""for one in self.blocks:
            change = one(x, attention_mask)
            x = ops.add(change, x)
        return self.final_norm(x) if self.block_options["norm_first"] else x"""
    ),
    ("transformer.encoder", "options-forgotten"): encoder(
        make="""self.blocks = [
            EncoderBlock(num_heads=self.block_options["num_heads"],
                         hidden_dim=self.block_options["hidden_dim"])
            for _ in range(self.num_layers)]"""
    ),
    ("transformer.decoder", "every-block-reads-the-input"): decoder(
        run="""masks = dict(source_mask=source_mask, attention_mask=attention_mask)
        outputs = [one(x, source, **masks) for one in self.blocks]
        return self.final_norm(outputs[-1]) if self.block_options["norm_first"] else outputs[-1]"""
    ),
    ("transformer.decoder", "masks-exchanged"): decoder(
        run=running(
            "self.final_norm(x)",
            "x, source, source_mask=attention_mask, attention_mask=source_mask",
        )
    ),
    ("transformer.decoder", "attention-mask-ignored"): decoder(
        run=running("self.final_norm(x)", "x, source, source_mask=source_mask")
    ),
    ("transformer.decoder", "source-mask-ignored"): decoder(
        run=running("self.final_norm(x)", "x, source, attention_mask")
    ),
    ("transformer.decoder", "final-norm-missing"): decoder(
        norm="",
        run=running("x", "x, source, source_mask=source_mask, attention_mask=attention_mask"),
    ),
    ("transformer.decoder", "options-forgotten"): decoder(
        make="""self.blocks = [
            DecoderBlock(num_heads=self.block_options["num_heads"],
                         hidden_dim=self.block_options["hidden_dim"])
            for _ in range(self.num_layers)]"""
    ),
    ("transformer.model", "no-causal-mask"): model(decode=decoding("self.real(target)")),
    ("transformer.model", "target-padding-seen"): model(decode=decoding("past")),
    ("transformer.model", "encoder-sees-padding"): model(
        encode="return self.encoder(self.vectors(source), attention_mask=None)"
    ),
    ("transformer.model", "decoder-sees-source-padding"): model(
        decode=decoding(source_mask="None")
    ),
    ("transformer.model", "causal-encoder"): model(
        encode="""order = ops.arange(ops.shape(source)[1])
        past = (order[:, None] >= order[None, :])[None]
        return self.encoder(self.vectors(source), past & self.real(source))"""
    ),
    ("transformer.model", "mask-added"): model(decode=decoding("past | self.real(target)")),
    ("transformer.model", "output-scaled"): model(
        out="""table = self.embedding.table * np.sqrt(self.options["d_model"])
        return ops.matmul(y, ops.transpose(table))"""
    ),
    ("transformer.model", "probabilities-returned"): model(
        out='return keras.activations.softmax(ops.einsum("btd,vd->btv", y, self.embedding.table))'
    ),
    ("transformer.model", "last-position-only"): model(
        out='return ops.einsum("bd,vd->bv", y[:, -1, :], self.embedding.table)'
    ),
    ("transformer.model", "target-shifted-inside"): model(
        call="""memory = self.encode(inputs["source"])
        shorter = inputs["target"][..., :-1]
        return self.decode(shorter, memory, inputs["source"])"""
    ),
    ("transformer.model", "source-and-target-exchanged"): model(
        call="""memory = self.encode(inputs["target"])
        return self.decode(inputs["source"], memory, inputs["target"])"""
    ),
    ("transformer.model", "encoder-skipped"): model(
        call="""memory = self.vectors(inputs["source"])
        return self.decode(inputs["target"], memory, inputs["source"])"""
    ),
    ("transformer.model", "target-without-positions"): model(
        decode="""y = self.decoder(self.drop(self.embedding(target)), encoded,
                         attention_mask=past & self.real(target), source_mask=self.real(source))"""
    ),
    ("transformer.shapes", "encoder-gives-one-vector"): shapes("encoded=(B, d)"),
    ("transformer.shapes", "cross-weights-turned"): shapes("cross_weights=(B, H, S, T)"),
    ("transformer.shapes", "last-position-only"): shapes("logits=(B, V)"),
    ("transformer.shapes", "source-mask-square"): shapes("source_mask=(B, S, S)"),
    ("transformer.parameters", "output-counted-again"): counts(
        last='out["model"] += vocabulary_size * d_model'
    ),
    ("transformer.parameters", "cross-attention-forgotten"): counts(
        late='out["decoder_block"] = out["encoder_block"]'
    ),
    ("transformer.parameters", "norms-forgotten"): counts(early='out["norm"] = 0'),
    ("transformer.parameters", "feed-forward-biases-forgotten"): counts(
        early='out["feed_forward"] = hidden_dim * 2 * d_model'
    ),
    ("transformer.parameters", "attention-of-three-matrices"): counts(
        early='out["attention"] = 3 * one'
    ),
    ("transformer.save_load", "heads-not-in-the-configuration"): saved("num_heads"),
    ("transformer.save_load", "norm-first-not-in-the-configuration"): saved("norm_first"),
    ("transformer.save_load", "dropout-not-in-the-configuration"): saved("dropout"),
    ("transformer.save_load", "nothing-of-its-own"): saved(*ARGUMENTS),
    ("transformer.save_load", "options-not-handed-on"): saved(handed=""),
}
