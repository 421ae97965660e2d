"""The Transformer of lesson 07 in the layers that Keras ships: what ours is measured against."""

import math

import keras
from keras import ops

from course.data.characters import PAD
from solutions.position import sinusoidal_table


class BuiltIn(keras.Model):
    """The same sizes, norms and tied table as `Transformer`; Keras' attention, norm and embedding.

    Keras' projections have biases, which ours leave out: 2 % more weights.
    """

    def __init__(self, vocabulary_size, d_model, num_layers, num_heads, hidden_dim, **kwargs):
        super().__init__(**kwargs)
        self.width = d_model
        normal = keras.initializers.RandomNormal(stddev=d_model**-0.5)
        self.embedding = keras.layers.Embedding(
            vocabulary_size, d_model, embeddings_initializer=normal
        )
        sizes = (num_heads, d_model, hidden_dim)
        self.encoder = [_Block(*sizes, crosses=False) for _ in range(num_layers)]
        self.decoder = [_Block(*sizes, crosses=True) for _ in range(num_layers)]

    def build(self, shapes):
        source, target = ((*shapes[name], self.width) for name in ("source", "target"))
        self.embedding.build(shapes["source"])
        for block in self.encoder:
            block.build(source)
        for block in self.decoder:
            block.build(target, source)

    def call(self, inputs):
        return self.decode(inputs["target"], self.encode(inputs["source"]), inputs["source"])

    def encode(self, source):
        x, mask = self._embed(source), (source != PAD)[:, None]
        for block in self.encoder:
            x = block(x, attention_mask=mask)
        return x

    def decode(self, target, encoded, source):
        x, mask = self._embed(target), (target != PAD)[:, None]
        for block in self.decoder:
            x = block(x, encoded, attention_mask=mask, source_mask=(source != PAD)[:, None])
        return ops.matmul(x, ops.transpose(self.embedding.embeddings))

    def _embed(self, ids):
        return self.embedding(ids) * math.sqrt(self.width) + sinusoidal_table(
            ids.shape[1], self.width
        )


class _Block(keras.layers.Layer):
    def __init__(self, num_heads, d_model, hidden_dim, crosses):
        super().__init__()
        self.supports_masking = True
        layers = keras.layers
        self.attention = layers.MultiHeadAttention(num_heads, d_model // num_heads)
        self.cross = layers.MultiHeadAttention(num_heads, d_model // num_heads) if crosses else None
        self.expand = layers.Dense(hidden_dim, activation="relu")
        self.contract = layers.Dense(d_model)
        self.norms = [layers.LayerNormalization(epsilon=1e-5) for _ in range(3 if crosses else 2)]

    def build(self, x_shape, source_shape=None):
        self.attention.build(x_shape, x_shape)
        if self.cross is not None:
            self.cross.build(x_shape, source_shape)
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], self.expand.units))
        for norm in self.norms:
            norm.build(x_shape)

    def call(self, x, source=None, attention_mask=None, source_mask=None):
        attended = self.attention(
            x, x, attention_mask=attention_mask, use_causal_mask=self.cross is not None
        )
        x = self.norms[0](x + attended)
        if self.cross is not None:
            x = self.norms[1](x + self.cross(x, source, attention_mask=source_mask))
        return self.norms[-1](x + self.contract(self.expand(x)))
