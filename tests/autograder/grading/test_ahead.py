"""What comes next is executed meanwhile; it counts only where it is what nbgrader asks for."""

import json
import re

import nbformat
import pytest
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.classes import new_class
from autograder.exercises import LESSONS, program_source
from autograder.grading import ahead
from autograder.grading.exporter import SubmissionExporter
from autograder.grading.judge import verdict_data
from autograder.stock import run_nbgrader, start_nbgrader
from autograder.weave import released_notebook

LESSON = "00-start-here"
EXERCISE = LESSONS[LESSON][0]
ENDLESS = f"def {EXERCISE.name}(*_):\n    while True:\n        pass\n"
LIMIT = 4  # seconds
USED = "This notebook was executed while another one was graded."


def hand_in(folder, student, source):
    notebook = released_notebook(LESSON)
    cells = {cell.id: cell for cell in notebook.cells}
    cells[EXERCISE.cell].source = source
    path = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The folder of a graded class, and its log by student."""
    folder = new_class(tmp_path_factory.mktemp("ahead") / "class")
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"c.ExecuteSubmission.timeout = {LIMIT}\n")
        config.write("c.WarmKernelProvisioner.trust_students = True\n")
    run_nbgrader(folder, "generate_assignment", LESSON)
    right = program_source(EXERCISE.reference)
    for student, source in {"a": right, "b": right, "c": ENDLESS, "d": "1 +", "e": right}.items():
        hand_in(folder, student, source)
    (folder / "submitted" / "b" / LESSON / "notes.txt").write_text("mine")
    (folder / "submitted" / "e" / LESSON / "link.txt").symlink_to(folder / "class_seed")
    with start_nbgrader(folder, "autograde", LESSON) as process:
        log = process.stdout.read()
    assert process.returncode == 0, log
    parts = re.split(r"Autograding \S*/autograded/(\w+)/", log)
    return folder, dict(zip(parts[1::2], parts[2::2], strict=True))


def verdict_of(folder, student):
    path = folder / "autograded" / student / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    return next(data for cell in notebook.cells if (data := verdict_data(cell)))


@pytest.mark.parametrize(
    ("student", "status"),
    [("a", "passed"), ("b", "passed"), ("c", "timeout"), ("d", "error"), ("e", "passed")],
)
def test_each_is_judged_by_what_it_handed_in(graded, student, status):
    assert verdict_of(graded[0], student)["status"] == status


def test_all_but_the_first_and_the_interrupted_were_executed_ahead(graded):
    _, logs = graded
    assert {student for student, log in logs.items() if USED in log} == {"b", "d", "e"}


def test_what_is_graded_looks_as_if_it_had_waited_its_turn(graded):
    folder, _ = graded
    path = folder / "autograded" / "b" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    counts = [c.execution_count for c in notebook.cells if c.get("execution_count")]
    assert counts == sorted(counts)
    assert len(counts) > 2
    assert ahead.NOTES not in json.dumps([cell.metadata for cell in notebook.cells])


@pytest.fixture
def executed(tmp_path):
    notebook = released_notebook(LESSON)
    (tmp_path / "data.txt").write_text("as handed in")
    return ahead.Executed(notebook, notebook, ahead.digest(tmp_path))


def belongs(executed, folder, notebook=None):
    notebook = notebook or released_notebook(LESSON)
    return executed.belongs_to(notebook, {"metadata": {"path": str(folder)}})


def test_it_belongs_to_the_same_cells_and_files(executed, tmp_path):
    assert belongs(executed, tmp_path)
    (tmp_path / "other.ipynb").write_text("of no use to a kernel")
    assert belongs(executed, tmp_path)


def test_it_does_not_belong_to_other_files(executed, tmp_path):
    (tmp_path / "data.txt").write_text("changed since")
    assert not belongs(executed, tmp_path)


@pytest.mark.parametrize("what", ["source", "tags", "grade_id", "notes", "fewer"])
def test_it_does_not_belong_to_other_cells(executed, tmp_path, what):
    notebook = released_notebook(LESSON)
    cell = next(c for c in notebook.cells if c.id == EXERCISE.cell)
    if what == "source":
        cell.source += "\n"
    elif what == "tags":
        cell.metadata["tags"] = ["raises-exception"]
    elif what == "grade_id":
        cell.metadata["nbgrader"]["grade_id"] = "another"
    elif what == "notes":
        notebook.metadata[ahead.NOTES] = {"unreadable": "it is"}
    else:
        notebook.cells.pop()
    assert not belongs(executed, tmp_path, notebook)


def test_a_checksum_of_nbgrader_s_changes_nothing(executed, tmp_path):
    notebook = released_notebook(LESSON)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["checksum"] = "0"
    assert belongs(executed, tmp_path, notebook)


@pytest.fixture
def converter(tmp_path):
    """nbgrader's `Autograde` on a class of four, of whom the third is graded already."""
    for student in "abcd":
        hand_in(tmp_path, student, "")
    (tmp_path / "autograded" / "c" / LESSON).mkdir(parents=True)
    return lambda **options: _converter(tmp_path, **options)


