"""Follow-through: an answer is not marked down for an earlier answer that it builds on.

An exercise that failed and uses earlier ones that failed is probed again, in a fresh kernel, with
the references of those earlier ones in place. That kernel starts after their points are final, what
it prints is thrown away, and its values count for the later exercise only.
"""

import copy

from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.exercises import EXERCISES, program_source
from autograder.grading.ahead import execute_fairly
from autograder.grading.execute import BY_CHECK_CELL, ExecuteSubmission
from autograder.grading.judge import Judge, outputs_of, verdict_data
from course.checking.verdict import from_data

LOST = ("failed", "error", "timeout", "crashed")  # not: forbidden, needs-review


class FollowThrough(NbGraderPreprocessor):
    """Right after Judge; does nothing where no failed exercise builds on a failed one."""

    def preprocess(self, nb, resources):
        wrong = {name for name, verdict in _verdicts(nb).items() if verdict["status"] != "passed"}
        again = [name for name in _lost(nb) if used_by(name) & wrong]
        if not again:
            return nb, resources
        second = with_references(nb, wrong, again)
        inner = copy.deepcopy(resources)  # the writer must not find this run's figures
        step = ExecuteSubmission(parent=self.parent, config=self.config)
        second = execute_fairly(step, second, inner, getattr(self.parent, "ahead", {}))
        second, _ = Judge(parent=self.parent, config=self.config).preprocess(second, inner)
        found = _verdicts(second)
        for cell in nb.cells:
            exercise = _checked(cell)
            if exercise and exercise.id in again:
                _take_if_better(cell, found[exercise.id], sorted(used_by(exercise.id) & wrong))
        return nb, resources


def used_by(name):
    """Return the ids of all exercises that `name` builds on, directly or not."""
    found = set()
    for used in EXERCISES[name].uses:
        found |= {used} | used_by(used)
    return found


def with_references(nb, wrong, again):
    """Return the notebook that is run again.

    Each answer stays; behind a wrong one stands its reference, which later answers then use. Of the
    checks only those of `again` are left, each in front of its own reference.
    """
    second = copy.deepcopy(nb)
    second.cells = []
    for cell in copy.deepcopy(nb.cells):
        exercise = _checked(cell)
        if exercise is None or exercise.id in again:
            second.cells.append(cell)
        if exercise and exercise.id in wrong:
            second.cells.append(new_code_cell(program_source(exercise.reference)))
    return second


def _take_if_better(cell, verdict, replaced):
    before = verdict_data(cell)
    if verdict["points"] is None or verdict["points"] <= before["points"]:
        return
    names = ", ".join(f"`{name}`" for name in replaced)
    told = f"\n  note:     judged with the right {names}, which your answer uses."
    better = from_data({**verdict, "message": verdict["message"] + told})
    cell.outputs = outputs_of(better, cell.execution_count)


def _lost(nb):
    """Exercises that another run may help: a file of weights is the same in each."""
    return [
        name
        for name, verdict in _verdicts(nb).items()
        if verdict["status"] in LOST and not EXERCISES[name].attachment
    ]


def _verdicts(nb):
    return {_checked(cell).id: verdict_data(cell) for cell in nb.cells if _checked(cell)}


def _checked(cell):
    return BY_CHECK_CELL.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
