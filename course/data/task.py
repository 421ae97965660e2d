"""A task: where its pairs come from, and the sizes that a model for it is compiled for."""

from collections.abc import Callable
from dataclasses import dataclass

from course.data.characters import Characters, padded


@dataclass(frozen=True)
class Task:
    """Texts that are to become other texts, character by character.

    name: of the task.    draw: `draw(split, count, seed)` returns that many `Pairs`.
    characters: of sources and targets alike.
    source_length: ids of the longest source; target_length: of the longest target, with START and
        END. Everything is padded to these, since a model is compiled anew for every other length.
    """

    name: str
    draw: Callable
    characters: Characters
    source_length: int
    target_length: int

    units = "characters"  # what an id stands for

    @property
    def alphabet(self):
        """The characters in the order of their ids."""
        return self.characters.alphabet

    def sources(self, pairs):
        """Return the ids of the sources, `(len(pairs), source_length)`."""
        return padded(pairs.source_ids(self.characters), self.source_length)

    def targets(self, pairs):
        """Return the ids of the targets, `(len(pairs), target_length)`."""
        return padded(pairs.target_ids(self.characters), self.target_length)
