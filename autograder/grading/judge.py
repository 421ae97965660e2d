"""Judge what came back from the kernel, outside it; anything unexpected needs review."""

import ast
import base64
import time
from dataclasses import replace
from pathlib import Path

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading.execute import BY_CHECK_CELL, is_lessons_own
from autograder.grading.hidden import HiddenCases
from autograder.grading.rebuild import NOTES, defined_names
from course.checking import library
from course.checking.display import verdict_html
from course.checking.judge import forbidden_verdict, judge
from course.checking.notebook import OUTCOME
from course.checking.outcome import validate
from course.checking.source import forbidden_uses
from course.checking.trained import hidden_draw, judge_weights
from course.checking.values import unpack
from course.checking.verdict import Verdict, needs_review
from course.training.weights import WeightsError

VERDICT = "application/vnd.transformer-course.verdict+json"


class Judge(HiddenCases, NbGraderPreprocessor):
    """Right after Execute: replaces the outputs of check cells by the verdict and the points."""

    def preprocess(self, nb, resources):
        folder = resources.get("metadata", {}).get("path")
        for cell in nb.cells:
            exercise = BY_CHECK_CELL.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if exercise:
                verdict = self.verdict(nb, cell, exercise, folder)
                cell.outputs = outputs_of(verdict, cell.execution_count)
                cell.metadata.pop(NOTES, None)
        return nb, resources

    def verdict(self, nb, cell, exercise, folder=None):
        """Return the verdict on one check cell; whatever fails here is a case for review.

        folder: of the submission's working copy, which holds what was handed in with it.
        """
        try:
            if exercise.attachment:
                return judge_training(nb, exercise, Path(folder), self.seed)
            return judge_cell(nb, cell, exercise, self.hidden_key(exercise.id))
        except Exception as error:
            self.log.exception("%s: grading failed", exercise.id)
            reason = f"grading failed with {type(error).__name__}: {error}"
            return needs_review(exercise.id, float(exercise.points), reason[:300])


def judge_training(nb, exercise, folder, seed):
    """Return the `Verdict` on the weights in `folder`, which no code of the student could touch.

    A file that is there and cannot be used is a case for review: nobody gets points for it, and
    nobody is marked down for an upload that broke.
    """
    unreadable = nb.metadata.get(NOTES, {}).get("unreadable")
    points = float(exercise.points)
    if unreadable:
        return needs_review(exercise.id, points, unreadable)
    start = time.perf_counter()
    path, drawn = folder / exercise.attachment, hidden_draw(exercise.id, seed)
    texts, model = library.texts(exercise.id), exercise.model
    try:
        verdict = judge_weights(exercise.id, points, path, model, drawn, texts, visible=False)
    except WeightsError as error:
        return needs_review(exercise.id, points, str(error))
    return replace(verdict, seconds=round(time.perf_counter() - start, 3))


def judge_cell(nb, cell, exercise, key):
    """Return the `Verdict` on the outcomes in `cell`."""
    unreadable = nb.metadata.get(NOTES, {}).get("unreadable")
    points = float(exercise.points)
    if unreadable:
        return needs_review(exercise.id, points, unreadable)
    trouble = next((t for c in nb.cells if is_lessons_own(c) and (t := _error(c))), None)
    if trouble:
        return needs_review(exercise.id, points, f"a cell of the lesson itself failed: {trouble}")
    answer = next(
        c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == exercise.cell
    )
    uses = forbidden_uses(_with_helpers(nb, answer), exercise.forbidden)
    if uses:
        return forbidden_verdict(exercise.id, points, uses)
    record = cell.metadata.get(NOTES, {})
    texts = library.texts(exercise.id)
    outcomes = _outcomes(cell, record["ticket"], len(key["cases"]))
    interruption = record.get("interruption") or answer.metadata.get(NOTES, {}).get("interruption")
    undefined = _error(cell, "NameError")
    if undefined and not any(outcomes) and not interruption:
        return _undefined(exercise, answer, undefined)
    verdict = judge(key, outcomes, texts, interruption)
    return Verdict(**{**verdict.__dict__, "seconds": record["seconds"]})


def _outcomes(cell, ticket, count):
    """Return the outcomes that the kernel published for these cases, one a case or None."""
    found = [None] * count
    for output in cell.outputs:
        data = output.get("data", {}).get(OUTCOME)
        if data is None:
            continue
        outcome = unpack(base64.b64decode(data, validate=True))
        number = outcome.pop("number")
        if outcome.pop("ticket") != ticket or number not in range(count) or found[number]:
            raise ValueError("an outcome does not belong to this run")
        found[number] = validate(outcome)
    return found


def _undefined(exercise, answer, evalue):
    """The verdict where the answer cell did not define what it should."""
    stopped = _error(answer)
    if stopped:
        reason = f"the cell stopped with {stopped}"
    else:
        reason = f"the cell must define `{exercise.name}`. Received: {evalue}"
    return Verdict(
        exercise=exercise.id,
        status="error",
        points=0.0,
        max_points=float(exercise.points),
        message=f"{exercise.id}: `{exercise.name}` is not there to check.\n  reason:   {reason}",
    )


def _error(cell, name=None):
    for output in cell.get("outputs", []):
        if output.output_type == "error" and name in (None, output.ename):
            return f"{output.ename}: {output.evalue}".splitlines()[0][:200]
    return None


def _with_helpers(nb, answer):
    """The answer's source, followed by the student's own cells whose definitions it reads."""
    sources, added = [answer.source], [c for c in nb.cells if _is_added(c)]
    names = _read_names(answer.source)
    for cell in reversed(added):
        if defined_names(cell.source) & names:
            sources.append(cell.source)
            names |= _read_names(cell.source)
    return "\n".join(sources)


def _is_added(cell):
    return cell.cell_type == "code" and not {"nbgrader", "tags"} & set(cell.metadata)


def _read_names(source):
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def outputs_of(verdict, execution_count):
    """Return the verdict for people and for tools, and the points as nbgrader reads them."""
    shown = new_output(
        "display_data",
        data={
            "text/plain": verdict.message,
            "text/html": verdict_html(verdict, library.texts(verdict.exercise)),
            VERDICT: verdict.to_data(),
        },
    )
    if verdict.points is None:
        return [shown]
    points = new_output(
        "execute_result",
        data={"text/plain": repr(float(verdict.points))},
        execution_count=execution_count,
    )
    return [shown, points]


def verdict_data(cell):
    """Return the verdict stored in a judged cell, or None."""
    for output in cell.get("outputs", []):
        if VERDICT in output.get("data", {}):
            return output["data"][VERDICT]
    return None
