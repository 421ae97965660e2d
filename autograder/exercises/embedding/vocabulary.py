"""`embedding.vocabulary`: number the words of texts, and turn texts into ids and back."""

import re

from autograder.exercises.embedding.sentences import WORDS, sentence
from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import embedding
from solutions.embedding import END, PAD, SPECIALS, START, UNK

ROSE = "a rose is a rose is a rose"
SIGNS = "Rose,  rose:\n(rose is a?)"


def case(name, texts, *calls, max_words=None, **options):
    """Build a vocabulary of `texts`, then make calls of `(method, arguments)`."""
    steps = [Call([texts], method="build", observe=())]
    steps += [Call(list(arguments), method=method) for method, *arguments in calls]
    construct = {"max_words": max_words}
    return Case(name, tuple(steps), construct=construct, tolerance=EXACT, because="", **options)


def there_and_back(name, texts, text, max_words=None):
    """Encode a text, and decode the ids that a right answer gives.

    The last four ids of the vocabulary are left out: for who numbers the words from 0 they are too
    large, and the exception would hide the mistake.
    """
    vocabulary = embedding.Vocabulary(max_words)
    vocabulary.build(texts)
    known = len(vocabulary.tokens) - len(SPECIALS)
    ids = [number for number in vocabulary.encode(text) if number < known]
    calls = ("encode", text), ("decode", ids)
    return case(name, texts, *calls, max_words=max_words)


def refused(name, texts, method, *arguments):
    """A call that must raise a ValueError."""
    return case(name, texts, (method, *arguments), raises=True, points=0.5)


def visible():
    return [
        case(
            "by hand: a rose is a rose is a rose",
            [ROSE],
            ("encode", "a rose is a tulip"),
            ("encode", "a tulip"),
            ("pad", [1, 7, 4, 2], 6),
            ("decode", [1, 3, 2, 0, 0]),
        ),
        there_and_back("signs, spaces and capitals", [SIGNS, ROSE], SIGNS, max_words=8),
        refused("an id below zero is refused", [ROSE], "decode", [1, 4, -1, 2]),
        refused("a length that is too short is refused", [ROSE], "pad", [1, 7, 4, 5, 2], 3),
    ]


def hidden(rng):
    texts = [[sentence(rng, length) for length in (7, 9, 11)] for _ in range(6)]
    ids = [int(number) for number in rng.integers(0, 12, 9)]
    return [
        there_and_back("a text that was counted", texts[0], texts[0][1]),
        there_and_back("a text with unknown words", texts[1], texts[2][0]),
        there_and_back("only the most frequent", [sentence(rng, 50, WORDS[::3])], texts[1][0], 6),
        case("unknown words twice", texts[3], ("encode", texts[4][0]), ("encode", texts[4][1])),
        case("ids of every kind", texts[3], ("decode", ids)),
        case("padded", texts[4], ("pad", [1, *ids, 2], int(rng.integers(14, 20)))),
        refused("an id below zero", texts[5], "decode", [1, int(rng.integers(-4, 0)), 2]),
        refused("an id too large", texts[5], "decode", [1, int(rng.integers(80, 90)), 2]),
        refused("a length too short", texts[5], "pad", ids, int(rng.integers(2, 8))),
    ]


EXERCISE = Exercise(
    id="embedding.vocabulary",
    title="From text to ids and back",
    kind="class",
    points=5,
    reference=embedding.Vocabulary,
    visible=visible,
    hidden=hidden,
    write=("build", "encode", "pad", "decode"),
)


@EXERCISE.misconception(
    "end-forgotten",
    title="no END after the text",
    explanation="A model that never reads END never learns to write it: its sentences do not stop.",
    hint="What are the first and the last id of an encoded text?",
)
class Vocabulary(embedding.Vocabulary):
    def encode(self, text):
        return [START, *(self.ids.get(word, UNK) for word in self.split(text))]


