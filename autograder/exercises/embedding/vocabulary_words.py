"""`embedding.vocabulary`: mistakes about what a word is, and which number it gets."""

import re
from collections import Counter

from autograder.exercises.embedding.vocabulary import EXERCISE
from solutions import embedding
from solutions.embedding import END, PAD, SPECIALS, START


@EXERCISE.misconception(
    "words-from-zero",
    title="numbering the words from 0",
    explanation="The first four words then share their ids with PAD, START, END and UNK: they are "
    "taken for padding, and vanish when decoded.",
    hint="Which token has id 0, and may a word have that id, too?",
)
class Vocabulary(embedding.Vocabulary):
    def build(self, texts):
        counts = Counter(word for text in texts for word in self.split(text))
        self.tokens = [word for word, _ in counts.most_common(self.max_words)]
        self.ids = {token: number for number, token in enumerate(self.tokens)}


@EXERCISE.misconception(
    "order-of-appearance",
    title="numbering the words in the order in which they appear",
    explanation="With `max_words` the words that happen to come first are kept, however rare, and "
    "not those that occur most often.",
    hint="If only five words may have an id, which five should it be?",
)
class Vocabulary(embedding.Vocabulary):
    def build(self, texts):
        words = dict.fromkeys(word for text in texts for word in self.split(text))
        self.tokens = SPECIALS + list(words)[: self.max_words]
        self.ids = {token: number for number, token in enumerate(self.tokens)}


@EXERCISE.misconception(
    "alphabetical-order",
    title="numbering the words by the alphabet",
    explanation="With `max_words` the vocabulary ends somewhere in the alphabet, however often the "
    "words beyond that place occur.",
    hint="If only five words may have an id, which five should it be?",
)
class Vocabulary(embedding.Vocabulary):
    def build(self, texts):
        words = sorted({word for text in texts for word in self.split(text)})
        self.tokens = SPECIALS + words[: self.max_words]
        self.ids = {token: number for number, token in enumerate(self.tokens)}


@EXERCISE.misconception(
    "specials-counted-as-words",
    title="counting the four special tokens as words",
    explanation="`max_words` limits the words. PAD, START, END and UNK have their ids besides.",
    hint="With max_words=8, how long should the list of tokens be?",
)
class Vocabulary(embedding.Vocabulary):
    def build(self, texts):
        counts = Counter(word for text in texts for word in self.split(text))
        self.tokens = (SPECIALS + [word for word, _ in counts.most_common()])[: self.max_words]
        self.ids = {token: number for number, token in enumerate(self.tokens)}


@EXERCISE.misconception(
    "lower-case",
    title="turning everything into lower case",
    explanation="The vocabulary becomes smaller, and the capitals never come back: what is decoded "
    "is not what was encoded.",
    hint="Where do the capitals go, and can `decode` bring them back?",
)
class Vocabulary(embedding.Vocabulary):
    def split(self, text):
        return re.findall(r" ?\w+| ?[^\w\s]|\s", text.lower())


@EXERCISE.misconception(
    "spaces-lost",
    title="splitting at spaces and joining with spaces",
    explanation="Two spaces become one, a line break becomes a space, and a word with a comma "
    "behind it is another word than the same one without.",
    hint="What becomes of two spaces in a row, or of a line break, when a text is split at them?",
)
class Vocabulary(embedding.Vocabulary):
    def split(self, text):
        return text.split()

    def decode(self, ids):
        if min(ids) < 0 or max(ids) >= len(self.tokens):
            raise ValueError("Ids must be in the vocabulary")
        return " ".join(self.tokens[number] for number in ids if number not in (PAD, START, END))
