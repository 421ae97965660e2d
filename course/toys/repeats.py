"""A toy that needs an induction head: sequences that repeat themselves, nobody says how soon.

A part of random letters, such as g c a t f, is repeated until 24 letters are there. How long the
part is changes from one sequence to the next, so that position alone does not tell where to look:
only the letters do. Models of attention alone, without feed-forward networks, are trained
to name the next letter wherever it can be known.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from course.progress import Progress

LETTERS, LENGTH, SHORTEST = 20, 24, 5  # letters a to t; of a sequence; of the repeated part
HALF = LENGTH // 2
WIDTH, HEADS, HEAD = 32, 2, 16  # features of a letter; heads of a layer; features of a head
STEPS, BATCH, ROUND = 800, 64, 50  # steps in all, sequences a step, steps between two measurements
NOTHING = -1  # the target where the next letter cannot be known


@dataclass
class Result:
    """What a training left behind, for `plots.induction_training` and `losses_without`.

    sequences: `(B, LENGTH)` ints of two equal halves, not trained on.
    names: what the models are called.    steps: list of ints.
    accuracy: one list a model, the share of letters of the second half that were named.
    scores: for each measurement `(2, layers, H)`, of the last model: how much each head looks at
        the letter after the previous occurrence, and how much at the letter before.
    model: the last model, a `Repeater`.
    """

    sequences: np.ndarray
    names: list
    steps: list
    accuracy: list = field(default_factory=list)
    scores: list = field(default_factory=list)
    model: keras.Model = None


class Letters(keras.layers.Layer):
    """Letters as vectors, and their positions twice as large, so that one step is easily told."""

    def build(self, ids_shape):
        angles = np.arange(LENGTH)[:, None] / 10000 ** (np.arange(0, WIDTH, 2) / WIDTH)
        waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(LENGTH, WIDTH)
        self.positions = (2.0 * waves).astype("float32")
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.table = self.add_weight(shape=(LETTERS, WIDTH), initializer=normal)

    def call(self, ids):
        return ops.take(self.table, ids, axis=0) + self.positions


class CausalHeads(keras.layers.Layer):
    """Causal self-attention; `look` and `mix` are its two steps."""

    def build(self, x_shape):
        shape = (WIDTH, HEADS * HEAD)
        self.query, self.key, self.value = (self.add_weight(shape=shape) for _ in range(3))
        self.kernel = self.add_weight(shape=shape[::-1])  # W_O

    def call(self, x):
        return self.mix(self.look(x)[0])

    def look(self, x):
        """Return what each head finds, `(B, H, T, HEAD)`, and its weights, `(B, H, T, T)`."""
        query, key, value = (_split(ops.matmul(x, w)) for w in (self.query, self.key, self.value))
        scores = ops.matmul(query, ops.swapaxes(key, -1, -2)) / HEAD**0.5
        past = ops.tril(ops.ones((LENGTH, LENGTH), dtype="bool"))
        weights = ops.softmax(ops.where(past, scores, -1e9))
        return ops.matmul(weights, value), weights

    def mix(self, attended):
        merged = ops.reshape(ops.transpose(attended, (0, 2, 1, 3)), (-1, LENGTH, HEADS * HEAD))
        return ops.matmul(merged, self.kernel)


class Repeater(keras.Model):
    """Letters, some layers of attention that each add to what came in, and the next letter."""

    def __init__(self, layers):
        super().__init__()
        self.letters = Letters()
        self.attention = [CausalHeads() for _ in range(layers)]
        self.read = keras.layers.Dense(LETTERS, use_bias=False)

    def call(self, ids):
        x = self.letters(ids)
        for layer in self.attention:
            x = x + layer(x)
        return self.read(x)

    def weights_on(self, ids):
        """Return the weights of all layers, `(layers, B, H, T, T)`."""
        x, found = self.letters(ids), []
        for layer in self.attention:
            attended, weights = layer.look(x)
            found.append(ops.convert_to_numpy(weights))
            x = x + layer.mix(attended)
        return np.stack(found)

    def without(self, ids, number, head, ablate):
        """Return the logits where `ablate(attended, kernel, head)` stands for a layer's `mix`."""
        x = self.letters(ids)
        for index, layer in enumerate(self.attention):
            attended, _ = layer.look(x)
            ablated = index == number
            x = x + (ablate(attended, layer.kernel, head) if ablated else layer.mix(attended))
        return self.read(x)


