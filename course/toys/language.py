"""A small language model learns the reference of the Python language, one piece after the other.

It reads 64 pieces and predicts, for each, the one that follows. What it is worth is told by its
loss on topics that it has never seen, beside the entropy of the pieces of those same topics: that
is the least one can reach who knows how frequent each piece is and nothing else.
"""

import math
from dataclasses import dataclass, field
from functools import cache

import keras
import numpy as np
from keras import ops

from course.data import pydoc_text
from course.data.pieces import Pieces
from course.progress import Progress

MERGES = 400
LENGTH, BATCH = 64, 32  # pieces of a sequence, sequences of a step
STEPS, ROUND = 300, 50  # steps in all, steps between two measurements
WIDTH, LAYERS, HEADS, GROUPS, HIDDEN = 96, 3, 4, 2, 256  # of the model of Keras' own layers
PROMPT = 'The "while" statement is'
TEMPERATURE = 0.7


@dataclass(frozen=True)
class Corpus:
    """pieces: a `Pieces`, learned from the training text.    train, held_out: their ids."""

    pieces: Pieces
    train: np.ndarray
    held_out: np.ndarray

    @property
    def vocabulary_size(self):
        """How many pieces there are, `V`."""
        return len(self.pieces.tokens)


@dataclass
class Result:
    """What a training left behind, for `plots.language_training`.

    steps: list of ints.    losses: list of floats, nats a piece on the held-out text.
    unigram: entropy of the pieces of the held-out text.    uniform: ln V.
    characters: how many characters a piece of the held-out text has on average.
    sample: what the model writes after `PROMPT`.
    """

    unigram: float
    uniform: float
    characters: float
    steps: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    sample: str = ""

    def __str__(self):
        return (
            f"held-out loss     {self.losses[-1]:.2f} nats a piece\n"
            f"unigram entropy   {self.unigram:.2f} nats a piece, of the same text\n"
            f"all pieces alike  {self.uniform:.2f} nats a piece"
        )


@cache
def corpus():
    """Return the text in pieces as a `Corpus`; the second time at once."""
    split = pydoc_text.load()
    pieces = Pieces(split.train, MERGES)
    train, held_out = ("".join(texts) for texts in (split.train, split.held_out))
    return Corpus(pieces, pieces.encode(train), pieces.encode(held_out))


