"""A toy that shows what a leak does: two models learn to name the next letter, one sees it.

The text is Python's own documentation, which every CPython has (`pydoc_data.topics`), in small
letters. Both models are one layer of attention and a small network on each position. They differ in
their mask alone, and are judged twice: with the whole text in sight, as in training, and with
nothing but what stands before, as when they write.
"""

import re
from dataclasses import dataclass, field
from functools import cache

import keras
import numpy as np
from keras import ops

from course.progress import Progress

LETTERS = " abcdefghijklmnopqrstuvwxyz.,'"
LENGTH, WIDTH, HEADS = 24, 64, 4  # letters of a window; features of a letter; heads
STEPS, BATCH, ROUND = 400, 64, 40  # steps in all, windows a step, steps between two measurements
CUTS = (6, 12, 18)  # lengths at which the text is cut off, to see who needs what comes after
HELD_OUT, START = 200, "the "


@dataclass
class Result:
    """What a training left behind, for `plots.leak_training`.

    names: what the masks are called.    steps: list of ints.
    seen: one list a mask, the loss with the whole text in sight, in nats a letter.
    alone: the same with nothing in sight but what stands before.
    accuracy: one pair a mask, the share of letters named right in the end, seen and alone.
    texts: what each has written on its own.
    """

    names: list
    steps: list
    seen: list = field(default_factory=list)
    alone: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    texts: list = field(default_factory=list)


@cache
def text():
    """Return the documentation of Python's statements and operators as numbers of letters."""
    from pydoc_data.topics import topics

    plain = " ".join(topics[name] for name in sorted(topics)).lower()
    plain = re.sub(r"[^a-z.,']+", " ", plain)
    return np.array([LETTERS.index(letter) for letter in plain], "int32")


def draw(count, rng, held_out=False):
    """Return `(count, LENGTH + 1)` ints: windows of the text; its last tenth is held out."""
    border = len(text()) * 9 // 10
    low, high = (border, len(text())) if held_out else (0, border)
    starts = rng.integers(low, high - LENGTH - 1, count)
    return text()[starts[:, None] + np.arange(LENGTH + 1)]


def causal(length):
    """The right mask, as the lesson's `causal_mask` makes it."""
    return np.tril(np.ones((1, length, length), bool))


def none(length):
    """No mask: every position sees the whole window."""
    return np.ones((1, length, length), bool)


def train(mask=None, seed=4):
    """Train a model to name the next letter; show progress; return a `Result`.

    mask: function from a length to a boolean mask `(1, T, T)`, such as your `causal_mask`; a model
        with it is trained alone. Without it two are trained: one with no mask, one with the right
        one.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    masks = {"yours": mask} if mask else {"no mask": none, "causal mask": causal}
    rng = np.random.default_rng(seed)
    held_out = draw(HELD_OUT, rng, held_out=True)
    result = Result(list(masks), list(range(0, STEPS + 1, ROUND)))
    with Progress("Training", total=STEPS * len(masks)) as progress:
        for name, one in masks.items():
            keras.utils.set_random_seed(seed)
            model, curves = _model(), ([], [])
            for step in result.steps:
                if step:
                    some = draw(BATCH * ROUND, rng)
                    x = _inputs(some[:, :-1], one)
                    model.fit(x, some[:, 1:], batch_size=BATCH, verbose=0)
                    progress.advance(ROUND, note=f"{name}: loss {curves[0][-1]:.2f}")
                (seen, right), (alone, right_alone) = _judge(model, one, held_out)
                curves[0].append(seen)
                curves[1].append(alone)
            result.seen.append(curves[0])
            result.alone.append(curves[1])
            result.accuracy.append((right, right_alone))
            result.texts.append(write(model, one, np.random.default_rng(seed)))
    return result


def write(model, mask, rng, count=60):
    """Let a model write: each letter is drawn by the probabilities that it gives, and appended."""
    ids = [LETTERS.index(letter) for letter in START]
    for _ in range(count):
        logits = _logits(model, np.array([ids[-LENGTH:]]), mask)[0, -1]
        shares = np.exp(logits - logits.max(), dtype="float64")
        ids.append(int(rng.choice(len(LETTERS), p=shares / shares.sum())))
    return "".join(LETTERS[number] for number in ids)


def _judge(model, mask, windows):
    """Loss and accuracy with the whole window in sight, and with what stands before alone."""
    logits = _logits(model, windows[:, :-1], mask)
    places = np.array(CUTS) - 1
    alone = np.stack([_logits(model, windows[:, :cut], mask)[:, -1] for cut in CUTS], axis=1)
    targets = windows[:, places + 1]
    return [_score(each, targets) for each in (logits[:, places], alone)]


def _score(logits, targets):
    loss = keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)
    return float(ops.mean(loss)), float(np.mean(logits.argmax(axis=-1) == targets))


def _model():
    """Logits of the next letter, from letters, their positions and a mask."""
    letters = keras.Input((None,), dtype="int32")
    positions = keras.Input((None,), dtype="int32")
    mask = keras.Input((None, None), dtype="bool")
    add = keras.layers.Add()
    x = add(
        [
            keras.layers.Embedding(len(LETTERS), WIDTH)(letters),
            keras.layers.Embedding(LENGTH, WIDTH)(positions),
        ]
    )
    attention = keras.layers.MultiHeadAttention(HEADS, key_dim=WIDTH // HEADS, use_bias=False)
    x = add([x, attention(x, x, attention_mask=mask)])
    x = add([x, keras.layers.Dense(WIDTH)(keras.layers.Dense(4 * WIDTH, "relu")(x))])
    model = keras.Model((letters, positions, mask), keras.layers.Dense(len(LETTERS))(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss, jit_compile=False)  # compiling takes longer
    return model


def _inputs(ids, mask):
    count, length = ids.shape
    allowed = ops.convert_to_numpy(mask(length))
    positions = np.tile(np.arange(length, dtype="int32"), (count, 1))
    return ids, positions, np.broadcast_to(allowed, (count, length, length))


def _logits(model, ids, mask):
    return ops.convert_to_numpy(model(_inputs(ids, mask)))