def draw(count, rng, period=None):
    """Return sequences `(count, LENGTH)`; without a period each has one of its own."""
    periods = rng.integers(SHORTEST, HALF + 1, count) if period is None else np.full(count, period)
    places = np.arange(LENGTH) % periods[:, None]
    return np.take_along_axis(rng.integers(0, LETTERS, (count, LENGTH)), places, axis=1), periods


def spell(sequence):
    """Return a sequence as text, one letter a token."""
    return [chr(ord("a") + int(letter)) for letter in sequence]


def train(seed=3):
    """Train one layer of attention, then two; show progress; return a `Result`.

    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    rng = np.random.default_rng(seed)
    held_out, _ = draw(256, rng, HALF)
    names = ("one layer", "two layers")
    result = Result(held_out, list(names), list(range(0, STEPS + 1, ROUND)))
    with Progress("Training", total=STEPS * len(names)) as progress:
        for layers, name in enumerate(names, 1):
            keras.utils.set_random_seed(seed)
            model = Repeater(layers)
            loss = keras.losses.SparseCategoricalCrossentropy(True, ignore_class=NOTHING)
            model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=False)
            accuracy, scores = [_accuracy(model, held_out)], [head_scores(model, held_out)]
            for _ in range(STEPS // ROUND):
                model.fit(*_examples(BATCH * ROUND, rng), batch_size=BATCH, verbose=0)
                accuracy.append(_accuracy(model, held_out))
                scores.append(head_scores(model, held_out))
                progress.advance(ROUND, note=f"{name}: {accuracy[-1]:.0%} right")
            result.accuracy.append(accuracy)
            result.scores, result.model = scores, model
    return result


def head_scores(model, sequences):
    """Return how much each head looks at two places, `(2, layers, H)`; see `Result`."""
    weights = model.weights_on(sequences)
    after = np.diagonal(weights[..., HALF:, :], 1, -2, -1)  # of the second half's queries
    before = np.diagonal(weights, -1, -2, -1)  # of all but the first
    return np.stack([place.mean(axis=(1, 3)) for place in (after, before)])


def losses_without(result, ablate=None):
    """Turn off one head at a time; return the loss with all heads, and by how much it rises.

    ablate: called as `ablate(attended, output_kernel, head, mean=...)`, such as your `ablate_head`.
        Without it a head's rows of W_O are set to 0.
    Returns: `(loss, rises)`; rises has an array `(layers, H)` by what a head is replaced by.
    """
    model, ids = result.model, result.sequences
    ways = {"0": _rows_off}
    if ablate:
        ways = {
            "0": lambda *parts: ablate(*parts, mean=False),
            "its mean": lambda *parts: ablate(*parts, mean=True),
        }
    whole = _loss(model(ids), ids)
    heads = np.ndindex(len(model.attention), HEADS)
    rises = {name: np.zeros((len(model.attention), HEADS)) for name in ways}
    for number, head in heads:
        for name, way in ways.items():
            rises[name][number, head] = _loss(model.without(ids, number, head, way), ids) - whole
    return whole, rises


def _split(x):
    return ops.transpose(ops.reshape(x, (-1, LENGTH, HEADS, HEAD)), (0, 2, 1, 3))


def _rows_off(attended, kernel, head):
    rows = ops.arange(HEADS * HEAD) // HEAD
    kept = ops.where((rows != head)[:, None], kernel, 0.0)
    merged = ops.reshape(ops.transpose(attended, (0, 2, 1, 3)), (-1, LENGTH, HEADS * HEAD))
    return ops.matmul(merged, kept)


def _examples(count, rng):
    """Sequences and the letters after them, where those can be known."""
    ids, periods = draw(count, rng)
    after = np.concatenate([ids[:, 1:], np.full((count, 1), NOTHING)], axis=1)
    return ids, np.where(np.arange(LENGTH) >= periods[:, None], after, NOTHING)


def _accuracy(model, ids):
    guesses = np.argmax(ops.convert_to_numpy(model(ids)), axis=-1)
    return float(np.mean(guesses[:, HALF:-1] == ids[:, HALF + 1 :]))


def _loss(logits, ids):
    """The mean loss in nats over the letters of the second half that follow another of it."""
    logits = ops.convert_to_numpy(logits)[:, HALF:-1].astype("float64")
    shifted = logits - logits.max(axis=-1, keepdims=True)
    chosen = np.take_along_axis(shifted, ids[:, HALF + 1 :, None], axis=-1)[..., 0]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=-1)) - chosen))
