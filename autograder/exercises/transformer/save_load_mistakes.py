"""Mistakes of `transformer.save_load`."""

import keras

from autograder.exercises.transformer.save_load import EXERCISE
from solutions import classifier
from solutions.embedding import TokenEmbedding
from solutions.position import SinusoidalPositionEncoding
from solutions.transformer import Encoder


@EXERCISE.misconception(
    "nothing-of-its-own",
    title="a configuration of what Keras knows only",
    explanation="Keras keeps the name, the precision and whether weights are trainable. With which "
    "sizes the model was made is known to nobody else.",
    hint="How should Keras know, next week, with how many layers the model was made?",
)
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        return keras.Model.get_config(self)


@EXERCISE.misconception(
    "heads-not-in-the-configuration",
    title="num_heads missing from the configuration",
    explanation="The loaded model takes its default, 4. All matrices have the same shapes with any "
    "number of heads, so every weight fits, nothing is said, and the answers are others.",
    hint="Which argument of the constructor changes no shape of a weight?",
)
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "num_labels": self.classifier.units,
            "d_model": self.embedding.d_model,
            "num_layers": self.encoder.num_layers,
            "hidden_dim": self.encoder.block_options["hidden_dim"],
            "norm_first": self.encoder.block_options["norm_first"],
            "dropout": self.encoder.block_options["dropout"],
        }
        return {**keras.Model.get_config(self), **own}


@EXERCISE.misconception(
    "norm-first-not-in-the-configuration",
    title="norm_first missing from the configuration",
    explanation="A pre-LN model is loaded as a post-LN one. Its last norm stays behind in the file "
    "without a word, and the answers are others.",
    hint="Is every argument of the constructor in your configuration?",
)
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "num_labels": self.classifier.units,
            "d_model": self.embedding.d_model,
            "num_layers": self.encoder.num_layers,
            "num_heads": self.encoder.block_options["num_heads"],
            "hidden_dim": self.encoder.block_options["hidden_dim"],
            "dropout": self.encoder.block_options["dropout"],
        }
        return {**keras.Model.get_config(self), **own}


@EXERCISE.misconception(
    "dropout-not-in-the-configuration",
    title="dropout missing from the configuration",
    explanation="The loaded model predicts as before, and goes on training without dropout.",
    hint="Which argument of the constructor does a prediction not depend on?",
)
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "num_labels": self.classifier.units,
            "d_model": self.embedding.d_model,
            "num_layers": self.encoder.num_layers,
            "num_heads": self.encoder.block_options["num_heads"],
            "hidden_dim": self.encoder.block_options["hidden_dim"],
            "norm_first": self.encoder.block_options["norm_first"],
        }
        return {**keras.Model.get_config(self), **own}


@EXERCISE.misconception(
    "required-sizes-only",
    title="only the arguments without a default",
    explanation="The others fall back to their defaults. Where that changes a shape, loading "
    "stops; where it does not, the loaded model is another one.",
    hint="What will `num_layers` be when Keras calls your constructor with this configuration?",
)
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "num_labels": self.classifier.units,
        }
        return {**keras.Model.get_config(self), **own}


@EXERCISE.misconception(
    "names-of-its-own",
    title="names in the configuration that the constructor does not know",
    explanation="Keras calls the constructor with the configuration as keyword arguments, so its "
    "keys are the constructor's names, letter by letter.",
    hint="With which keyword arguments will your constructor be called?",
)
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        own = {
            "vocabulary_size": self.embedding.vocabulary_size,
            "num_labels": self.classifier.units,
            "width": self.embedding.d_model,
            "layers": self.encoder.num_layers,
            "heads": self.encoder.block_options["num_heads"],
        }
        return {**keras.Model.get_config(self), **own}


@EXERCISE.misconception(
    "options-not-handed-on",
    title="norm_first and dropout not handed to the encoder",
    explanation="They stand in the signature and go nowhere: the encoder takes its own defaults.",
    hint="Which arguments of your constructor does it never read?",
)
class TokenClassifier(classifier.TokenClassifier):
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
        keras.Model.__init__(self, **kwargs)
        self.embedding = TokenEmbedding(vocabulary_size, d_model)
        self.position = SinusoidalPositionEncoding()
        self.encoder = Encoder(num_layers, num_heads, hidden_dim)
        self.classifier = keras.layers.Dense(num_labels)
