"""Judge one answer or one notebook exactly as grading does, without a gradebook."""

import difflib
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from autograder.classes import give_earlier_parts
from autograder.exercises import EXERCISES, LESSONS
from autograder.exercises.programs import program_source
from autograder.grading.execute import BY_CHECK_CELL, ExecuteSubmission
from autograder.grading.exporter import read_submission
from autograder.grading.follow import FollowThrough
from autograder.grading.judge import Judge, verdict_data
from autograder.grading.rebuild import BY_CELL, rebuild
from autograder.kernel.kernelspec import install_kernelspec, use_warm_kernels
from autograder.weave import released, source_notebook


class UsageError(ValueError):
    """The command was called with something that is not there; the message says what must hold."""


def judge_file(what, file, seed=0, trust_students=False):
    """Judge a file: Python source for an exercise id, a notebook for a lesson number.

    trust_students: bool, whether to go on where a part of the sandbox is missing.
    Returns one verdict as data, or a list of them for a notebook. Raises UsageError, and
    SandboxUnavailable where the sandbox is incomplete and students are not trusted.
    """
    lessons = {slug.split("-")[0]: slug for slug in LESSONS}
    slug = lessons.get(what.zfill(2)) or (what if what in LESSONS else None)
    if slug is None and what not in EXERCISES:
        near = difflib.get_close_matches(what, EXERCISES, n=3) or list(EXERCISES)
        raise UsageError(
            f"ID must be an exercise, such as {', '.join(near)}, or a lesson number of "
            f"{', '.join(lessons)}. Received: {what}"
        )
    if not file.is_file():
        raise UsageError(f"FILE must be a file that can be read. Received: {file}")
    config = Config()
    config.WarmKernelProvisioner.trust_students = trust_students
    if slug:
        notebook, unreadable = read_submission(file)
        return judge_notebook(slug, notebook, unreadable, seed, config, folder=file.parent)
    if EXERCISES[what].attachment:
        return judge_weights(EXERCISES[what], file, seed)
    try:
        return judge_source(what, file.read_text(encoding="utf-8"), seed, config)
    except UnicodeDecodeError as error:
        raise UsageError(f"FILE must be Python source in UTF-8. Received: {error}") from None


def judge_source(exercise_id, source, seed=0, config=None):
    """Return the verdict, as data, on `source` in the solution cell of one exercise.

    The cells that it `uses` hold the reference, the others the scaffold.
    """
    exercise = EXERCISES[exercise_id]
    instructor = source_notebook(lesson_of(exercise_id))
    submission = released(instructor)
    helpers = _used(exercise)
    for cell in submission.cells:
        cell_exercise = _exercise_of(cell, BY_CELL)
        if cell_exercise is exercise:
            cell.source = source
        elif cell_exercise in helpers:
            cell.source = program_source(cell_exercise.reference)
    rebuilt = rebuild(submission, instructor)
    rebuilt.cells = [
        cell for cell in rebuilt.cells if _exercise_of(cell, BY_CHECK_CELL) in (None, exercise)
    ]
    return _judged(rebuilt, lesson_of(exercise_id), seed, config)[0]


def judge_weights(exercise, file, seed=0):
    """Return the verdict, as data, on a file of trained weights."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(file, Path(folder, exercise.attachment))
        cell = new_code_cell(metadata={"nbgrader": {"grade_id": exercise.check_cell}})
        notebook = new_notebook(cells=[cell])
        Judge(seed=seed).preprocess(notebook, {"metadata": {"path": folder}})
    return verdict_data(cell)


def judge_notebook(slug, notebook, unreadable=None, seed=0, config=None, folder=None):
    """Return the verdicts, as data, on a whole notebook handed in for the lesson `slug`.

    folder: where the files are that are handed in with it, such as trained weights.
    """
    rebuilt = rebuild(notebook, source_notebook(slug), unreadable)
    names = [exercise.attachment for exercise in LESSONS[slug] if exercise.attachment]
    paths = [path for name in names if folder and (path := Path(folder, name)).is_file()]
    return _judged(rebuilt, slug, seed, config, paths)


def lesson_of(exercise_id):
    """Return the name of the lesson that holds an exercise."""
    return next(slug for slug, ones in LESSONS.items() if EXERCISES[exercise_id] in ones)


def _judged(notebook, slug, seed, config, attachments=()):
    config = Config(config or {})
    config.HiddenCases.seed = seed
    with tempfile.TemporaryDirectory() as place:
        install_kernelspec(place)
        use_warm_kernels(config, place)
        folder = Path(place, "work")
        folder.mkdir()
        give_earlier_parts(slug, folder / "solutions")
        for path in attachments:
            shutil.copyfile(path, folder / path.name)
        resources = {"metadata": {"path": str(folder)}}
        notebook = nbformat.from_dict(notebook)
        for step in (ExecuteSubmission, Judge, FollowThrough):
            notebook, resources = step(config=config).preprocess(notebook, resources)
    return [verdict_data(cell) for cell in notebook.cells if _exercise_of(cell, BY_CHECK_CELL)]


def _exercise_of(cell, table):
    return table.get(cell.metadata.get("nbgrader", {}).get("grade_id"))


def _used(exercise):
    found = []
    for name in exercise.uses:
        found += [EXERCISES[name], *_used(EXERCISES[name])]
    return found
