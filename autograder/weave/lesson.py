"""A lesson's text as data: front matter, prose, code cells and exercise blocks."""

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import jupytext
import yaml

from autograder.weave.directives import LessonError, numbered_items, split, to_markdown


@dataclass(frozen=True)
class FrontMatter:
    """What stands above a lesson.

    title: of the lesson.    question: that it answers, one sentence.    minutes: to work through.
    goals: what the reader can do afterwards.    prerequisites: what the reader needs.
    """

    title: str
    question: str
    minutes: int
    goals: list
    prerequisites: list


@dataclass(frozen=True)
class ExerciseBlock:
    """An exercise's place in the prose: its task, its hints and what goes wrong."""

    id: str
    minutes: int
    difficulty: int  # 1 to 3
    task: str
    hints: list
    goes_wrong: str


@dataclass(frozen=True)
class CodeCell:
    """A code cell of the lesson. Tagged `experiment` it is not run when grading."""

    source: str
    tags: tuple


@dataclass(frozen=True)
class Lesson:
    """A lesson: `parts` are strings of Markdown, `CodeCell`s and `ExerciseBlock`s, in order."""

    slug: str
    front: FrontMatter
    parts: list

    @property
    def blocks(self):
        """The exercise blocks by exercise id."""
        return {part.id: part for part in self.parts if isinstance(part, ExerciseBlock)}


def slugs():
    """Return the lessons' names in order, such as `03-attention`."""
    return sorted(p.name.removesuffix(".md") for p in _folder().iterdir() if p.name.endswith(".md"))


@cache
def read(slug):
    """Return a lesson by name. Raises LessonError with the lesson's name and what must hold."""
    try:
        return parse(slug, (_folder() / f"{slug}.md").read_text(encoding="utf-8"))
    except LessonError as error:
        raise LessonError(f"{slug}: {error}") from None


def parse(slug, text):
    """Return the `Lesson` that `text` describes."""
    front, body = _front_matter(text)
    parts = []
    for cell in jupytext.reads(body, fmt="md:myst").cells:
        if cell.cell_type == "code":
            parts.append(CodeCell(cell.source, tuple(cell.metadata.get("tags", []))))
        else:
            parts += _prose(cell.source)
    return Lesson(slug, front, parts)


def _folder():
    return files("course") / "lessons"


def _front_matter(text):
    _, matter, body = text.split("---\n", 2) if text.startswith("---\n") else ("", "", text)
    found = yaml.safe_load(matter) or {}
    known = {field.name for field in fields(FrontMatter)}
    if set(found) != known:
        raise LessonError(f"The front matter must hold {sorted(known)}. Received: {sorted(found)}")
    return FrontMatter(**found), body


def _prose(text):
    """Split one Markdown cell at its exercises; admonitions stay in the prose around them."""
    parts, prose = [], []
    for part in split(text):
        if isinstance(part, str):
            prose.append(part.strip("\n"))
        elif part.name == "exercise":
            parts += [to_markdown("\n\n".join(prose))] if prose else []
            parts.append(_exercise(part))
            prose = []
        else:
            prose.append(_as_written(part))
    return [*parts, to_markdown("\n\n".join(prose))] if prose else parts


def _as_written(part):
    options = "".join(f":{key}: {value}\n" for key, value in part.options.items())
    fence = "::::::"
    return f"{fence}{{{part.name}}} {part.argument}\n{options}{part.body}\n{fence}"


def _exercise(part):
    inner = {p.name: p.body for p in split(part.body) if not isinstance(p, str)}
    task = "\n\n".join(
        p if isinstance(p, str) else _as_written(p)
        for p in split(part.body)
        if isinstance(p, str) or p.name == "admonition"
    )
    if not {"hints", "goes-wrong"} <= set(inner) or not {"minutes", "difficulty"} <= set(
        part.options
    ):
        raise LessonError(
            f"The exercise {part.argument} must have `:minutes:`, `:difficulty:`, a `hints` and a "
            f"`goes-wrong` block. Received: {sorted(part.options)} and {sorted(inner)}"
        )
    return ExerciseBlock(
        id=part.argument,
        minutes=int(part.options["minutes"]),
        difficulty=int(part.options["difficulty"]),
        task=to_markdown(task),
        hints=numbered_items(inner["hints"]),
        goes_wrong=to_markdown(inner["goes-wrong"]),
    )
