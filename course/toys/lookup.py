"""A toy task that needs attention: find the value that stands beside a given key.

A sequence holds pairs such as b7, k0, e3, in which no key comes twice, and ends with a question,
k?. The answer is the value of that pair, 0. Where the pair stands changes from one sequence to the
next, so that only the content of a word can tell where to look.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from course.progress import Progress

KEYS, VALUES, PAIRS = 16, 10, 8  # letters a to p, digits, pairs in a sequence
WIDTH = 32
STEPS, BATCH, ROUND = 400, 64, 20  # steps in all, sequences a step, steps between two measurements


@dataclass
class Sequences:
    """keys, values: `(B, PAIRS + 1)` ints, the last of each the question.
    answers: `(B,)` ints.    places: `(B,)` ints, where the pair that is asked for stands."""

    keys: np.ndarray
    values: np.ndarray
    answers: np.ndarray
    places: np.ndarray

    def cells(self, row):
        """Return the words of one sequence as text, such as `["b7", "k0", ..., "k?"]`."""
        digits = [*map(str, range(VALUES)), "?"]
        pairs = zip(self.keys[row], self.values[row], strict=True)
        return [chr(ord("a") + key) + digits[value] for key, value in pairs]


@dataclass
class Result:
    """What a training left behind, for `plots.lookup_training`.

    steps, accuracy: one entry a measurement, on sequences that were not trained on.
    before, after: `(B, PAIRS + 1)` weights of the question, on the same `sequences`.
    guesses: `(B,)` ints, the answers given after training.
    """

    sequences: Sequences
    before: np.ndarray
    after: np.ndarray
    guesses: np.ndarray
    steps: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)


def draw(count, rng):
    """Return `count` random `Sequences`."""
    keys = np.argsort(rng.random((count, KEYS)), axis=-1)[:, :PAIRS]
    values = rng.integers(0, VALUES, (count, PAIRS))
    places = rng.integers(0, PAIRS, count)
    rows = np.arange(count)
    asked = np.full(count, VALUES)  # the value of a question: none of the digits
    return Sequences(
        keys=np.column_stack([keys, keys[rows, places]]),
        values=np.column_stack([values, asked]),
        answers=values[rows, places],
        places=places,
    )


def train(head=None, seed=3):
    """Train one attention head to look up values; show progress; return a `Result`.

    head: a layer from `(B, T, WIDTH)` to `(B, T, d_v)` with an attribute `projections` that returns
        `(q, k, v)`, such as your `SelfAttention(key_dim=16, value_dim=16)`. Without it, Keras' own
        `MultiHeadAttention` with one head.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    head = head or _KerasHead()
    embed, model = _model(head)
    held_out = draw(500, rng)
    before = _question_weights(head, embed, held_out)
    steps, accuracy = [0], [_accuracy(model, held_out)]
    with Progress("Training", total=STEPS) as progress:
        for _ in range(STEPS // ROUND):
            batch = draw(BATCH * ROUND, rng)
            model.fit((batch.keys, batch.values), batch.answers, batch_size=BATCH, verbose=0)
            steps.append(steps[-1] + ROUND)
            accuracy.append(_accuracy(model, held_out))
            progress.advance(ROUND, note=f"{accuracy[-1]:.0%} right")
    return Result(
        sequences=held_out,
        before=before,
        after=_question_weights(head, embed, held_out),
        guesses=_guesses(model, held_out),
        steps=steps,
        accuracy=accuracy,
    )


class _KerasHead(keras.layers.Layer):
    """One head of Keras' own attention, from a sequence to itself."""

    def __init__(self):
        super().__init__()
        self.attention = keras.layers.MultiHeadAttention(num_heads=1, key_dim=16, use_bias=False)

    def build(self, shape):
        self.attention.build(shape, shape)

    def call(self, x):
        return self.attention(x, x)

    def weights_on(self, x):
        return self.attention(x, x, return_attention_scores=True)[1][:, 0]  # (B, T, T)


def _model(head):
    """Two embeddings, added; the head; a classifier on what the head returns for the question."""
    keys = keras.Input((PAIRS + 1,), dtype="int32")
    values = keras.Input((PAIRS + 1,), dtype="int32")
    x = keras.layers.Add()(
        [
            keras.layers.Embedding(KEYS, WIDTH)(keys),
            keras.layers.Embedding(VALUES + 1, WIDTH)(values),
        ]
    )
    logits = keras.layers.Dense(VALUES)(head(x)[:, -1])
    model = keras.Model((keys, values), logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss, jit_compile=False)  # compiling takes longer
    return keras.Model((keys, values), x), model


def _guesses(model, some):
    return np.argmax(ops.convert_to_numpy(model((some.keys, some.values))), axis=-1)


def _accuracy(model, some):
    return float(np.mean(_guesses(model, some) == some.answers))


def _question_weights(head, embed, some):
    """The weights with which the last position looks at all positions, `(B, PAIRS + 1)`."""
    x = embed((some.keys, some.values))
    if isinstance(head, _KerasHead):
        weights = head.weights_on(x)
    else:
        query, key, value = head.projections(x)
        scaled = query * query.shape[-1] ** -0.5
        layer = keras.layers.Attention()
        _, weights = layer([scaled, value, key], return_attention_scores=True)
    return ops.convert_to_numpy(weights)[:, -1]
