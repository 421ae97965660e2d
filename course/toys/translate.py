"""A toy translation, English to French: an encoder-decoder of Keras' own layers, and what it makes.

The French article and adjective depend on a noun that comes after them in English, or elsewhere:
"the black cow slept" is "la vache noire dormait". A model that does not look cannot know.
"""

from dataclasses import dataclass, field
from itertools import product

import keras
import numpy as np
from keras import ops

from course.progress import Progress
from course.toys.translator import Translator

NOUNS = {
    "cat": ("le", "chat"), "dog": ("le", "chien"), "wolf": ("le", "loup"), "fox": ("le", "renard"),
    "cow": ("la", "vache"), "mouse": ("la", "souris"), "goat": ("la", "chèvre"),
    "hen": ("la", "poule"),
}  # fmt: skip
ADJECTIVES = {"black": ("noir", "noire"), "white": ("blanc", "blanche"), "grey": ("gris", "grise")}
VERBS = {
    "sat": "s'assit", "slept": "dormait", "ate": "mangeait", "ran": "courait", "sang": "chantait"
}  # fmt: skip
PAD, START, END = range(3)
WIDTH, HEADS, HIDDEN = 32, 4, 64
SOURCE_LENGTH, TARGET_LENGTH = 5, 5  # four words and END; START and four words
STEPS, BATCH, ROUND = 120, 32, 12  # steps in all, pairs a step, steps between two measurements
HELD_OUT = 32  # pairs that are not trained on


def pairs():
    """Return all sentences as (English, French), in a fixed order."""
    made = []
    for noun, adjective, verb in product(NOUNS, (None, *ADJECTIVES), VERBS):
        article, name = NOUNS[noun]
        ending = ADJECTIVES[adjective][article == "la"] if adjective else None
        english = ["the", adjective, noun, verb]
        made.append((english, [article, name, ending, VERBS[verb]]))
    return [(" ".join(filter(None, one)), " ".join(filter(None, other))) for one, other in made]


def _words():
    """All words of both languages, English first, behind the three special tokens."""
    languages = zip(*pairs(), strict=True)
    words = [dict.fromkeys(" ".join(texts).split()) for texts in languages]
    return ["[PAD]", "[START]", "[END]", *words[0], *words[1]]


WORDS = _words()
IDS = {word: number for number, word in enumerate(WORDS)}


def encode(texts, length, start=False):
    """Return ids `(B, length)`: the words and END, or START and the words; then padding."""
    ids = np.full((len(texts), length), PAD, "int32")
    for row, text in zip(ids, texts, strict=True):
        numbers = [IDS[word] for word in text.split()]
        numbers = [START, *numbers] if start else [*numbers, END]
        row[: len(numbers)] = numbers
    return ids


@dataclass
class Result:
    """What a training left behind, for `plots.translation_training`.

    steps: list of ints.    right: share of held-out sentences whose translation, written word by
        word, is right to the last one.
    examples: `(English, French, what the model wrote)` of held-out sentences.
    """

    model: keras.Model
    steps: list
    right: list = field(default_factory=list)
    examples: list = field(default_factory=list)

    def trace(self, english, french):
        """Return what the course's own model makes of one source and what is written so far."""
        source = encode([english], len(english.split()) + 1)
        target = encode([french], len(french.split()) + 1, start=True)
        arrays = self.model.trace({"source": source, "target": target})
        arrays = {name: ops.convert_to_numpy(array) for name, array in arrays.items()}
        return Trace([WORDS[i] for i in source[0]], [WORDS[i] for i in target[0]], arrays)


@dataclass
class Trace:
    """One sentence on its way through a model.

    source, target: lists of tokens.    arrays: by the name of the step, in the order of the steps;
        the last one is `"probabilities"`, `(1, T, V)`.
    """

    source: list
    target: list
    arrays: dict

    def next_words(self, count=5):
        """The likeliest next words behind each position of the target, with their probabilities."""
        best = np.argsort(-self.arrays["probabilities"][0], axis=-1)[:, :count]
        return [
            [(WORDS[i], float(row[i])) for i in order]
            for order, row in zip(best, self.arrays["probabilities"][0], strict=True)
        ]

    def __str__(self):
        lines = [f"{name:<16} {array.shape}" for name, array in self.arrays.items()]
        return "\n".join(lines)


def train(model=None, seed=3):
    """Train a small translator; show progress; return a `Result`.

    model: called as `model({"source": ids, "target": ids})`, such as your `Transformer(
        len(translate.WORDS), d_model=32, num_layers=1, num_heads=4, hidden_dim=64)`. Without it,
        one of Keras' own layers is trained.
    Sets the seed of Keras, NumPy and Python, so that the same call shows the same run.
    """
    keras.utils.set_random_seed(seed)
    model = model or Translator(len(WORDS), WIDTH, HEADS, HIDDEN)
    order = np.random.default_rng(seed).permutation(len(pairs()))
    shuffled = [pairs()[place] for place in order]
    held_out, trained = shuffled[:HELD_OUT], shuffled[HELD_OUT:]
    inputs, labels = _batch(trained)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    model.compile(keras.optimizers.Adam(5e-3), loss, jit_compile=False)  # compiling takes longer
    result = Result(model, list(range(0, STEPS + 1, ROUND)))
    epochs = ROUND * BATCH // len(trained)
    with Progress("Training", total=STEPS) as progress:
        for step in result.steps:
            if step:
                model.fit(inputs, labels, batch_size=BATCH, epochs=epochs, verbose=0)
            written = write(model, [english for english, _ in held_out])
            right = [ours == french for ours, (_, french) in zip(written, held_out, strict=True)]
            result.right.append(float(np.mean(right)))
            progress.advance(ROUND if step else 0, note=f"{result.right[-1]:.0%} right")
    result.examples = [(*pair, ours) for pair, ours in zip(held_out, written, strict=True)]
    return result


def write(model, english):
    """Translate texts: the likeliest word again and again, each put behind those before it."""
    source = encode(english, SOURCE_LENGTH)
    target = np.full((len(english), TARGET_LENGTH + 1), PAD, "int32")
    target[:, 0] = START
    for place in range(TARGET_LENGTH):
        logits = model({"source": source, "target": target[:, :-1]})
        target[:, place + 1] = np.argmax(ops.convert_to_numpy(logits)[:, place], axis=-1)
    return [_text(ids) for ids in target[:, 1:]]


def _text(ids):
    words = [WORDS[number] for number in ids]
    return " ".join(words[: words.index("[END]")] if "[END]" in words else words)


def _batch(some):
    """Inputs and labels: the labels are the target, one place on, with END."""
    english, french = zip(*some, strict=True)
    target = encode(french, TARGET_LENGTH, start=True)
    return {
        "source": encode(english, SOURCE_LENGTH),
        "target": target,
    }, encode(french, TARGET_LENGTH)
