"""The text of `pydoc_text` in pieces: the same 504 of them on every version of Python.

The merges of byte-pair encoding are kept in a file, since those learned from another version's text
would be others, and ids would then mean something else to the one who trains and to the one who
grades. A character that the file does not know is the unknown piece. `python -m
course.data.pydoc_pieces` learned them from the training part of this Python, and writes the file.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from course.data import pydoc_text
from course.data.pieces import UNKNOWN, Pieces

MERGES = 400
FILE = Path(__file__).with_name("pydoc-pieces.json")


@dataclass(frozen=True)
class Text:
    """What a language model learns: the text's name, and what the model's ids stand for."""

    name: str
    units: str = "pieces"

    @property
    def alphabet(self):
        """A digest of the pieces in the order of their ids."""
        return hashlib.sha256(json.dumps(read_pieces().tokens).encode()).hexdigest()


DOCUMENTATION = Text("Python's documentation")


@dataclass(frozen=True)
class Corpus:
    """A text in pieces, split by content.

    pieces: a `Pieces`.
    train, visible, hidden: ids of the parts of `pydoc_text.Split`, one topic behind the other.
    """

    pieces: Pieces
    train: np.ndarray
    visible: np.ndarray
    hidden: np.ndarray

    @property
    def vocabulary_size(self):
        """How many pieces there are, `V`."""
        return len(self.pieces.tokens)


@cache
def corpus():
    """Return the text of this Python as a `Corpus`; the second time at once."""
    split, pieces = pydoc_text.load(), read_pieces()
    parts = {
        part: pieces.encode("".join(getattr(split, part)))
        for part in ("train", "visible", "hidden")
    }
    return Corpus(pieces, **parts)


def read_pieces(path=FILE):
    """Return the `Pieces` of a file that `write_pieces` wrote."""
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    return Pieces([kept["characters"]], [tuple(merge) for merge in kept["merges"]])


def write_pieces(path=FILE, merges=MERGES):
    """Learn merges from the training part of this Python's text, and write them."""
    words = pydoc_text.load().train
    learned = Pieces(words, merges)
    kept = {
        "characters": "".join(sorted(set("".join(words)) - {UNKNOWN})),
        "merges": learned.merges,
    }
    Path(path).write_text(json.dumps(kept, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_pieces()
