"""Lesson 07, the encoder-decoder: the encoder on its own, as a model that can be saved and loaded.

Shapes throughout: `B` batch, `S` positions, `d_model` features, `V` tokens, `C` labels.
"""

import keras

from solutions.embedding import TokenEmbedding
from solutions.masking import padding_mask
from solutions.position import SinusoidalPositionEncoding
from solutions.transformer import Encoder


@keras.saving.register_keras_serializable(package="transformer_course")
class TokenClassifier(keras.Model):
    """Score the labels of each token of a text, such as its parts of speech: an encoder alone.

    scores = encoder(embedded ids) W + b

    Shapes: `B` batch, `S` positions, `C` labels, `d_model` features.
    Args: vocabulary_size: int, number of tokens `V`.    num_labels: int, number of labels `C`.
        d_model: int, width `d_model`; even, and divided by `num_heads`.
        num_layers, num_heads, hidden_dim, norm_first, dropout: as of `Encoder`.
    Call arguments: ids: `(B, S)` integers; 0 is padding.    Returns: `(B, S, C)` logits.
    Attributes: `embedding`, `position`, `encoder` and `classifier`, a `Dense` layer.
    Masking: padding is found by its id, 0.
    Raises: ValueError if a size is one that a part of the model refuses.
    Reference: Devlin et al. 2019, "BERT", figure 4 d, for labels from an encoder's outputs.

    >>> model = TokenClassifier(vocabulary_size=9, num_labels=3)
    >>> tuple(model(keras.ops.array([[5, 6, 7, 0]])).shape)
    (1, 4, 3)
    """

    def __init__(
        self,
        vocabulary_size,
        num_labels,
        d_model=32,
        num_layers=2,
        num_heads=4,
        hidden_dim=64,
        norm_first=False,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.embedding = TokenEmbedding(vocabulary_size, d_model, **policy)
        self.position = SinusoidalPositionEncoding(**policy)
        self.encoder = Encoder(num_layers, num_heads, hidden_dim, norm_first, dropout, **policy)
        self.classifier = keras.layers.Dense(num_labels, **policy)

    def build(self, ids_shape):
        x_shape = (*ids_shape, self.embedding.d_model)
        self.embedding.build(ids_shape)
        self.encoder.build(x_shape)
        self.classifier.build(x_shape)

    def call(self, ids):
        x = self.position(self.embedding(ids))
        return self.classifier(self.encoder(x, attention_mask=padding_mask(ids)))

    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "num_labels": self.classifier.units,
            "d_model": self.embedding.d_model,
            "num_layers": self.encoder.num_layers,
            **self.encoder.block_options,
        }
        return {**super().get_config(), **own}