@EXERCISE.misconception(
    "unknown-words-dropped",
    title="leaving unknown words out",
    explanation="A sentence without its unknown words says something else, and nobody can tell "
    "that anything is missing. UNK keeps the place.",
    hint="How many ids does a text of two words have when neither is known?",
)
class Vocabulary(embedding.Vocabulary):
    def encode(self, text):
        return [START, *(self.ids[word] for word in self.split(text) if word in self.ids), END]


@EXERCISE.misconception(
    "grows-while-encoding",
    title="giving unknown words a new id",
    explanation="The embedding table has one row for each word that was counted. An id that is "
    "invented later has no row, and words of a test set leak into the vocabulary.",
    hint="May `encode` change the vocabulary?",
)
class Vocabulary(embedding.Vocabulary):
    def encode(self, text):
        for word in self.split(text):
            if word not in self.ids:
                self.ids[word] = len(self.tokens)
                self.tokens.append(word)
        return [START, *(self.ids[word] for word in self.split(text)), END]


@EXERCISE.misconception(
    "cut-to-length",
    title="cutting a long text off",
    explanation="What is cut off first is END, so that the model is taught a sentence that has "
    "none.",
    hint="Which id does a text lose first when it is cut?",
)
class Vocabulary(embedding.Vocabulary):
    def pad(self, ids, length):
        return (ids + [PAD] * length)[:length]


@EXERCISE.misconception(
    "ids-not-checked",
    title="not checking ids",
    explanation="Python counts a negative index from the end: an id of −1 quietly becomes the last "
    "word of the vocabulary.",
    hint="What does Python give for `tokens[-1]`?",
)
class Vocabulary(embedding.Vocabulary):
    def decode(self, ids):
        return "".join(self.tokens[number] for number in ids if number not in (PAD, START, END))


@EXERCISE.misconception(
    "specials-in-the-text",
    title="writing PAD, START and END into the text",
    explanation="A translation that ends in [END][PAD][PAD] equals no expected sentence, however "
    "good it is.",
    hint="What should be left of START and PAD when a reader sees the text?",
)
class Vocabulary(embedding.Vocabulary):
    def decode(self, ids):
        if min(ids) < 0 or max(ids) >= len(self.tokens):
            raise ValueError("Ids must be in the vocabulary")
        return "".join(self.tokens[number] for number in ids)


@EXERCISE.variant
class Vocabulary(embedding.Vocabulary):
    def build(self, texts):
        counts = {}
        for word in self.split("".join(texts)):
            counts[word] = counts.get(word, 0) + 1
        words = sorted(counts, key=lambda word: -counts[word])
        self.tokens = SPECIALS + words[: self.max_words]
        self.ids = dict(zip(self.tokens, range(len(self.tokens)), strict=True))
        return self


@EXERCISE.variant
class Vocabulary:
    def __init__(self, max_words=None):
        self.max_words = max_words
        self.tokens, self.ids = list(SPECIALS), {}

    def build(self, texts):
        counts = {}
        for text in texts:
            for word in re.findall(r" ?\w+| ?[^\w\s]|\s", text):
                counts[word] = counts.get(word, 0) + 1
        words = sorted(counts, key=counts.get, reverse=True)  # stable: ties stay in their order
        for word in words if self.max_words is None else words[: self.max_words]:
            self.tokens.append(word)
        self.ids = {word: 4 + place for place, word in enumerate(self.tokens[4:])}

    def encode(self, text):
        ids = [START]
        for word in re.findall(r" ?\w+| ?[^\w\s]|\s", text):
            ids.append(self.ids.get(word, UNK))
        ids.append(END)
        return ids

    def pad(self, ids, length):
        while len(ids) < length:
            ids = [*ids, PAD]
        if len(ids) == length:
            return ids
        raise ValueError("too long")

    def decode(self, ids):
        text = ""
        for number in ids:
            if number < 0 or number > len(self.tokens) - 1:
                raise ValueError("no such id")
            if number == UNK or number > UNK:
                text += self.tokens[number]
        return text
