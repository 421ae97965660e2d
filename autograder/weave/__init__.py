"""The weaver: lesson prose, scaffolds, solutions and checks become nbgrader notebooks."""

from autograder.weave.notebook import (
    EXPERIMENT,
    lesson_keys,
    lesson_texts,
    released,
    released_notebook,
    source_notebook,
    to_text,
)
from autograder.weave.scaffold import scaffold

__all__ = [
    "EXPERIMENT",
    "lesson_keys",
    "lesson_texts",
    "released",
    "released_notebook",
    "scaffold",
    "source_notebook",
    "to_text",
]
