"""A toy task for a decoder block: write a word backwards, letter by letter.

The source is a word of random letters, such as `cabbed`, and what is to be written is `debbac`. The
block looks back at the letters written so far and over at the source, whose letters come straight
from a table, with their positions: there is no encoder.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from course.progress import Progress

LETTERS, LENGTH = 12, 8  # a to l; of a word
START = LETTERS  # the id that stands before the first letter
WIDTH, HEADS, HIDDEN = 32, 4, 64  # features; heads; inside the feed-forward network
STEPS, BATCH, ROUND = 200, 64, 20  # steps in all, words a step, steps between two measurements
HELD_OUT = 200  # words to measure on


@dataclass
class Result:
    """What a training left behind, for `plots.backwards_training`.

    names: what the stacks are called.    steps: list of ints.
    accuracy: one list a stack, the share of words that it wrote without a fault on its own, from
        words that were not trained on.
    words: some of these words, as text.    written: what the last stack made of them.
    moved: `(LENGTH, LENGTH)`, row t says how often another letter at each place of the source
        changes the letter that the last stack writes at place t, as a share of words.
    """

    names: list
    steps: list
    accuracy: list = field(default_factory=list)
    words: list = field(default_factory=list)
    written: list = field(default_factory=list)
    moved: np.ndarray = None


def draw(count, rng):
    """Return `count` words as ids, `(count, LENGTH)`."""
    return rng.integers(0, LETTERS, (count, LENGTH)).astype("int32")


def text(ids):
    """Return a word as text."""
    return "".join(chr(ord("a") + int(letter)) for letter in ids)


def train(block=None, seed=6):
    """Train blocks to write words backwards; show progress; return a `Result`.

    block: called as `block(x, source, attention_mask=mask)`, such as your
        `DecoderBlock(num_heads=4, hidden_dim=64)`, and trained alone. Without it, post-LN blocks of
        Keras' layers are trained: one and three without residual connections, and three with them.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    stacks = {"yours": block} if block else {name: _Stack(*some) for name, some in STACKS.items()}
    rng = np.random.default_rng(seed)
    held_out = draw(HELD_OUT, rng)
    result = Result(list(stacks), list(range(0, STEPS + 1, ROUND)))
    with Progress("Training", total=STEPS * len(stacks)) as progress:
        for name, stack in stacks.items():
            keras.utils.set_random_seed(seed)
            model = _model(stack)
            accuracy = [_accuracy(model, held_out)]
            for _ in range(STEPS // ROUND):
                words = draw(BATCH * ROUND, rng)
                model.fit(_inputs(words), words[:, ::-1], batch_size=BATCH, verbose=0)
                accuracy.append(_accuracy(model, held_out))
                progress.advance(ROUND, note=f"{name}: {accuracy[-1]:.0%} of words right")
            result.accuracy.append(accuracy)
    result.words = [text(word) for word in held_out[:5]]
    result.written = [text(word) for word in write(model, held_out[:5])]
    result.moved = _moved(model, held_out[:100], rng)
    return result


def write(model, words):
    """Let a model write on its own, one letter after the other: `(B, LENGTH)` ids."""
    written = np.full((len(words), LENGTH + 1), START, "int32")
    for place in range(LENGTH):  # the mask hides what has not been written yet
        logits = model.predict_on_batch((words, written[:, :-1]))
        written[:, place + 1] = logits[:, place].argmax(axis=-1)
    return written[:, 1:]


STACKS = {  # blocks, and whether they have residual connections
    "1 block without residuals": (1, False),
    "3 blocks without residuals": (3, False),
    "3 blocks with residuals": (3, True),
}


class _Stack(keras.layers.Layer):
    """Post-LN decoder blocks of Keras' own layers, called as the block of the lesson is."""

    def __init__(self, depth, residual):
        super().__init__(name="stack")
        self.blocks = [_Block(residual) for _ in range(depth)]

    def build(self, x_shape, source_shape):
        for block in self.blocks:
            block.build(x_shape, source_shape)

    def call(self, x, source, attention_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask)
        return x


class _Block(keras.layers.Layer):
    def __init__(self, residual):
        super().__init__(name="block")
        self.residual = residual
        width = WIDTH // HEADS
        self.attentions = [
            keras.layers.MultiHeadAttention(HEADS, width, use_bias=False) for _ in range(2)
        ]
        self.expand = keras.layers.Dense(HIDDEN, activation="relu")
        self.contract = keras.layers.Dense(WIDTH)
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-5) for _ in range(3)]

    def build(self, x_shape, source_shape):
        self.attentions[0].build(x_shape, x_shape)
        self.attentions[1].build(x_shape, source_shape)
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], HIDDEN))
        for norm in self.norms:
            norm.build(x_shape)

    def call(self, x, source, attention_mask=None):
        back, over = self.attentions
        x = self._add(0, x, back(x, x, attention_mask=attention_mask))
        x = self._add(1, x, over(x, source))
        return self._add(2, x, self.contract(self.expand(x)))

    def _add(self, number, x, added):
        return self.norms[number](x + added if self.residual else added)


class _Numbered(keras.layers.Layer):
    """A table of letters plus a table of places."""

    def __init__(self, letters):
        super().__init__()
        self.letters = keras.layers.Embedding(letters, WIDTH)
        self.places = keras.layers.Embedding(LENGTH, WIDTH)

    def build(self, ids_shape):
        self.letters.build(ids_shape)
        self.places.build((LENGTH,))

    def call(self, ids):
        return self.letters(ids) + self.places(ops.arange(LENGTH))


def _model(stack):
    words, before = (keras.Input((LENGTH,), dtype="int32") for _ in range(2))
    no_future = np.tril(np.ones((1, LENGTH, LENGTH), bool))
    x, source = _Numbered(LETTERS + 1)(before), _Numbered(LETTERS)(words)
    logits = keras.layers.Dense(LETTERS)(stack(x, source, attention_mask=no_future))
    model = keras.Model((words, before), logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss, jit_compile=False)  # compiling takes longer
    model.optimizer.build(model.trainable_variables)  # in `fit` it would be traced twice
    return model


def _inputs(words):
    """The source, and what was written before each letter: START and then the word backwards."""
    starts = np.full((len(words), 1), START, "int32")
    return words, np.concatenate([starts, words[:, :0:-1]], axis=1)


def _accuracy(model, words):
    return float(np.mean(np.all(write(model, words) == words[:, ::-1], axis=-1)))


def _moved(model, words, rng):
    before = write(model, words)
    moved = np.zeros((LENGTH, LENGTH))
    for place in range(LENGTH):
        others = words.copy()
        others[:, place] = (words[:, place] + rng.integers(1, LETTERS, len(words))) % LETTERS
        moved[:, place] = np.mean(write(model, others) != before, axis=0)
    return moved
