"""A toy task that makes vectors of words: guess a word that comes soon after a given one.

The sentences are made by a small grammar, such as "the queen lost her crown". What follows a noun
depends on two things it says of nobody: whether it takes "his" or "her", and to which family it
belongs. Nobody tells the model about either.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from course.progress import Progress

FAMILIES = {  # a family: its nouns that go with "his", with "her", and the things they lose
    "court": ("king", "queen", "crown throne castle jewels"),
    "street": ("man", "woman", "hat coat umbrella letter"),
    "playground": ("boy", "girl", "ball kite sandwich whistle"),
    "relatives": ("uncle", "aunt", "glasses recipe album slippers"),
}
PRONOUNS = ("his", "her")
VERBS = ("lost", "found", "hid", "liked")
NOUNS = [noun for his, her, _ in FAMILIES.values() for noun in (his, her)]
THINGS = [thing for *_, things in FAMILIES.values() for thing in things.split()]
WORDS = [*NOUNS, *PRONOUNS, *VERBS, *THINGS, "the"]
IDS = {word: number for number, word in enumerate(WORDS)}
WIDTH = 12
NOISE = 0.12  # of pronouns and of things are drawn at random
PAIRS = 10  # of a word and a later one, in a sentence of five
STEPS, BATCH, ROUND = 400, 250, 20  # in all, pairs a step, steps between two measurements


@dataclass
class Result:
    """What a training left behind, for `plots.word_map`.

    steps, vectors, losses: one entry a measurement, the first before training; `vectors` holds
        `(V, d)` tables with rows in the order of `WORDS`, `losses` nats a word.
    """

    steps: list = field(default_factory=list)
    vectors: list = field(default_factory=list)
    losses: list = field(default_factory=list)

    def measure(self, step, embedding, loss):
        ids = np.arange(len(WORDS), dtype="int32")[:, None]
        self.steps.append(step)
        self.vectors.append(ops.convert_to_numpy(embedding(ids))[:, 0])
        self.losses.append(loss)


def sentence(rng):
    """Return the five words of a random sentence."""
    his, her, things = list(FAMILIES.values())[rng.integers(len(FAMILIES))]
    gender = rng.integers(2)
    pronoun, thing = PRONOUNS[gender], rng.choice(things.split())
    if rng.random() < NOISE:
        pronoun = PRONOUNS[rng.integers(2)]
    if rng.random() < NOISE:
        thing = rng.choice(THINGS)
    return ["the", (his, her)[gender], str(rng.choice(VERBS)), pronoun, str(thing)]


def pairs(count, rng):
    """Return `(words, soon_after)`, ids: each word of `count` sentences with each one behind it."""
    words, after = [], []
    for _ in range(count):
        ids = [IDS[word] for word in sentence(rng)]
        for place, word in enumerate(ids):
            for other in ids[place + 1 :]:
                words.append(word)
                after.append(other)
    return np.array(words, "int32"), np.array(after, "int32")


def train(embedding=None, seed=5):
    """Train vectors of words to say which words come soon after; show progress; return a `Result`.

    embedding: a layer from ids `(B, 1)` to vectors `(B, 1, d)`, such as your
        `TokenEmbedding(len(company.WORDS), company.WIDTH)`. Without it, Keras' own `Embedding`.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    embedding = embedding or keras.layers.Embedding(len(WORDS), WIDTH)
    model, result = _model(embedding), Result()
    held_out = pairs(500, rng)
    result.measure(0, embedding, _loss(model, *held_out))
    with Progress("Training", total=STEPS) as progress:
        for step in range(ROUND, STEPS + 1, ROUND):
            words, after = pairs(ROUND * BATCH // PAIRS, rng)
            model.fit(words[:, None], after, batch_size=BATCH, verbose=0)
            result.measure(step, embedding, _loss(model, *held_out))
            progress.advance(ROUND, note=f"{result.losses[-1]:.2f} nats a word")
    return result


def nearest(vectors, word, count=3):
    """Return the `count` nouns or things whose vectors have the most similar direction."""
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    order = np.argsort(-units @ units[IDS[word]])
    return [WORDS[number] for number in order if WORDS[number] != word][:count]


def _model(embedding):
    """Vector of a word → logits of the words that may come soon after it."""
    ids = keras.Input((1,), dtype="int32")
    logits = keras.layers.Dense(len(WORDS))(embedding(ids)[:, 0])
    model = keras.Model(ids, logits)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    return model


def _loss(model, words, after):
    logits = ops.convert_to_numpy(model(np.arange(len(WORDS), dtype="int32")[:, None]))
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_shares = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return float(-np.mean(log_shares[words, after]))
