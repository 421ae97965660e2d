"""A toy task that one look cannot solve: find the values beside two keys at once, in their order.

A sequence holds pairs such as b7, k0, e3, in which no key comes twice, and a question names two of
the keys, e then b. The answer is their two values in that order, 3 then 7. A head returns one
mixture for the question; two heads return two.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from course.progress import Progress

KEYS, VALUES, PAIRS = 12, 10, 6  # letters a to l, digits, pairs in a sequence
WIDTH, INNER = 32, 32  # of a word; of all heads of the layer together
STEPS, BATCH, ROUND = 600, 64, 50  # steps in all, sequences a step, steps between two measurements


@dataclass
class Sequences:
    """keys, values: `(B, PAIRS)` ints.    places: `(B, 2)` ints, where what is asked for stands."""

    keys: np.ndarray
    values: np.ndarray
    places: np.ndarray

    @property
    def asked(self):
        """The two keys of each question, `(B, 2)`."""
        return np.take_along_axis(self.keys, self.places, axis=1)

    @property
    def answers(self):
        """Their values, `(B, 2)`."""
        return np.take_along_axis(self.values, self.places, axis=1)

    def cells(self, row):
        """Return the pairs of one sequence as text, such as `["b7", "k0", ...]`."""
        return [f"{_letter(k)}{v}" for k, v in zip(self.keys[row], self.values[row], strict=True)]

    def question(self, row):
        """Return the question of one sequence as text, such as `"e, b?"`."""
        return ", ".join(map(_letter, self.asked[row])) + "?"


@dataclass
class Result:
    """What a training left behind, for `plots.heads_training`.

    steps: list of ints.    accuracy: one list a layer, the share of sequences both of whose values
        were right, on sequences that were not trained on.
    names: what the layers are called.
    weights: `(B, H, PAIRS)`, of the question, by the last layer, on `sequences`.
    """

    sequences: Sequences
    names: list
    weights: np.ndarray
    steps: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)


def draw(count, rng):
    """Return `count` random `Sequences`."""
    return Sequences(
        keys=np.argsort(rng.random((count, KEYS)), axis=-1)[:, :PAIRS],
        values=rng.integers(0, VALUES, (count, PAIRS)),
        places=np.argsort(rng.random((count, PAIRS)), axis=-1)[:, :2],
    )


def train(layer=None, seed=3):
    """Train attention to answer two questions at once; show progress; return a `Result`.

    layer: called as `layer(query, value, return_weights=True)`, such as your
        `MultiHeadAttention(num_heads=2, head_dim=16)`, and trained alone. Without it, two layers of
        Keras are trained: one head of 32 features, then two heads of 16.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    layers = {"yours": layer} if layer else {"one head": _Keras(1), "two heads": _Keras(2)}
    rng = np.random.default_rng(seed)
    held_out = draw(500, rng)
    result = Result(held_out, list(layers), None, list(range(0, STEPS + 1, ROUND)))
    with Progress("Training", total=STEPS * len(layers)) as progress:
        for name, attend in layers.items():
            keras.utils.set_random_seed(seed)
            model, looks = _model(attend)
            accuracy = [_accuracy(model, held_out)]
            for _ in range(STEPS // ROUND):
                some = draw(BATCH * ROUND, rng)
                model.fit(_inputs(some), some.answers, batch_size=BATCH, verbose=0)
                accuracy.append(_accuracy(model, held_out))
                progress.advance(ROUND, note=f"{name}: {accuracy[-1]:.0%} right")
            result.accuracy.append(accuracy)
            result.weights = ops.convert_to_numpy(looks(_inputs(held_out)))[:, :, 0]
    return result


class _Keras(keras.layers.Layer):
    """Keras' own attention, called as the layer of the lesson is."""

    def __init__(self, num_heads):
        super().__init__()
        self.attention = keras.layers.MultiHeadAttention(
            num_heads, key_dim=INNER // num_heads, use_bias=False
        )

    def build(self, query_shape, value_shape):
        self.attention.build(query_shape, value_shape)

    def call(self, query, value, return_weights=True):
        return self.attention(query, value, return_attention_scores=True)


def _model(attend):
    """The trainable model, and one that returns the weights `(B, H, 1, PAIRS)`."""
    keys, values = (keras.Input((PAIRS,), dtype="int32") for _ in range(2))
    asked = keras.Input((2,), dtype="int32")
    add = keras.layers.Add()
    pairs = add([keras.layers.Embedding(KEYS, WIDTH)(keys), _table(VALUES)(values)])
    first, second = (_table(KEYS)(asked[:, place : place + 1]) for place in (0, 1))
    output, weights = attend(add([first, second]), pairs, return_weights=True)
    logits = keras.layers.Reshape((2, VALUES))(keras.layers.Dense(2 * VALUES)(output))
    model = keras.Model((keys, values, asked), logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=False)  # compiling takes longer
    return model, keras.Model((keys, values, asked), weights)


def _table(size):
    return keras.layers.Embedding(size, WIDTH)


def _inputs(some):
    return some.keys, some.values, some.asked


def _accuracy(model, some):
    guesses = np.argmax(ops.convert_to_numpy(model(_inputs(some))), axis=-1)
    return float(np.mean(np.all(guesses == some.answers, axis=-1)))


def _letter(key):
    return chr(ord("a") + int(key))