def train(layer=None, seed=1):
    """Train a language model on the text; show progress; return a `Result`.

    layer: called with ids `(B, T)`, returns logits `(B, T, V)`, or `(logits, cache)` as your
        `DecoderOnly` does: then it also writes with the cache. Without it, a model of Keras' own
        layers is trained.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    text, rng = corpus(), np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    layer = _Keras(text.vocabulary_size) if layer is None else layer
    model = _compiled(layer)
    length_of_text = len(text.pieces.decode(text.held_out))
    result = Result(
        unigram=pydoc_text.unigram_entropy(text.held_out),
        uniform=math.log(text.vocabulary_size),
        characters=length_of_text / len(text.held_out),
    )
    with Progress("Training", total=STEPS) as progress:
        for step in range(0, STEPS + 1, ROUND):
            if step:
                x, y = _draw(text.train, ROUND, rng)
                model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
            loss = model.evaluate(*_cut(text.held_out), batch_size=64, verbose=0)
            result.steps.append(step)
            result.losses.append(loss)
            progress.advance(ROUND if step else 0, note=f"{loss:.2f} nats a piece, held out")
    result.sample = write(layer, PROMPT, rng)
    return result


def write(layer, prompt, rng, temperature=TEMPERATURE):
    """Return the prompt and what the model writes after it, `LENGTH` pieces in all.

    temperature: below 1, likely pieces become likelier still.
    """
    pieces = corpus().pieces
    ids, cached = list(pieces.encode(prompt)), None
    model = keras.Model(symbol := keras.Input((LENGTH,), dtype="int32"), _logits(layer(symbol)))
    new = ids  # with a cache, only what is new has to be read
    while len(ids) < LENGTH:
        answer = layer(ops.array([new], "int32"), **({"cache": cached} if cached else {}))
        if isinstance(answer, tuple):
            logits, cached = answer
            scores = ops.convert_to_numpy(logits)[0, -1]
        else:  # the whole window again, padded behind, which no earlier piece sees
            window = np.array([ids + [0] * (LENGTH - len(ids))])
            scores = model.predict_on_batch(window)[0, len(ids) - 1]
        shares = np.exp((scores - scores.max()) / temperature, dtype="float64")
        shares[0] = 0.0  # never the sign for an unknown character
        new = [int(rng.choice(len(shares), p=shares / shares.sum()))]
        ids = ids + new
    return pieces.decode(ids)


class _Keras(keras.layers.Layer):
    """A decoder of Keras' own layers: all parts of lesson 10 but rotary positions.

    Where a piece stands is told by a learned vector, as in lesson 2.
    """

    def __init__(self, vocabulary_size):
        super().__init__()
        layers = keras.layers
        spread = keras.initializers.RandomNormal(stddev=WIDTH**-0.5)
        self.table = layers.Embedding(vocabulary_size, WIDTH, embeddings_initializer=spread)
        self.places = layers.Embedding(LENGTH, WIDTH)
        self.blocks = [
            {
                "norm": layers.RMSNormalization(),
                "attention": layers.GroupQueryAttention(
                    WIDTH // HEADS, HEADS, GROUPS, use_bias=False
                ),
                "second": layers.RMSNormalization(),
                "gate": layers.Dense(HIDDEN, activation="silu", use_bias=False),
                "up": layers.Dense(HIDDEN, use_bias=False),
                "down": layers.Dense(WIDTH, use_bias=False),
            }
            for _ in range(LAYERS)
        ]
        self.norm = layers.RMSNormalization()

    def build(self, ids_shape):
        x_shape = (*ids_shape, WIDTH)
        self.table.build(ids_shape)
        self.places.build(ids_shape[1:])
        for block in self.blocks:
            block["attention"].build(x_shape, x_shape)
            for name in ("norm", "second", "gate", "up"):
                block[name].build(x_shape)
            block["down"].build((*ids_shape, HIDDEN))
        self.norm.build(x_shape)

    def call(self, ids):
        x = math.sqrt(WIDTH) * self.table(ids) + self.places(ops.arange(ids.shape[1]))
        for block in self.blocks:
            normal = block["norm"](x)
            x = x + block["attention"](normal, normal, use_causal_mask=True)
            normal = block["second"](x)
            x = x + block["down"](block["gate"](normal) * block["up"](normal))
        return ops.matmul(self.norm(x), ops.transpose(self.table.embeddings))


def _compiled(layer):
    symbol = keras.Input((LENGTH,), dtype="int32")
    model = keras.Model(symbol, _logits(layer(symbol)))
    rate = keras.optimizers.schedules.CosineDecay(
        1e-4, STEPS - ROUND, alpha=0.05, warmup_target=3e-3, warmup_steps=ROUND
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.05, beta_2=0.98, global_clipnorm=1.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=False)  # compiling takes longer
    return model


def _logits(answer):
    return answer[0] if isinstance(answer, tuple) else answer


def _draw(ids, steps, rng):
    """Random sequences for some steps, and what follows each piece."""
    starts = rng.integers(0, len(ids) - LENGTH, (steps * BATCH, 1))
    drawn = ids[starts + np.arange(LENGTH + 1)]
    return drawn[:, :-1], drawn[:, 1:]


def _cut(ids):
    """All of a text in sequences, one behind the other, and what follows each piece."""
    rows = (len(ids) - 1) // LENGTH
    return ids[: rows * LENGTH].reshape(rows, -1), ids[1 : rows * LENGTH + 1].reshape(rows, -1)
