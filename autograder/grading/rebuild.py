"""Rebuild a submission from the instructor's notebook and what the student may change.

From the submission come the sources of solution cells and the code cells that the student added;
everything else, metadata included, comes from the instructor's copy. What was passed over is told
to the student in words.
"""

import ast
import copy
import itertools

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.exercises import EXERCISES
from autograder.weave import released

NOTES = "transformer_course"  # the key in a notebook's metadata; only the grader writes it
BACKEND = "The class chooses the backend: what your cells say of KERAS_BACKEND is ignored."
BY_CELL = {exercise.cell: exercise for exercise in EXERCISES.values()}


class Rebuild(NbGraderPreprocessor):
    """First step of `Autograde.sanitize_preprocessors`."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        folder = CourseDirectory(parent=self).format_path("source", ".", names["assignment"])
        source = nbformat.read(f"{folder}/{names['notebook']}.ipynb", as_version=4)
        return rebuild(nb, source, resources.get("unreadable")), resources


def rebuild(submission, source, unreadable=None):
    """Return the notebook to grade.

    submission: what the student handed in.    source: the instructor's notebook.
    unreadable: why the submission could not be read, if so; then all of it needs review.
    """
    scaffolds = {cell.id: cell.source for cell in released(source).cells}
    answers, added, notes = _sort_cells(submission, source, scaffolds)
    written = itertools.chain(
        *answers.values(), (c.source for c in itertools.chain(*added.values()))
    )
    if any("KERAS_BACKEND" in source for source in written):
        notes.append(BACKEND)
    if unreadable:
        notes = [f"This file could not be read as a notebook: {unreadable}"]
    elif not answers:
        unreadable = "it has none of this lesson's answer cells"
        notes.append("None of this lesson's answer cells is in the notebook: is it another lesson?")
    cells = list(added.get(None, []))
    for cell in copy.deepcopy(source.cells):
        grade_id = _grade_id(cell)
        if grade_id in BY_CELL:
            cell.source = _answer(answers.get(grade_id, []), scaffolds[cell.id])
            if grade_id not in answers and not unreadable:
                notes.append(f"The cell of `{BY_CELL[grade_id].id}` was missing: it was put back.")
        cells += [cell, *added.get(cell.id, [])]
    result = copy.deepcopy(source)
    result.cells = [*_notice(notes), *cells]
    result.metadata[NOTES] = {"notes": notes, "unreadable": unreadable}
    return result


def _sort_cells(submission, source, scaffolds):
    """Return answers by grade id, added cells by the id of the cell before them, and notes."""
    by_source = {text: name for name, text in scaffolds.items()}
    by_grade_id = {_grade_id(cell): cell.id for cell in source.cells if _grade_id(cell)}
    present = {_grade_id(cell) for cell in submission.cells}
    answers, added, notes, anchor = {}, {}, [], None
    for cell in submission.cells:
        grade_id = _grade_id(cell)
        if grade_id not in by_grade_id:
            grade_id = _recovered(cell, present)
        if grade_id in BY_CELL and grade_id in by_grade_id:
            answers.setdefault(grade_id, []).append(cell.source)
            anchor = by_grade_id[grade_id]
            if cell.cell_type != "code":
                notes.append(
                    f"The cell of `{BY_CELL[grade_id].id}` was not a code cell: it is now."
                )
            if not _grade_id(cell):
                notes.append(f"The cell of `{BY_CELL[grade_id].id}` was found by what it defines.")
            continue
        home = by_grade_id.get(grade_id) or (
            cell.get("id") if cell.get("id") in scaffolds else None
        )
        home = home or by_source.get(cell.source)
        if home:
            anchor = home
            if cell.cell_type == "code" and cell.source.strip() != scaffolds[home].strip():
                notes.append(
                    f"Your changes to the cell that starts with `{_first_line(cell.source)}` were "
                    f"not run: code of your own belongs in a cell of your own."
                )
        elif cell.cell_type == "code":
            added.setdefault(anchor, []).append(new_code_cell(cell.source))
    duplicates = [BY_CELL[name].id for name, sources in answers.items() if len(sources) > 1]
    notes += [
        f"`{name}` was answered in several cells: the last one counts." for name in duplicates
    ]
    return answers, added, notes


def _answer(sources, scaffold):
    """The last cell that is not the scaffold, since the last definition is what Python uses."""
    written = [source for source in sources if source.strip() != scaffold.strip()]
    return written[-1] if written else scaffold


def _recovered(cell, present):
    """The grade id of a cell whose metadata was lost, known by the name that it defines."""
    if cell.cell_type != "code":
        return None
    defined = defined_names(cell.source)
    for grade_id, exercise in BY_CELL.items():
        if exercise.name in defined and grade_id not in present:
            return grade_id
    return None


def defined_names(source):
    """Return the names that source binds at its top level by `def` and `class`."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in body if isinstance(node, kinds)}


def _grade_id(cell):
    metadata = cell.metadata.get("nbgrader")
    return metadata.get("grade_id") if isinstance(metadata, dict) else None


def _first_line(source):
    return source.strip().splitlines()[0][:60].replace("`", "'") if source.strip() else "(empty)"


def _notice(notes):
    if not notes:
        return []
    text = "\n".join(f"> - {note}" for note in notes)
    return [new_markdown_cell(f"> **From the grader**\n>\n{text}")]
