"""Lesson 07, the encoder-decoder: stacks of blocks, and the whole Transformer.

Shapes throughout: `B` batch, `S` positions of the source, `T` of the target, `d_model` features,
`d_ff` inside the feed-forward networks, `V` tokens of the vocabulary, `N` blocks of a stack.
Reference: Vaswani et al. 2017, "Attention Is All You Need", sections 3.1 and 3.4.
"""

import keras
from keras import ops

from solutions.blocks import DecoderBlock, EncoderBlock, LayerNorm
from solutions.embedding import TokenEmbedding
from solutions.masking import causal_mask, combine_masks, padding_mask
from solutions.position import SinusoidalPositionEncoding


class Encoder(keras.layers.Layer):
    """Pass a sequence through `N` encoder blocks, one after the other.

    Shapes: `B` batch, `S` positions, `d_model` features.
    Args: num_layers: int, number of blocks `N`.
        num_heads, hidden_dim, dropout: as of `EncoderBlock`.
        norm_first: bool, pre-LN if true. Then a last `LayerNorm` follows the blocks: nothing else
            has normalised what they added up.
    Call arguments: x: `(B, S, d_model)` float.
        attention_mask: bool that broadcasts to `(B, S, S)`, True = may attend; None allows all.
    Returns: `(B, S, d_model)`.
    Attributes: `blocks`, a list of `EncoderBlock`s, and `final_norm`, a `LayerNorm` with pre-LN and
        None with post-LN; made in `build`.
    Masking: the padding mask of `x` is passed on, none is used: `attention_mask` says it all.
    Raises: ValueError if `num_layers` is not positive.
    Reference: Vaswani et al. 2017, section 3.1; Xiong et al. 2020, table 1, for the last norm.

    >>> tuple(Encoder(num_layers=2, num_heads=2, hidden_dim=8)(ops.ones((1, 3, 4))).shape)
    (1, 3, 4)
    """

    def __init__(self, num_layers, num_heads, hidden_dim, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        if num_layers < 1:
            raise ValueError(f"`num_layers` must be positive. Received: num_layers={num_layers}")
        self.supports_masking = True
        self.num_layers = num_layers
        self.block_options = {
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "dropout": dropout,
        }

    def build(self, x_shape):
        self.blocks = [
            EncoderBlock(**self.block_options, dtype=self.dtype_policy)
            for _ in range(self.num_layers)
        ]
        for block in self.blocks:
            block.build(x_shape)
        norm_first = self.block_options["norm_first"]
        self.final_norm = LayerNorm(dtype=self.dtype_policy) if norm_first else None
        if self.final_norm is not None:
            self.final_norm.build(x_shape)

    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
        return x if self.final_norm is None else self.final_norm(x)

    def get_config(self):
        own = {"num_layers": self.num_layers, **self.block_options}
        return {**super().get_config(), **own}


class Decoder(keras.layers.Layer):
    """Pass a sequence through `N` decoder blocks; each of them looks at the same encoded source.

    Shapes: `B` batch, `T` positions, `S` positions of the source, `d_model` features.
    Args: num_layers, num_heads, hidden_dim, norm_first, dropout: as of `Encoder`.
    Call arguments: x: `(B, T, d_model)` float.    source: `(B, S, d_model)` float, what the last
            block of the encoder gave.
        attention_mask: bool that broadcasts to `(B, T, T)`; a decoder that is to write must be
            given a causal one.
        source_mask: `(B, 1, S)` bool, True = a real token of the source; None allows all.
    Returns: `(B, T, d_model)`.
    Attributes: `blocks`, a list of `DecoderBlock`s, and `final_norm`, as of `Encoder`.
    Masking: the padding mask of `x` is passed on, not used.
    Raises: ValueError if `num_layers` is not positive.
    Reference: Vaswani et al. 2017, section 3.1.

    >>> decoder = Decoder(num_layers=2, num_heads=2, hidden_dim=8)
    >>> tuple(decoder(ops.ones((1, 3, 4)), ops.ones((1, 5, 4))).shape)
    (1, 3, 4)
    """

    def __init__(self, num_layers, num_heads, hidden_dim, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        if num_layers < 1:
            raise ValueError(f"`num_layers` must be positive. Received: num_layers={num_layers}")
        self.supports_masking = True
        self.num_layers = num_layers
        self.block_options = {
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "dropout": dropout,
        }

    def build(self, x_shape, source_shape):
        self.blocks = [
            DecoderBlock(**self.block_options, dtype=self.dtype_policy)
            for _ in range(self.num_layers)
        ]
        for block in self.blocks:
            block.build(x_shape, source_shape)
        norm_first = self.block_options["norm_first"]
        self.final_norm = LayerNorm(dtype=self.dtype_policy) if norm_first else None
        if self.final_norm is not None:
            self.final_norm.build(x_shape)

    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask, source_mask=source_mask)
        return x if self.final_norm is None else self.final_norm(x)

    def get_config(self):
        own = {"num_layers": self.num_layers, **self.block_options}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="transformer_course")
