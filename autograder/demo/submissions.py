"""The demo's class: what each student hands in, and what grading must say of it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat.v4 import new_code_cell

from autograder.exercises import EXERCISES, LESSONS, program_source
from autograder.grading.judge import verdict_data

LESSON = "03-attention"
FORMULA = "attention.scaled_dot_product"
SCALE = "attention.scale"


@dataclass(frozen=True)
class Submission:
    """One student's notebook.

    about: what is handed in, in a few words.
    write: takes the released notebook and returns the text of the file.
    differs: the exercise that is not right; None where all are. Others must get full points.
    status, named: the status that exercise must get, and the misconception, if one is named.
    filename: of the notebook handed in.
    """

    student: str
    about: str
    write: Callable
    differs: str | None = None
    status: str = "passed"
    named: str | None = None
    filename: str = f"{LESSON}.ipynb"


def answered(released, sources=None, choose=lambda exercise: exercise.reference):
    """Return the notebook with every exercise answered.

    sources: text by exercise id.    choose: returns the program for the other exercises.
    """
    notebook = copy.deepcopy(released)
    cells = {cell.id: cell for cell in notebook.cells}
    for exercise in LESSONS[LESSON]:
        text = (sources or {}).get(exercise.id) or program_source(choose(exercise))
        cells[exercise.cell].source = text
    return notebook


def one_answer(exercise_id, source):
    """Return a writer that answers one exercise by `source` and the others rightly."""
    return lambda released: nbformat.writes(answered(released, {exercise_id: source}))


def mistaken(exercise_id, misconception):
    """Return the submission of a student who has one misconception."""
    mistakes = {m.id: m for m in EXERCISES[exercise_id].misconceptions}
    mistake = mistakes[misconception]
    return Submission(
        student=misconception,
        about=f"a mistake in {exercise_id}",
        write=one_answer(exercise_id, program_source(mistake.program)),
        differs=exercise_id,
        status="failed",
        named=misconception,
    )


def _variant(number, noise=""):
    def write(released):
        choose = lambda exercise: exercise.variants[number % len(exercise.variants)]  # noqa: E731
        notebook = answered(released, choose=choose)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source += noise
        return nbformat.writes(notebook)

    return write


def _helper(released):
    source = (
        "def scale_scores(scores, query):\n    return scores * one_over_root(query.shape[-1])\n"
    )
    notebook = answered(released, {SCALE: source})
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == EXERCISES[SCALE].cell)
    helper = new_code_cell("def one_over_root(width):\n    return width**-0.5")
    notebook.cells.insert(place, helper)
    return nbformat.writes(notebook)


def _cheat(change):
    """Return a writer with a wrong scale and the check cell changed, in the hope of full points."""

    def write(released):
        notebook = answered(released, {SCALE: WRONG_SCALE})
        place = next(
            i for i, cell in enumerate(notebook.cells) if cell.id == EXERCISES[SCALE].check_cell
        )
        change(notebook.cells, place)
        return nbformat.writes(notebook)

    return write


def _duplicate(cells, place):
    twin = copy.deepcopy(cells[place])
    twin.id = "twin"
    cells.insert(place, twin)


def _delete(cells, place):
    del cells[place]


def _skip(cells, place):
    cells[place].metadata["tags"] = ["skip-execution"]


def _cut(released):
    text = nbformat.writes(answered(released))
    return text[: len(text) // 2]


NOISE = """
import sys, warnings
print("a line on stdout")
print("a line on stderr", file=sys.stderr)
warnings.warn("a warning")
"""
WRONG_SCALE = "def scale_scores(scores, query):\n    return scores\n"
EXCEPTION = "def scale_scores(scores, query):\n    return scores / query.width\n"
SYNTAX = "def scale_scores(scores, query)\n    return scores\n"
LOOP = "def scale_scores(scores, query):\n    while True:\n        pass\n"
EXIT = "import os\n\ndef scale_scores(scores, query):\n    os._exit(0)\n"


def submissions():
    """Return the demo's submissions."""
    return [
        Submission("right", "the reference answers", one_answer("", "")),
        Submission("right-other-way", "right, written otherwise, noisy", _variant(0, NOISE)),
        Submission("right-third-way", "right, written yet otherwise", _variant(1)),
        Submission("helper-cell", "right, with a helper in a cell of its own", _helper),
        mistaken(FORMULA, "softmax-over-queries"),
        mistaken(FORMULA, "missing-scale"),
        mistaken(FORMULA, "scale-by-d-model"),
        mistaken(FORMULA, "scale-by-d-k"),
        mistaken("attention.softmax", "overflow"),
        Submission("unanswered", "the released notebook", nbformat.writes, "*", "failed"),
        Submission("syntax-error", "a colon forgotten", one_answer(SCALE, SYNTAX), SCALE, "error"),
        Submission("exception", "an exception", one_answer(SCALE, EXCEPTION), SCALE, "error"),
        Submission("endless-loop", "an endless loop", one_answer(SCALE, LOOP), SCALE, "timeout"),
        Submission("os-exit", "os._exit in an answer", one_answer(SCALE, EXIT), SCALE, "crashed"),
        Submission(
            "check-cell-twice",
            "wrong, check cell duplicated",
            _cheat(_duplicate),
            SCALE,
            "failed",
            "missing-scale",
        ),
        Submission(
            "check-cell-gone",
            "wrong, check cell deleted",
            _cheat(_delete),
            SCALE,
            "failed",
            "missing-scale",
        ),
        Submission(
            "check-cell-skipped",
            "wrong, check cell tagged skip-execution",
            _cheat(_skip),
            SCALE,
            "failed",
            "missing-scale",
        ),
        Submission(
            "renamed",
            "right, the file renamed",
            one_answer("", ""),
            filename=f"{LESSON} (1).ipynb",
        ),
        Submission("cut-short", "half a file", _cut, "*", "needs-review"),
    ]


def verdicts_in(text):
    """Return the verdicts stored in an autograded notebook, by exercise id."""
    verdicts = [verdict_data(cell) for cell in nbformat.reads(text, as_version=4).cells]
    return {verdict["exercise"]: verdict for verdict in verdicts if verdict}
