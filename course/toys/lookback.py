"""A toy task that only order solves: name the letter that stands three places before the mark.

A sequence is made of random letters, one of them replaced by a mark: "g c a d f ? b e" asks for a.
The same letters in another order have another answer, so a bag of letters does not hold it. One
head of attention reads the sequence; what tells it the positions is one of several layers.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from course.progress import Progress
from course.toys.clocks import table

LETTERS, LENGTH, BACK = 10, 16, 3  # a to j; letters in training; places between answer and mark
MARK = LETTERS  # the id of the mark
WIDTH = 32
LONGER = 40  # letters in the longest test, for places that no training has seen
STEPS, BATCH, ROUND = 300, 64, 20  # steps in all, sequences a step, steps between measurements


@dataclass
class Sequences:
    """ids: `(B, T)` ints, letters and one mark.    places: `(B,)`, where the mark stands.
    answers: `(B,)`, ids of the letters asked for."""

    ids: np.ndarray
    places: np.ndarray
    answers: np.ndarray

    def text(self, row):
        """Return a sequence as text, such as `"g c a d f ? b e"`."""
        return " ".join("?" if id == MARK else chr(ord("a") + id) for id in self.ids[row])


@dataclass
class Result:
    """What a training left behind, for `plots.order_training`.

    names: what the kinds of positions are called; the lists below have one entry a kind.
    steps: list of ints.    accuracy: share of right answers at each of them, in new sequences.
    weights: `(BACK * 2,)` arrays: after training, the mean weight of the mark for the place
        0, 1, 2, … before itself.
    by_place: `(LONGER - BACK,)` arrays: share of right answers in sequences of `LONGER` letters,
        where the mark stands at place `BACK`, `BACK + 1`, …
    """

    names: list
    steps: list
    accuracy: list = field(default_factory=list)
    weights: list = field(default_factory=list)
    by_place: list = field(default_factory=list)


def draw(count, rng, length=LENGTH):
    """Return `count` random `Sequences`."""
    ids = rng.integers(0, LETTERS, (count, length)).astype("int32")
    places, rows = rng.integers(BACK, length, count), np.arange(count)
    answers = ids[rows, places - BACK]
    ids[rows, places] = MARK
    return Sequences(ids, places, answers)


def train(layer=None, seed=3):
    """Train one head for each kind of positions; show progress; return a `Result`.

    layer: adds positions to `(B, T, WIDTH)` for T up to `LONGER`, such as your
        `SinusoidalPositionEncoding()`, and is trained alone. Without it three are trained: no
        positions, a table of sines and cosines, and a table that is learned.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    kinds = {"no positions": None, "sines and cosines": _Sines, "learned": _Learned}
    layers = {"yours": lambda: layer} if layer else kinds
    rng = np.random.default_rng(seed)
    held_out, longer = draw(1000, rng), draw(4000, rng, LONGER)
    result = Result(list(layers), list(range(0, STEPS + 1, ROUND)))
    with Progress("Training", total=STEPS * len(layers)) as progress:
        for name, make in layers.items():
            keras.utils.set_random_seed(seed)
            model, looks = _model(make() if make else None)
            accuracy = [_right(model, held_out).mean()]
            for _ in range(STEPS // ROUND):
                some = draw(BATCH * ROUND, rng)
                model.fit(some.ids, some.answers, batch_size=BATCH, verbose=0)
                accuracy.append(_right(model, held_out).mean())
                progress.advance(ROUND, note=f"{name}: {accuracy[-1]:.0%} right")
            result.accuracy.append([float(share) for share in accuracy])
            result.weights.append(_weights_before(looks, held_out))
            right = _right(model, longer)
            places = range(BACK, LONGER)
            result.by_place.append(np.array([right[longer.places == p].mean() for p in places]))
    return result


class _Sines(keras.layers.Layer):
    """Add the table of sines and cosines, made by NumPy."""

    def build(self, x_shape):
        self.rows = ops.convert_to_tensor(table(LONGER, x_shape[-1]).astype("float32"))

    def call(self, x):
        return x + self.rows[: ops.shape(x)[1]]


class _Learned(keras.layers.Layer):
    """Add a table that is learned."""

    def build(self, x_shape):
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.rows = self.add_weight(shape=(LONGER, x_shape[-1]), initializer=small)

    def call(self, x):
        return x + self.rows[: ops.shape(x)[1]]


class _AtMark(keras.layers.Layer):
    """Of `(B, T, ...)` keep what belongs to the mark, `(B, ...)`."""

    def call(self, x, ids):
        return ops.sum(x * ops.cast(ops.equal(ids, MARK), x.dtype)[..., None], axis=1)


def _model(add_positions):
    """The trainable model, ids → logits, and one that returns the weights of the mark `(B, T)`."""
    ids = keras.Input((None,), dtype="int32")
    unit = keras.initializers.RandomNormal(stddev=1.0)
    x = keras.layers.Embedding(LETTERS + 1, WIDTH, embeddings_initializer=unit)(ids)
    if add_positions:
        x = add_positions(x)
    head = keras.layers.MultiHeadAttention(num_heads=1, key_dim=WIDTH, use_bias=False)
    output, weights = head(x, x, return_attention_scores=True)
    logits = keras.layers.Dense(LETTERS)(_AtMark()(output, ids))
    model = keras.Model(ids, logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=False)  # compiling takes longer
    return model, keras.Model(ids, _AtMark()(weights[:, 0], ids))


def _right(model, some):
    return np.argmax(ops.convert_to_numpy(model(some.ids)), axis=-1) == some.answers


def _weights_before(looks, some):
    """The mean weight for each distance before the mark; places before the first are left out."""
    weights = ops.convert_to_numpy(looks(some.ids))
    found = []
    for back in range(2 * BACK):
        rows = np.flatnonzero(some.places >= back)
        found.append(weights[rows, some.places[rows] - back].mean())
    return np.array(found)
