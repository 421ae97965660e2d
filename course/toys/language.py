"""A decoder of Keras' own layers, to be trained beside that of lesson 10."""

import math

import keras
from keras import ops

from course.training.nats import LENGTH


class KerasDecoder(keras.layers.Layer):
    """All parts of lesson 10 but rotary positions: where a piece stands is told by a vector.

    Such vectors are learned and added to what is read, as in lesson 2.

    Args: as of `DecoderOnly`.    Call arguments: ids: `(B, T)`, T up to `LENGTH`.
    Returns: logits `(B, T, V)`.
    """

    def __init__(self, vocabulary_size, d_model, num_layers, num_heads, num_groups, d_ff):
        super().__init__()
        self.width, self.hidden = d_model, d_ff
        layers = keras.layers
        spread = keras.initializers.RandomNormal(stddev=d_model**-0.5)
        self.table = layers.Embedding(vocabulary_size, d_model, embeddings_initializer=spread)
        self.places = layers.Embedding(LENGTH, d_model)
        self.blocks = [
            {
                "norm": layers.RMSNormalization(),
                "attention": layers.GroupQueryAttention(
                    d_model // num_heads, num_heads, num_groups, use_bias=False
                ),
                "second": layers.RMSNormalization(),
                "gate": layers.Dense(d_ff, activation="silu", use_bias=False),
                "up": layers.Dense(d_ff, use_bias=False),
                "down": layers.Dense(d_model, use_bias=False),
            }
            for _ in range(num_layers)
        ]
        self.norm = layers.RMSNormalization()

    def build(self, ids_shape):
        x_shape = (*ids_shape, self.width)
        self.table.build(ids_shape)
        self.places.build(ids_shape[1:])
        for block in self.blocks:
            block["attention"].build(x_shape, x_shape)
            for name in ("norm", "second", "gate", "up"):
                block[name].build(x_shape)
            block["down"].build((*ids_shape, self.hidden))
        self.norm.build(x_shape)

    def call(self, ids):
        x = math.sqrt(self.width) * self.table(ids) + self.places(ops.arange(ids.shape[1]))
        for block in self.blocks:
            normal = block["norm"](x)
            x = x + block["attention"](normal, normal, use_causal_mask=True)
            normal = block["second"](x)
            x = x + block["down"](block["gate"](normal) * block["up"](normal))
        return ops.matmul(self.norm(x), ops.transpose(self.table.embeddings))
