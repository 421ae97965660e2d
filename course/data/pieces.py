"""Byte-pair encoding as in lesson 01, fast enough to learn hundreds of merges from a long text.

`train_bpe` of lesson 01 counts all pairs again after each merge. Here only the words that hold the
merged pair are counted again. Of equally frequent pairs the alphabetically first is merged.
"""

import re
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

from course.progress import Progress

UNKNOWN = "\ufffd"  # stands for a character that no text learned from has; its id is 0
WORD = re.compile(r" ?\w+| ?[^\w\s]+|\s+")  # a word or signs with the space before, or white space


class Pieces:
    """Turn a text into ids of pieces, and ids into a text.

    texts: list of str to learn from.
    merges: int, how many merges to learn at most; or a list of pairs, merges that were learned.
    Attributes: `tokens`, a list: the piece of each id; `ids`, a dict: the id of each piece;
        `merges`, a list of pairs in the order learned.

    >>> pieces = Pieces(["mug hug hug"], merges=3)
    >>> pieces.tokens[1:]
    [' ', 'g', 'h', 'm', 'u', 'ug', ' h', ' hug']
    >>> [pieces.tokens[number] for number in pieces.encode("mug hug")]
    ['m', 'ug', ' hug']
    """

    def __init__(self, texts, merges):
        words = Counter(word for text in texts for word in WORD.findall(text))
        self.merges = learn_merges(words, merges) if isinstance(merges, int) else list(merges)
        joined = dict.fromkeys(left + right for left, right in self.merges)
        self.tokens = [UNKNOWN, *sorted(set("".join(words)) - {UNKNOWN}), *joined]
        self.ids = {piece: number for number, piece in enumerate(self.tokens)}
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self._known = {}

    def encode(self, text):
        """Return the ids of a text, a one-dimensional int32 array."""
        found = []
        for word in WORD.findall(text):
            if word not in self._known:
                self._known[word] = [self.ids.get(piece, 0) for piece in self._cut(word)]
            found += self._known[word]
        return np.array(found, "int32")

    def decode(self, ids):
        """Return the text of some ids; the inverse of `encode` where all characters are known."""
        return "".join(self.tokens[number] for number in ids)

    def _cut(self, word):
        """The pieces of a word: its earliest merge is made first, then the next."""
        pieces = list(word)
        while len(pieces) > 1:
            pair = min(pairwise(pieces), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if pair not in self._ranks:
                break
            pieces = merged(pieces, pair)
        return pieces


def learn_merges(words, count):
    """Return up to `count` merges, pairs of pieces in the order learned.

    words: dict of how often each word occurs. A word starts as its characters.
    """
    pieces = {word: list(word) for word in words}
    counts, holders = Counter(), defaultdict(set)
    for word in words:
        _count(pieces[word], words[word], word, counts, holders)
    merges = []
    with Progress("Learning merges", total=count, delay=1.0) as progress:
        while len(merges) < count:
            best = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
            if best is None or not counts[best]:
                break
            merges.append(best)
            for word in holders.pop(best):
                _count(pieces[word], -words[word], word, counts, holders)
                pieces[word] = merged(pieces[word], best)
                _count(pieces[word], words[word], word, counts, holders)
            del counts[best]
            progress.advance()
    return merges


def merged(pieces, pair):
    """Join a pair wherever it stands, by a scan from the left; pieces are a list."""
    found, place = [], 0
    while place < len(pieces):
        size = 2 if tuple(pieces[place : place + 2]) == pair else 1
        found.append("".join(pieces[place : place + size]))
        place += size
    return found


def _count(pieces, times, word, counts, holders):
    """Add the pairs of a word to the counts, `times` each; below 0 takes them away."""
    for pair in pairwise(pieces):
        counts[pair] += times
        if times > 0:
            holders[pair].add(word)
        elif not counts[pair]:
            del counts[pair]
