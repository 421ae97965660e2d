"""Every lesson through stock nbgrader: the answered notebook earns all, the released one nothing.

Both are handed in by one class, and graded in sandboxed kernels.
"""

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.classes import new_class
from autograder.exercises import LESSONS
from autograder.grading.judge import verdict_data
from autograder.kernel import layers
from autograder.stock import run_nbgrader


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    if layers.missing():
        pytest.skip(layers.explain())
    return new_class(tmp_path_factory.mktemp("lessons") / "class")


@pytest.fixture(scope="module", params=LESSONS)
def graded(request, class_folder):
    """The lesson's name, and by student the points in the gradebook and the graded notebook."""
    slug = request.param
    run_nbgrader(class_folder, "generate_assignment", slug)
    for student, folder in (("answered", "source"), ("untouched", "release")):
        notebook = class_folder / folder / slug / f"{slug}.ipynb"
        target = class_folder / "submitted" / student / slug / f"{slug}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes(notebook.read_bytes())
    run_nbgrader(class_folder, "autograde", slug)
    found = {}
    with Gradebook(f"sqlite:///{class_folder / 'gradebook.db'}") as gradebook:
        for submission in gradebook.assignment_submissions(slug):
            [notebook] = submission.notebooks
            student = submission.student.id
            path = class_folder / "autograded" / student / slug / f"{slug}.ipynb"
            points = {grade.cell.name: grade.auto_score for grade in notebook.grades}
            found[student] = points, nbformat.read(path, as_version=4)
    return slug, found


def graded_here(slug):
    """The exercises of a lesson whose answer stands in the notebook, and in no file beside it."""
    return [exercise for exercise in LESSONS[slug] if not getattr(exercise, "attachment", None)]


def verdicts(notebook):
    return {v["exercise"]: v for cell in notebook.cells if (v := verdict_data(cell))}


def test_the_instructor_s_notebook_earns_all_points(graded):
    slug, found = graded
    points, notebook = found["answered"]
    told = {name: verdict["message"] for name, verdict in verdicts(notebook).items()}
    for exercise in graded_here(slug):
        assert points[exercise.check_cell] == exercise.points, told[exercise.id]


def test_the_released_notebook_earns_nothing_and_is_told_so(graded):
    slug, found = graded
    points, notebook = found["untouched"]
    assert not any(points.values())  # a lesson without exercises has none at all
    assert len(points) == len(LESSONS[slug])
    messages = {name: verdict["message"] for name, verdict in verdicts(notebook).items()}
    assert messages.keys() == {exercise.id for exercise in LESSONS[slug]}
    for exercise in graded_here(slug):
        assert messages[exercise.id].startswith(f"{exercise.id}: not answered yet"), messages
