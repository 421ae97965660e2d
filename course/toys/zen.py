"""A short text that every Python has: its Zen, by Tim Peters, and what can be counted in it."""

import contextlib
import io
import re
from collections import Counter
from functools import cache
from itertools import pairwise


@cache
def text():
    """Return the Zen of Python, 856 characters (PEP 20, in the public domain)."""
    with contextlib.redirect_stdout(io.StringIO()):  # the module prints the text when imported
        import this
    return "".join(this.d.get(character, character) for character in this.s)


def words():
    """Return the words and signs of the text in order, each with the space before it."""
    return re.findall(r" ?\w+| ?[^\w\s]|\s", text())


def followers(word):
    """Return how often each word comes right after `word`, as a `Counter`; capitals are ignored."""
    pairs = pairwise(other.lower() for other in words())
    return Counter(after for before, after in pairs if before.strip() == word.strip().lower())


@cache
def merges(count=120):
    """Return the first `count` merges of a byte-pair encoding of the text, as pairs of tokens."""
    counts = Counter(word for word in words() if word.strip())
    pieces = {word: tuple(word) for word in counts}
    found = []
    while len(found) < count:
        pairs = Counter()
        for word, number in counts.items():
            for pair in pairwise(pieces[word]):
                pairs[pair] += number
        if not pairs:
            break
        found.append(max(pairs, key=pairs.get))
        pieces = {word: merged(tokens, found[-1]) for word, tokens in pieces.items()}
    return found


def cut(word, count):
    """Return the tokens of a word after the first `count` merges."""
    tokens = tuple(word)
    for pair in merges()[:count]:
        tokens = merged(tokens, pair)
    return list(tokens)


def merged(tokens, pair):
    """Join a pair wherever it stands, by a scan from the left; tokens are tuples."""
    found, place = [], 0
    while place < len(tokens):
        size = 2 if tokens[place : place + 2] == pair else 1
        found.append("".join(tokens[place : place + size]))
        place += size
    return tuple(found)
