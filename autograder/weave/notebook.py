"""Weave a lesson into notebooks: the instructor's source and the one that students open."""

import copy
import hashlib

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.exercises import EXERCISES
from autograder.keys import make_key
from autograder.weave import lesson as lessons
from autograder.weave.scaffold import solution_cell

EXPERIMENT = "experiment"  # the tag of cells that are not run when grading
RELEASE = (LockCells, ClearSolutions, ClearOutput, ClearHiddenTests, ComputeChecksums)


def source_notebook(slug):
    """Return the instructor's notebook of a lesson: solutions and hidden checks in place."""
    lesson = lessons.read(slug)
    cells = [_title_cell(lesson)]
    for part in lesson.parts:
        cells += _cells(part)
    _give_ids(cells)
    notebook = new_notebook(cells=cells)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.validate(notebook)
    return notebook


def released_notebook(slug):
    """Return the notebook of a lesson that a student opens."""
    return released(source_notebook(slug))


def released(source):
    """Return a source notebook without its answers, by `nbgrader generate_assignment`'s steps."""
    notebook, resources = copy.deepcopy(source), {}
    for preprocessor in RELEASE:
        notebook, resources = preprocessor().preprocess(notebook, resources)
    return notebook


def to_text(notebook):
    """Return a notebook as the bytes that are committed: the same input gives the same text."""
    return nbformat.writes(notebook, version=4) + "\n"


def lesson_texts(slug):
    """Return what `check` and `hint` say in a lesson, by exercise id."""
    lesson = lessons.read(slug)
    return {block.id: _texts(EXERCISES[block.id], block) for block in lesson.blocks.values()}


def _texts(exercise, block):
    texts = {
        "title": exercise.title,
        "hints": block.hints,
        "goes_wrong": block.goes_wrong,
        "forbidden": exercise.forbidden,
        "misconceptions": {
            m.id: {"title": m.title, "explanation": m.explanation, "hint": m.hint}
            for m in exercise.misconceptions
        },
    }
    return {**texts, "attachment": exercise.attachment} if exercise.attachment else texts


def lesson_keys(slug):
    """Return the visible keys of a lesson, by exercise id."""
    return {name: make_key(EXERCISES[name]) for name in lessons.read(slug).blocks}


def _cells(part):
    if isinstance(part, str):
        return [new_markdown_cell(part)]
    if isinstance(part, lessons.CodeCell):
        return [_code_cell(part.source, part.tags)]
    exercise = EXERCISES[part.id]
    check = _check(exercise)
    return [
        new_markdown_cell(f"{_heading(exercise, part)}\n\n{part.task}"),
        _graded(new_code_cell(solution_cell(exercise)), exercise.cell, solution=True, locked=False),
        _graded(
            new_code_cell(check, metadata={"tags": ["raises-exception"]}),
            exercise.check_cell,
            grade=True,
            points=exercise.points,
        ),
    ]


def _check(exercise):
    if exercise.attachment:
        own = "".join(f", {EXERCISES[name].name}" for name in exercise.uses)
        return f'check("{exercise.id}", "{exercise.attachment}"{own})'
    return (
        f'check("{exercise.id}", {exercise.name})\n'
        f"### BEGIN HIDDEN TESTS\n"
        f'probe_hidden("{exercise.id}", {exercise.name})\n'
        f"### END HIDDEN TESTS"
    )


def _code_cell(source, tags):
    """A cell of the lesson itself: with tags an experiment, without one that grading needs, too."""
    cell = new_code_cell(source)
    if tags:
        cell.metadata["tags"] = list(tags)
        return cell
    return _graded(cell, f"setup-{_digest(source)}")


def _graded(cell, grade_id, grade=False, solution=False, locked=True, points=None):
    """Add nbgrader's metadata, schema 3."""
    cell.metadata["nbgrader"] = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    cell.id = grade_id
    return cell


def _heading(exercise, block):
    points = f"{exercise.points:g} point{'s' * (exercise.points != 1)}"
    worth = points if exercise.points else "ungraded"
    stars = "●" * block.difficulty + "○" * (3 - block.difficulty)
    facts = f"`{exercise.id}` · {worth} · {block.minutes} minutes · {stars}"
    return f"### Exercise: {exercise.title}\n\n{facts}"


def _title_cell(lesson):
    front = lesson.front
    goals = "\n".join(f"- {goal}" for goal in front.goals)
    needs = "\n".join(f"- {need}" for need in front.prerequisites)
    number = int(lesson.slug.split("-")[0])
    return new_markdown_cell(
        f"# Lesson {number}: {front.title}\n\n*{front.question}*\n\n"
        f"**After this lesson you can**\n\n{goals}\n\n"
        f"**You need**\n\n{needs}\n\n**Time:** about {front.minutes} minutes."
    )


def _give_ids(cells):
    """Give each cell an id that depends on its own text only, so that an edit moves no other."""
    seen = {}
    for cell in cells:
        if "nbgrader" in cell.metadata:
            continue
        stem = _digest(cell.source)
        seen[stem] = seen.get(stem, 0) + 1
        cell.id = f"c-{stem}" + (f"-{seen[stem]}" if seen[stem] > 1 else "")


def _digest(source):
    return hashlib.sha256(source.encode()).hexdigest()[:10]
