"""Grading of weights: outside the kernel, whatever the notebook printed or the file holds."""

import os
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.utils import determine_grade

from autograder.exercises.modern import language_model
from autograder.exercises.training.fit import EXERCISE
from autograder.grading import execute, follow, judge
from autograder.grading.execute import ExecuteSubmission
from autograder.grading.judge import Judge, verdict_data
from autograder.grading.rebuild import NOTES
from course.checking import library
from course.checking.verdict import Verdict
from tests.course.training.test_weights import FILES
from tests.course.training.trained import DATES, LANGUAGE

SEED = 3
TEXTS = {"hints": ["What is it fed?"], "misconceptions": {}, "forbidden": {}, "attachment": "x"}


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """The exercise, whether its lesson is there or not."""
    monkeypatch.setitem(execute.BY_CHECK_CELL, EXERCISE.check_cell, EXERCISE)
    monkeypatch.setattr(library, "texts", lambda exercise: TEXTS)
    assert judge.BY_CHECK_CELL is execute.BY_CHECK_CELL


def check_cell(outputs=()):
    metadata = {
        "grade": True, "grade_id": EXERCISE.check_cell, "locked": True, "points": 10,
        "schema_version": 3, "solution": False, "task": False,
    }  # fmt: skip
    source = 'check("training.fit", "training.npz")'
    cell = new_code_cell(source, outputs=list(outputs), metadata={"nbgrader": metadata})
    cell.id = EXERCISE.check_cell
    return cell


def judged(folder, outputs=(), unreadable=None):
    """The verdict on a submission in `folder`, and the judged cell."""
    notebook = new_notebook(cells=[check_cell(outputs)])
    notebook.metadata[NOTES] = {"notes": [], "unreadable": unreadable}
    notebook, _ = Judge(seed=SEED).preprocess(notebook, {"metadata": {"path": str(folder)}})
    nbformat.validate(notebook)
    return verdict_data(notebook.cells[0]), notebook.cells[0]


def test_trained_weights_get_full_points(tmp_path):
    shutil.copyfile(DATES.right, tmp_path / "training.npz")
    verdict, cell = judged(tmp_path)
    assert (verdict["status"], verdict["points"]) == ("passed", 10.0)
    assert determine_grade(cell) == (10.0, 10)
    assert verdict["seconds"] > 0


def test_weaker_weights_get_a_part(tmp_path):
    DATES.shaken(tmp_path / "training.npz", 0.13)
    verdict, cell = judged(tmp_path)
    assert determine_grade(cell) == (6.0, 10)
    assert "91." in verdict["message"]


def test_a_missing_file_is_no_answer_and_no_review(tmp_path):
    verdict, cell = judged(tmp_path)
    assert "not answered yet" in verdict["message"]
    assert determine_grade(cell) == (0.0, 10)


PRINTED = [
    new_output("execute_result", data={"text/plain": "10.0"}),
    new_output("stream", name="stdout", text="exact match: 100 %"),
    new_output(
        "display_data",
        data={judge.VERDICT: {"exercise": "training.fit", "status": "passed", "points": 10.0}},
    ),
]


def test_accuracy_cannot_be_printed_into_existence(tmp_path):
    verdict, cell = judged(tmp_path, PRINTED)
    assert verdict["points"] == 0.0
    assert determine_grade(cell) == (0.0, 10)
    assert "100 %" not in str(cell.outputs)


def needs_review(folder, reason):
    verdict, cell = judged(folder, PRINTED)
    assert (verdict["status"], verdict["points"]) == ("needs-review", None)
    assert reason in verdict["message"]
    assert [output.output_type for output in cell.outputs] == ["display_data"]  # and no points


def test_a_training_is_not_followed_through():
    """Its file is the same in another run: only what runs again can be better."""
    cells = []
    for name in ("modern.parallel", "modern.decoder_only", "modern.language_model"):
        metadata = {"nbgrader": {"grade_id": f"{name.replace('.', '-')}-check"}}
        outputs = judge.outputs_of(Verdict(name, "failed", 0.0, 5.0, "wrong"), 1)
        cells.append(new_code_cell(outputs=outputs, metadata=metadata))
    assert follow._lost(new_notebook(cells=cells)) == ["modern.parallel", "modern.decoder_only"]


def test_each_training_of_a_class_has_its_own_file(tmp_path, monkeypatch):
    """Two trainings lie in one folder, and neither is taken for the other."""
    shutil.copyfile(DATES.right, tmp_path / "training.npz")
    shutil.copyfile(LANGUAGE.right, tmp_path / "language.npz")
    found = {}
    for exercise in (EXERCISE, language_model.EXERCISE):
        monkeypatch.setitem(execute.BY_CHECK_CELL, EXERCISE.check_cell, exercise)
        found[exercise.id] = judged(tmp_path)[0]["points"]
    assert found == {"training.fit": 10.0, "modern.language_model": 5.0}


@pytest.mark.parametrize(
    "content", [*FILES.values(), DATES.right.read_bytes()], ids=[*FILES, "dates"]
)
def test_what_is_no_language_model_needs_review(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(execute.BY_CHECK_CELL, EXERCISE.check_cell, language_model.EXERCISE)
    (tmp_path / "language.npz").write_bytes(content)
    verdict, cell = judged(tmp_path, PRINTED)
    assert (verdict["status"], verdict["points"]) == ("needs-review", None)
    assert [output.output_type for output in cell.outputs] == ["display_data"]
    assert os.listdir() == ["language.npz"]


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_what_is_no_file_of_weights_needs_review(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "training.npz").write_bytes(content)
    needs_review(tmp_path, "must be as `save_weights` writes it")
    assert os.listdir() == ["training.npz"]


def test_weights_of_another_task_need_review(tmp_path):
    DATES.changed(tmp_path / "training.npz", task="number words")
    needs_review(tmp_path, "those of `number words`")


def test_a_link_to_somebody_else_s_weights_needs_review(tmp_path):
    (tmp_path / "training.npz").symlink_to(DATES.right)
    needs_review(tmp_path, "not a link to one")


def test_a_folder_and_a_pipe_need_review(tmp_path):
    (tmp_path / "training.npz").mkdir()
    needs_review(tmp_path, "an ordinary file")
    (tmp_path / "training.npz").rmdir()
    os.mkfifo(tmp_path / "training.npz")
    needs_review(tmp_path, "an ordinary file")


def test_trouble_of_the_grader_needs_review(tmp_path, monkeypatch):
    shutil.copyfile(DATES.right, tmp_path / "training.npz")
    monkeypatch.setattr(judge, "judge_weights", lambda *args, **kwargs: 1 / 0)
    needs_review(tmp_path, "grading failed with ZeroDivisionError")


def test_a_notebook_that_cannot_be_read_needs_review(tmp_path):
    shutil.copyfile(DATES.right, tmp_path / "training.npz")
    verdict, _ = judged(tmp_path, unreadable="JSONDecodeError: nothing")
    assert (verdict["status"], verdict["points"]) == ("needs-review", None)


def test_the_check_of_a_training_is_not_run_when_grading():
    """There is no kernel here: running anything would fail."""
    cell = check_cell()
    same, _ = ExecuteSubmission(seed=SEED).preprocess_cell(cell, {}, 0)
    assert same.outputs == []
