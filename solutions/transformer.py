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
    Attributes: `blocks`, a list of `EncoderBlock`s, and with pre-LN `final_norm`.
    Masking: the padding mask of `x` is passed on, none is used: `attention_mask` says it all.
    Reference: Vaswani et al. 2017, section 3.1; Xiong et al. 2020, table 1, for the last norm.

    >>> tuple(Encoder(num_layers=2, num_heads=2, hidden_dim=8)(ops.ones((1, 3, 4))).shape)
    (1, 3, 4)
    """

    def __init__(self, num_layers, num_heads, hidden_dim, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.block_options = {
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "dropout": dropout,
        }
        self.blocks = [
            EncoderBlock(**self.block_options, dtype=self.dtype_policy) for _ in range(num_layers)
        ]
        self.final_norm = LayerNorm(dtype=self.dtype_policy) if norm_first else None

    def build(self, x_shape):
        for block in self.blocks:
            block.build(x_shape)
        if self.final_norm is not None:
            self.final_norm.build(x_shape)

    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
        return x if self.final_norm is None else self.final_norm(x)

    def get_config(self):
        own = {"num_layers": len(self.blocks), **self.block_options}
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
    Attributes: `blocks`, a list of `DecoderBlock`s, and with pre-LN `final_norm`.
    Masking: the padding mask of `x` is passed on, not used.
    Reference: Vaswani et al. 2017, section 3.1.

    >>> decoder = Decoder(num_layers=2, num_heads=2, hidden_dim=8)
    >>> tuple(decoder(ops.ones((1, 3, 4)), ops.ones((1, 5, 4))).shape)
    (1, 3, 4)
    """

    def __init__(self, num_layers, num_heads, hidden_dim, norm_first=False, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.block_options = {
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "dropout": dropout,
        }
        self.blocks = [
            DecoderBlock(**self.block_options, dtype=self.dtype_policy) for _ in range(num_layers)
        ]
        self.final_norm = LayerNorm(dtype=self.dtype_policy) if norm_first else None

    def build(self, x_shape, source_shape):
        for block in self.blocks:
            block.build(x_shape, source_shape)
        if self.final_norm is not None:
            self.final_norm.build(x_shape)

    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask, source_mask=source_mask)
        return x if self.final_norm is None else self.final_norm(x)

    def get_config(self):
        own = {"num_layers": len(self.blocks), **self.block_options}
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
    Call arguments: inputs: dict of `"source"`: `(B, S)` integer ids, and `"target"`: `(B, T)`
        integer ids, the tokens known so far, the first of them START. Id 0 is padding.
    Returns: `(B, T, V)` logits. Position t of them scores the token after target[:, t], and has
        seen the whole source and target[:, :t + 1].
    Attributes: `embedding`, `position`, `encoder`, `decoder`.
    Masking: padding is found by its id. Logits carry no Keras mask: which of them count is said
        by the labels, in lesson 08.
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
        width = self.embedding.d_model
        source_shape = (*inputs_shape["source"], width)
        target_shape = (*inputs_shape["target"], width)
        self.embedding.build(inputs_shape["source"])
        self.encoder.build(source_shape)
        self.decoder.build(target_shape, source_shape)

    def call(self, inputs):
        return self.decode(inputs["target"], self.encode(inputs["source"]), inputs["source"])

    def encode(self, source):
        """Return what the encoder makes of source ids `(B, S)`: `(B, S, d_model)`."""
        return self.encoder(self._embed(source), attention_mask=padding_mask(source))

    def decode(self, target, encoded, source):
        """Return logits `(B, T, V)` for target ids `(B, T)`, given `encode(source)` and source."""
        causal = causal_mask(ops.shape(target)[1])
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))

    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "d_model": self.embedding.d_model,
            "num_layers": len(self.encoder.blocks),
            **self.encoder.block_options,
        }
        return {**super().get_config(), **own}

    def _embed(self, ids):
        return self.dropout(self.position(self.embedding(ids)))


def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    """Count the weights of a post-LN `Transformer` with one shared table, from its sizes alone.

    attention 4 d² (+ 4 d with biases), feed-forward 2 d f + f + d, layer norm 2 d;
    an encoder block has one attention and two norms, a decoder block two and three

    Args: vocabulary_size, d_model, num_layers, hidden_dim: as of `Transformer`; the number of heads
            changes nothing.    biases: bool, whether the projections of attention have biases.
    Returns: dict of ints: of one `"attention"`, `"feed_forward"`, `"norm"`, `"encoder_block"` and
        `"decoder_block"`, of the `"embedding"`, and of the whole `"model"`.

    >>> count_model_parameters(37000, d_model=512, num_layers=6, hidden_dim=2048)["model"]
    63045632
    """
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = 2 * d_model
    encoder_block = attention + feed_forward + 2 * norm
    decoder_block = 2 * attention + feed_forward + 3 * norm
    embedding = vocabulary_size * d_model
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": norm,
        "encoder_block": encoder_block,
        "decoder_block": decoder_block,
        "embedding": embedding,
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }
