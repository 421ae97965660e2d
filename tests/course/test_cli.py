"""The command `course` by itself, with the instructor's tools and without them."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from course import cli

STUDENT = ("lab", "doctor")
INSTRUCTOR = ("new-class", "build", "demo", "exercises", "judge")
RUN = "import sys; sys.argv[0] = 'course'; from course.cli import main; main()"
WITHOUT_AUTOGRADER = f"import sys; sys.modules['autograder'] = None\n{RUN}"


def course(*arguments, code=RUN):
    """Run the command in a Python of its own; return the finished process."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)


def words(text):
    """Text without the frame and the line breaks that a terminal's width makes."""
    return " ".join(text.replace("│", " ").split())


def test_help_lists_the_commands_of_students_and_instructors():
    found = course("--help")
    assert found.returncode == 0
    assert found.stderr == ""
    for command in (*STUDENT, *INSTRUCTOR):
        assert f" {command} " in found.stdout


def test_help_works_without_the_instructor_tools_and_says_so():
    found = course("--help", code=WITHOUT_AUTOGRADER)
    assert found.returncode == 0
    assert found.stderr == ""
    assert all(f" {command} " in found.stdout for command in STUDENT)
    assert not any(f" {command} " in found.stdout for command in INSTRUCTOR)
    assert words(cli.NOT_HERE) in words(found.stdout)


@pytest.mark.parametrize("command", INSTRUCTOR)
def test_an_instructor_command_says_that_the_tools_are_not_here(command):
    result = CliRunner().invoke(cli.app, [command, "some", "argument"], obj=[])
    assert result.exit_code == 2
    assert f"There is no command `{command}`; there are lab, doctor." in words(result.output)
    assert words(cli.NOT_HERE) in words(result.output)


def test_that_sentence_comes_from_the_command_itself():
    found = course("new-class", "somewhere", code=WITHOUT_AUTOGRADER)
    assert found.returncode == 2
    assert found.stdout == ""
    assert words(cli.NOT_HERE) in words(found.stderr)
    assert not Path("somewhere").exists()


def test_an_unknown_command_is_wrong_usage_where_the_tools_are():
    found = course("marvel")
    assert found.returncode == 2
    assert "No such command 'marvel'" in found.stderr
    assert words(cli.NOT_HERE) not in words(found.stderr)


def test_help_loads_neither_keras_nor_jupyter():
    code = f"import atexit, sys\natexit.register(lambda: print(*sys.modules))\n{RUN}"
    loaded = set(course("--help", code=code).stdout.split())
    assert "course.cli" in loaded
    assert not loaded & {"keras", "tensorflow", "numpy", "matplotlib", "jupyterlab", "nbformat"}


@pytest.mark.parametrize("command", STUDENT)
def test_each_command_has_help(command):
    result = CliRunner().invoke(cli.app, [command, "--help"], obj=["instructor"])
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_lab_on_a_file_is_wrong_usage_in_one_sentence(tmp_path):
    file = tmp_path / "lessons"
    file.write_text("not a folder", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["lab", str(file)], obj=[])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == f"The lessons need a folder. Received a file: {file}\n"


def test_lab_hands_on_what_stands_after_the_dashes_and_its_exit_code(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("course.lab.run", lambda command: seen.append(command) or 3)
    arguments = ["lab", str(tmp_path), "--no-browser", "--", "--port=9000", "--debug"]
    assert CliRunner().invoke(cli.app, arguments, obj=[]).exit_code == 3
    assert seen[0][-3:] == ["--port=9000", "--debug", "--no-browser"]


@pytest.mark.parametrize("healthy", [True, False])
def test_doctor_exits_by_what_it_found(monkeypatch, healthy):
    monkeypatch.setattr("course.doctor.report", lambda: int(not healthy))
    assert CliRunner().invoke(cli.app, ["doctor"], obj=[]).exit_code == int(not healthy)


def test_a_plug_in_adds_its_commands(monkeypatch):
    entry = EntryPoint("instructor", "autograder.commands:register", cli.GROUP)
    monkeypatch.setattr(cli, "entry_points", lambda group: [entry])
    app = Typer()
    assert cli.add_plug_ins(app) == ["instructor"]
    assert {command.callback.__name__.replace("_", "-") for command in app.registered_commands} >= {
        *INSTRUCTOR
    }


def test_a_plug_in_whose_package_is_gone_is_passed_over(monkeypatch):
    gone = EntryPoint("instructor", "no_such_package.commands:register", cli.GROUP)
    monkeypatch.setattr(cli, "entry_points", lambda group: [gone])
    assert cli.add_plug_ins(Typer()) == []


def test_a_plug_in_that_lacks_something_of_its_own_is_heard(monkeypatch, tmp_path):
    (tmp_path / "plug_in_of_a_test.py").write_text("import no_such_package", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    broken = EntryPoint("instructor", "plug_in_of_a_test:register", cli.GROUP)
    monkeypatch.setattr(cli, "entry_points", lambda group: [broken])
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        cli.add_plug_ins(Typer())