class Transformer(keras.Model):
    """Read a source, and say for each position of a target which token comes next.

    One table of vectors serves three times: for the source, for the target and, transposed, to
    score every token of the vocabulary: logits = decoded · tableᵀ.

    Shapes: `B` batch, `S` and `T` positions, `V` tokens, `d_model` features.
    Args: vocabulary_size: int, number of tokens `V`, of both languages together.
        d_model: int, width `d_model`; even, and divided by `num_heads`.
        num_layers, num_heads, hidden_dim, norm_first, dropout: as of `Encoder` and `Decoder`.
    Call arguments: inputs: a dict of two.
        source: `(B, S)` integer ids, what is to be read.
        target: `(B, T)` integer ids, what is written so far, the first of them START.
    Returns: `(B, T, V)` logits. Position t of them scores the token after target[:, t], and has
        seen the whole source and target[:, :t + 1].
    Attributes: `embedding`, `position`, `encoder`, `decoder`.
    Masking: padding is found by its id, 0. Logits carry no Keras mask: which of them count is said
        by the labels, in lesson 08.
    Raises: ValueError if the inputs are not a dict with `"source"` and `"target"`, or a size is
        one that a part of the model refuses.
    Reference: Vaswani et al. 2017, sections 3.1, 3.4 and 5.4; Press and Wolf 2017 for the tying.

    >>> model = Transformer(vocabulary_size=9, d_model=4, num_layers=1, num_heads=2, hidden_dim=8)
    >>> tuple(model({"source": ops.array([[5, 6, 7]]), "target": ops.array([[1, 8]])}).shape)
    (1, 2, 9)
    """

    def __init__(
        self,
        vocabulary_size,
        d_model,
        num_layers,
        num_heads,
        hidden_dim,
        norm_first=False,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        sizes = (num_layers, num_heads, hidden_dim, norm_first, dropout)
        self.embedding = TokenEmbedding(vocabulary_size, d_model, **policy)
        self.position = SinusoidalPositionEncoding(**policy)
        self.dropout = keras.layers.Dropout(dropout, **policy)
        self.encoder = Encoder(*sizes, **policy)
        self.decoder = Decoder(*sizes, **policy)

    def build(self, inputs_shape):
        shapes = inputs_shape if isinstance(inputs_shape, dict) else {}
        if any(len(shapes.get(name, ())) != 2 for name in ("source", "target")):
            raise ValueError(
                "Inputs must be a dict of `source` and `target`, ids of shape (B, S) and (B, T). "
                f"Received: shapes {inputs_shape}"
            )
        width = self.embedding.d_model
        source_shape = (*shapes["source"], width)
        target_shape = (*shapes["target"], width)
        for part, its_shapes in (
            (self.embedding, [shapes["source"]]),
            (self.encoder, [source_shape]),
            (self.decoder, [target_shape, source_shape]),
        ):
            if not part.built:  # `encode`, called first, has built what it needs
                part.build(*its_shapes)

    def call(self, inputs):
        return self.decode(inputs["target"], self.encode(inputs["source"]), inputs["source"])

    def encode(self, source):
        """Return what the encoder makes of a source: `(B, S)` ids. It is `(B, S, d_model)`."""
        return self.encoder(self._embed(source), attention_mask=padding_mask(source))

    def decode(self, target, encoded, source):
        """Return logits `(B, T, V)` for what is written so far.

        target: `(B, T)` ids.    encoded: `(B, S, d_model)`, from `encode`.    source: `(B, S)` ids.
        """
        causal = causal_mask(ops.shape(target)[1])
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal),
            source_mask=padding_mask(source),
        )
        table = ops.cast(self.embedding.table, x.dtype)  # of float32 under mixed precision
        return ops.matmul(x, ops.transpose(table))

    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "d_model": self.embedding.d_model,
            "num_layers": self.encoder.num_layers,
            **self.encoder.block_options,
        }
        return {**super().get_config(), **own}

    def _embed(self, ids):
        return self.dropout(self.position(self.embedding(ids)))