def _converter(folder, force=False, exclude=""):
    course = CourseDirectory(
        root=str(folder), assignment_id=LESSON, student_id_exclude=exclude, config=Config()
    )
    made = Autograde(coursedir=course, force=force)
    made.init_notebooks()
    return made


@pytest.mark.parametrize(
    ("options", "after", "following"),
    [
        ({}, "a", "bd"),
        ({}, "d", ""),
        ({"force": True}, "a", "bcd"),
        ({"exclude": "b,x"}, "a", "d"),
    ],
)
def test_what_follows_is_what_nbgrader_will_ask_for(converter, options, after, following):
    names = {"student": after, "assignment": LESSON, "notebook": LESSON}
    found = list(ahead.next_submissions(converter(**options), names))
    assert [student for student, _ in found] == list(following)
    assert all(path.is_file() and path.parts[-3] == student for student, path in found)


def test_a_renamed_notebook_waits_its_turn(converter, tmp_path):
    path = tmp_path / "submitted" / "b" / LESSON / f"{LESSON}.ipynb"
    path.rename(path.with_name("final (1).ipynb"))
    names = {"student": "a", "assignment": LESSON, "notebook": LESSON}
    assert [student for student, _ in ahead.next_submissions(converter(), names)] == ["d"]


@pytest.mark.parametrize(("at_once", "begun"), [(0, ""), (1, "b"), (2, "bc"), (9, "bcd")])
def test_as_many_are_begun_as_is_set(converter, monkeypatch, at_once, begun):
    monkeypatch.setattr(ahead, "Ahead", lambda step, path: path)
    exporter = SubmissionExporter(parent=converter(force=True))
    step = ahead.ExecuteInTurn(parent=exporter, at_once=at_once)
    for _ in range(2):  # what runs already is not begun again
        step._begin_next({"student": "a", "assignment": LESSON, "notebook": LESSON})
        assert list(exporter.ahead) == list(begun)


class Run:
    """Stands for an `Ahead`."""

    is_running = True

    def result(self):
        self.is_running = False


@pytest.mark.parametrize(("runs", "beside"), [({"b": Run()}, [True, False]), ({}, [False])])
def test_what_is_interrupted_beside_another_is_executed_alone(monkeypatch, runs, beside):
    seen = []

    def preprocess(step, nb, resources):
        seen.append((nb.cells[0].source, any(run.is_running for run in runs.values())))
        nb.cells[0].source, step.interrupted = "changed by the run", True
        return nb, resources

    monkeypatch.setattr(ahead.ExecuteSubmission, "preprocess", preprocess)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("as it was")])
    ahead.execute_fairly(ahead.ExecuteSubmission(), notebook, {}, runs)
    assert seen == [("as it was", each) for each in beside]


def test_nothing_runs_ahead_of_an_exporter_that_is_new():
    assert SubmissionExporter().ahead == {}
