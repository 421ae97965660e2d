"""Attacks by what a notebook says of itself: tags, flags, ids, order, types."""

import copy

from nbformat.v4 import new_code_cell, new_output

from tests.attacks.form import FULL, NOTHING, SCALE, STOPS, Attack


def _place(notebook, name=SCALE.check_cell):
    return next(n for n, cell in enumerate(notebook.cells) if cell.get("id") == name)


def _check(notebook):
    return notebook.cells[_place(notebook)]


def _skip(notebook):
    _check(notebook).metadata["tags"] = ["skip-execution"]


def _more_points(notebook):
    _check(notebook).metadata["nbgrader"]["points"] = 100


def _duplicate(notebook):
    twin = copy.deepcopy(_check(notebook))
    twin.source, twin.id = "2.0", "twin"
    notebook.cells.insert(_place(notebook) + 1, twin)


def _replace(notebook):
    _check(notebook).source = "2.0"


def _unlocked(notebook):
    _check(notebook).source = "2.0"
    _check(notebook).metadata["nbgrader"]["locked"] = False


def _delete(notebook):
    del notebook.cells[_place(notebook)]


def _to_markdown(notebook):
    cell = _check(notebook)
    cell["cell_type"] = "markdown"
    for name in ("outputs", "execution_count"):
        cell.pop(name, None)


def _ungraded(notebook):
    _check(notebook).metadata["nbgrader"].update(grade=False, points=0)


def _manual(notebook):
    cell = notebook.cells[_place(notebook, SCALE.cell)]
    cell.metadata["nbgrader"].update(grade=True, solution=False, points=50, locked=False)


def _kernelspec(notebook):
    notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}


def _backwards(notebook):
    notebook.cells.reverse()


def _stolen_id(notebook):
    cell = new_code_cell("2.0")
    cell.id = SCALE.check_cell
    notebook.cells[_place(notebook)].id = "moved"
    notebook.cells.append(cell)


def _our_notes(notebook):
    notebook.metadata["transformer_course"] = {"notes": [], "unreadable": None}
    for cell in notebook.cells:
        cell.metadata["transformer_course"] = {"ticket": "mine", "interruption": None}


def _saved_outputs(notebook):
    verdict = {"exercise": SCALE.id, "status": "passed", "points": 2.0, "max_points": 2.0}
    name = "application/vnd.transformer-course.verdict+json"
    _check(notebook).outputs = [
        new_output("display_data", data={name: verdict}),
        new_output("execute_result", data={"text/plain": "2.0"}, execution_count=1),
    ]


def _schema(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 99


def _tagged_experiment(notebook):
    _check(notebook).metadata["tags"] = ["experiment"]


ATTACKS = [
    Attack("skip-tag", "have the check cell skipped", FULL, edit=_skip),
    Attack("more-points", "make the cell worth 100 points", NOTHING, edit=_more_points),
    Attack("check-twice", "add a second check cell that says 2.0", STOPS, edit=_duplicate),
    Attack("check-replaced", "replace the check by a number", NOTHING, edit=_replace),
    Attack("check-unlocked", "replace it, unlocked", NOTHING, edit=_unlocked),
    Attack("check-deleted", "no check, no failure", NOTHING, edit=_delete),
    Attack("check-as-text", "turn the check into Markdown", NOTHING, edit=_to_markdown),
    Attack("check-ungraded", "take the grade flag off", NOTHING, edit=_ungraded),
    Attack("answer-manual", "mark the answer as graded by hand", NOTHING, edit=_manual),
    Attack("kernelspec", "have another kernel run it", NOTHING, edit=_kernelspec),
    Attack("backwards", "run checks before answers", NOTHING, edit=_backwards),
    Attack("stolen-id", "give the check's id to a cell that says 2.0", NOTHING, edit=_stolen_id),
    Attack("grader-notes", "write the grader's own metadata", NOTHING, edit=_our_notes),
    Attack("saved-outputs", "hand in the verdict with the notebook", NOTHING, edit=_saved_outputs),
    Attack("schema-99", "claim a newer schema", STOPS, edit=_schema),
    Attack(
        "experiment-tag", "pass the check off as an experiment", NOTHING, edit=_tagged_experiment
    ),
]
