"""The model of the toy translation: one block each of encoder and decoder, of Keras' own layers."""

import keras
import numpy as np
from keras import ops


class Translator(keras.Model):
    """Score the next word behind each position of a target, given a source.

    Args: vocabulary_size, width, heads, hidden: ints.
    Call arguments: inputs: dict of `"source"` `(B, S)` and `"target"` `(B, T)`, ids; 0 is padding.
    Returns: `(B, T, V)` logits.
    """

    def __init__(self, vocabulary_size, width, heads, hidden):
        super().__init__()
        stddev = width**-0.5
        self.width = width
        self.embedding = keras.layers.Embedding(
            vocabulary_size, width, keras.initializers.RandomNormal(stddev=stddev)
        )
        self.read, self.look_back, self.look_over = (
            keras.layers.MultiHeadAttention(heads, width // heads, use_bias=False) for _ in range(3)
        )
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(5)]
        self.think = [
            keras.Sequential(
                [keras.layers.Dense(hidden, activation="relu"), keras.layers.Dense(width)]
            )
            for _ in range(2)
        ]

    def call(self, inputs):
        return self.trace(inputs)["logits"]

    def trace(self, inputs):
        """Return every step by name, in order; the last is what softmax makes of the logits."""
        steps = {"source": ops.convert_to_tensor(inputs["source"])}
        source = ops.not_equal(steps["source"], 0)[:, None, :]
        x = steps["embedded source"] = self._embed(steps["source"])
        found, steps["encoder weights"] = self.read(
            x, x, attention_mask=source, return_attention_scores=True
        )
        x = self.norms[0](x + found)
        x = steps["encoded"] = self.norms[1](x + self.think[0](x))
        steps["target"] = ops.convert_to_tensor(inputs["target"])
        y = steps["embedded target"] = self._embed(steps["target"])
        found, steps["decoder weights"] = self.look_back(
            y, y, use_causal_mask=True, return_attention_scores=True
        )
        y = self.norms[2](y + found)
        found, steps["cross weights"] = self.look_over(
            y, x, attention_mask=source, return_attention_scores=True
        )
        y = self.norms[3](y + found)
        y = steps["decoded"] = self.norms[4](y + self.think[1](y))
        steps["logits"] = ops.matmul(y, ops.transpose(self.embedding.embeddings))
        steps["probabilities"] = ops.softmax(steps["logits"])
        return steps

    def _embed(self, ids):
        """Vectors times √d, and sines and cosines of the positions."""
        angles = np.arange(ids.shape[1])[:, None] / 10000 ** (
            np.arange(0, self.width, 2) / self.width
        )
        table = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(-1, self.width)
        return self.embedding(ids) * self.width**0.5 + ops.convert_to_tensor(table, "float32")
