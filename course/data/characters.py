"""Text as characters: one id for each, and pairs of texts as arrays of ids.

The ids below 4 are those of every vocabulary of the course: PAD, START, END and UNK.
"""

from dataclasses import dataclass

import numpy as np

PAD, START, END, UNK = range(4)
SPECIALS = 4  # ids that no character has


def spelled(ids, shown):
    """Return the text of some ids: what stands before the first END.

    shown: list of str, what each id is shown as; START and PAD as nothing.
    Raises ValueError for an id that is not among them.
    """
    parts = []
    for number in map(int, ids):
        if number == END:
            break
        if not 0 <= number < len(shown):
            raise ValueError(f"Every id must be in 0 to {len(shown) - 1}. Received: {number}")
        parts.append(shown[number])
    return "".join(parts)


class Characters:
    """Number the characters of an alphabet from 4 on; turn texts into ids, and ids into a text.

    alphabet: str, every character once, in the order of their ids. It is fixed with the data, so
        that a model trained today reads the ids of tomorrow.

    >>> characters = Characters("ab")
    >>> characters.encode("abba!")
    [4, 5, 5, 4, 3]
    >>> characters.decode([1, 4, 5, 2, 4])
    'ab'
    """

    def __init__(self, alphabet):
        if len(set(alphabet)) != len(alphabet):
            raise ValueError(f"`alphabet` must hold each character once. Received: {alphabet!r}")
        self.alphabet = alphabet
        self.ids = {character: number for number, character in enumerate(alphabet, SPECIALS)}
        self._shown = ["", "", "", "\N{REPLACEMENT CHARACTER}", *alphabet]

    def __len__(self):
        """The number of ids, those of PAD, START, END and UNK among them."""
        return SPECIALS + len(self.alphabet)

    def encode(self, text):
        """Return the ids of a text, UNK for a character that is not in the alphabet."""
        return [self.ids.get(character, UNK) for character in text]

    def decode(self, ids):
        """Return the text of some ids: what stands before the first END, START and PAD left out.

        UNK is shown as `�`. Raises ValueError for an id that no character has.
        """
        return spelled(ids, self._shown)


@dataclass(frozen=True)
class Pairs:
    """Texts and what they are to become: `sources` and `targets` are lists of one length."""

    sources: list
    targets: list

    def __post_init__(self):
        if len(self.sources) != len(self.targets):
            raise ValueError(
                f"There must be one target a source. Received: {len(self.sources)} sources and "
                f"{len(self.targets)} targets"
            )

    def __len__(self):
        return len(self.sources)

    def __getitem__(self, rows):
        """Return the pairs of a slice."""
        return Pairs(self.sources[rows], self.targets[rows])

    def source_ids(self, characters):
        """Return one list of ids a source; a source needs neither START nor END."""
        return [characters.encode(text) for text in self.sources]

    def target_ids(self, characters):
        """Return one list of ids a target, from START to END."""
        return [[START, *characters.encode(text), END] for text in self.targets]


def padded(rows, length):
    """Return lists of ids as one array `(len(rows), length)` of int32, PAD behind each.

    Raises ValueError where a row is longer: cut off, it would lose its END.
    """
    array = np.full((len(rows), length), PAD, "int32")
    for number, row in enumerate(rows):
        if len(row) > length:
            raise ValueError(f"`length` must be at least {len(row)}. Received: length={length}")
        array[number, : len(row)] = row
    return array
