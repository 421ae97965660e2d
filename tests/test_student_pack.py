"""What students of a class hold: the pack alone validates a released notebook."""

import subprocess
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

from autograder.classes import new_class
from autograder.exercises import LESSONS, program_source
from autograder.stock import run_nbgrader

LESSON = "03-attention"


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    folder = new_class(tmp_path_factory.mktemp("pack") / "class")
    run_nbgrader(folder, "generate_assignment", LESSON)
    return folder


@pytest.fixture(scope="module")
def student_python(class_folder, tmp_path_factory):
    """A Python that has the libraries and, of this project, the pack's `course` only."""
    home = tmp_path_factory.mktemp("student") / "env"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    site = Path(_output(python, "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (site / "course").symlink_to(class_folder / "student-pack" / "course")
    return python


def _output(python, code):
    return subprocess.run(
        [python, "-c", code], check=True, capture_output=True, text=True, cwd="/"
    ).stdout


def test_the_pack_holds_neither_answers_nor_the_grader(class_folder, student_python):
    names = {path.name for path in (class_folder / "student-pack").iterdir()}
    assert names == {"course", "pyproject.toml"}
    code = "import importlib.util as u; print([bool(u.find_spec(n)) for n in {}])"
    found = _output(student_python, code.format(["course", "solutions", "autograder"]))
    assert found.strip() == "[True, False, False]"


def test_the_released_notebook_is_validated_and_says_what_is_not_answered(
    class_folder, student_python
):
    printed = _validate(student_python, class_folder / "release" / LESSON / f"{LESSON}.ipynb")
    count = len(LESSONS[LESSON])
    assert f"VALIDATION FAILED ON {count} CELL(S)" in printed
    assert printed.count("not answered yet") == count


def test_a_right_notebook_passes(class_folder, student_python, tmp_path):
    notebook = nbformat.read(class_folder / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    for exercise in LESSONS[LESSON]:
        cells[exercise.cell].source = program_source(exercise.reference)
    path = tmp_path / f"{LESSON}.ipynb"
    nbformat.write(notebook, path)
    assert "Success! Your notebook passes all the tests." in _validate(student_python, path)


def _validate(python, path):
    result = subprocess.run(
        [python, "-m", "nbgrader", "validate", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout
