"""`transformer.save_load`: a model that can be saved, and made again from its file.

Its wrong programs stand in `save_load_mistakes`.
"""

import keras
import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.transformer.encoder import DEEP
from autograder.exercises.transformer.model import drawn_ids
from autograder.exercises.transformer.weights import stack_weights
from course.checking.case import Call, Case
from solutions import classifier
from solutions.embedding import TokenEmbedding
from solutions.position import SinusoidalPositionEncoding
from solutions.transformer import Encoder


def case(rng, name, sizes, observe=("output", "saved"), training=False, points=1.0, **options):
    """sizes: `B`, `S`, `V`, `C`, `d_model`, `N`, `H` and `d_ff`; options: of the constructor."""
    batch, length, vocabulary_size, labels, width, layers, heads, hidden = sizes
    ids = drawn_ids(rng, batch, length, vocabulary_size)
    stack = stack_weights(rng, "encoder", layers, width, hidden, options.get("norm_first", False))
    return Case(
        name,
        (Call([ids], {"training": True} if training else {}, observe=observe),),
        points,
        construct={
            "vocabulary_size": vocabulary_size, "num_labels": labels, "d_model": width,
            "num_layers": layers, "num_heads": heads, "hidden_dim": hidden, **options,
        },
        weights={
            "embedding.table": normal(rng, vocabulary_size, width, scale=width**-0.5),
            **{f"encoder.{path}": values for path, values in stack.items()},
            "classifier.kernel": normal(rng, width, labels),
            "classifier.bias": normal(rng, labels),
        },
        **DEEP,
    )  # fmt: skip


def by_default(rng, batch, length, vocabulary_size, labels):
    """A model that is told its two required sizes only.

    All its weights are 1/8 or -1/8, which keeps the file of the key small.
    """
    some = case(rng, "its defaults", (batch, length, vocabulary_size, labels, 32, 2, 4, 64))
    construct = {"vocabulary_size": vocabulary_size, "num_labels": labels}
    weights = {path: np.sign(values) / 8.0 for path, values in some.weights.items()}
    return Case(some.name, some.calls, construct=construct, weights=weights, **DEEP)


def visible():
    rng = np.random.default_rng(76)
    return [
        case(rng, "two heads", (3, 5, 11, 4, 8, 1, 2, 7)),
        case(rng, "pre-LN", (4, 5, 11, 3, 8, 1, 2, 7), norm_first=True),
        case(rng, "in training, everything dropped", (3, 5, 11, 4, 8, 1, 2, 7), training=True,
             dropout=1.0),
        by_default(rng, 3, 5, 11, 6),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "other sizes", (4, 6, 13, 5, 8, 1, 2, 9), points=2.0),
        case(rng, "other sizes, pre-LN", (3, 7, 13, 5, 8, 2, 1, 9), points=2.0, norm_first=True),
        case(rng, "in training, everything dropped", (4, 6, 13, 5, 8, 1, 2, 9), training=True,
             dropout=1.0),
        by_default(rng, 3, 5, 11, 6),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="transformer.save_load",
    title="A model that survives saving",
    kind="layer",
    points=3,
    reference=classifier.TokenClassifier,
    visible=visible,
    hidden=hidden,
    write=("__init__", "get_config"),
    uses=("transformer.encoder",),
)


@EXERCISE.variant
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
        self.options = {
            "vocabulary_size": vocabulary_size,
            "num_labels": num_labels,
            "d_model": d_model,
            "num_layers": num_layers,
            "num_heads": num_heads,
            "hidden_dim": hidden_dim,
            "norm_first": norm_first,
            "dropout": dropout,
        }
        self.embedding = TokenEmbedding(vocabulary_size, d_model)
        self.position = SinusoidalPositionEncoding()
        self.encoder = Encoder(
            num_layers, num_heads, hidden_dim, norm_first=norm_first, dropout=dropout
        )
        self.classifier = keras.layers.Dense(num_labels)

    def get_config(self):
        return dict(self.options)


@EXERCISE.variant
class TokenClassifier(classifier.TokenClassifier):
    def get_config(self):
        config = keras.layers.Layer.get_config(self)
        for name, value in self.encoder.get_config().items():
            config.setdefault(name, value)
        config["vocabulary_size"], config["d_model"] = self.embedding.table.shape
        config["num_labels"] = self.classifier.bias.shape[0]
        return config
