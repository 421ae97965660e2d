"""The lessons are copied once, a student's work is left alone, and JupyterLab is run to its end."""

import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path, PureWindowsPath

import pytest
from jupyter_server.serverapp import ServerApp
from traitlets.config.loader import KVArgParseConfigLoader

from course import lab
from course.lab import LabError, copy_lessons, open_lab

RELEASED = sorted(p.name for p in (files("course") / "notebooks").iterdir())


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def commands(monkeypatch):
    """The commands that would have run, in place of running them."""
    seen = []
    monkeypatch.setattr(lab, "run", lambda command: seen.append(command) or 0)
    return seen


def test_all_released_notebooks_are_copied_to_a_folder_that_is_made(tmp_path):
    folder = tmp_path / "a new" / "folder"
    assert copy_lessons(folder) == (RELEASED, [])
    assert names(folder) == RELEASED
    for name in RELEASED:
        released = files("course") / "notebooks" / name
        assert (folder / name).read_bytes() == released.read_bytes()


def test_a_second_run_keeps_what_a_student_wrote_and_puts_back_what_is_gone(tmp_path):
    copy_lessons(tmp_path)
    edited, gone = tmp_path / RELEASED[0], tmp_path / RELEASED[1]
    edited.write_text("my answers", encoding="utf-8")
    gone.unlink()
    (tmp_path / "notes.txt").write_text("mine, too", encoding="utf-8")
    assert copy_lessons(tmp_path) == ([gone.name], [n for n in RELEASED if n != gone.name])
    assert edited.read_text(encoding="utf-8") == "my answers"
    assert names(tmp_path) == sorted([*RELEASED, "notes.txt"])


@pytest.mark.parametrize("inside", ["", "deeper"])
def test_a_folder_that_is_a_file_is_refused_in_a_sentence(tmp_path, inside):
    file = tmp_path / "lessons"
    file.write_text("not a folder", encoding="utf-8")
    with pytest.raises(LabError, match=r"The lessons need a folder.*Received.*lessons"):
        copy_lessons(file / inside)
    assert file.read_text(encoding="utf-8") == "not a folder"


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path, monkeypatch):
    def refuse(*paths):
        raise PermissionError(13, "Permission denied", str(paths[1]))

    monkeypatch.setattr(lab.shutil, "copyfile", refuse)
    with pytest.raises(LabError, match=r"that can be written. Received: .*Permission denied"):
        copy_lessons(tmp_path)


def test_jupyterlab_opens_on_the_folder_and_takes_further_arguments(tmp_path, commands, capsys):
    folder = tmp_path / "Léçons of mine"
    assert open_lab(folder, browser=False, arguments=["--port=9000"]) == 0
    expected = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    assert commands == [[*expected, "--port=9000", "--no-browser"]]
    assert f"{len(RELEASED)} lessons copied to {folder}.\n" == capsys.readouterr().out


def test_the_second_run_says_how_to_start_afresh(tmp_path, commands, capsys):
    copy_lessons(tmp_path)
    open_lab(tmp_path)
    assert "--no-browser" not in commands[0]
    assert capsys.readouterr().out == (
        f"0 lessons copied to {tmp_path}, {len(RELEASED)} there already and left as they are. "
        f"To start one afresh, rename yours and run this again.\n"
    )


def test_a_relative_folder_is_below_the_working_directory(tmp_path, commands, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_lab(Path("my-lessons"))
    assert f"--ServerApp.root_dir={tmp_path / 'my-lessons'}" in commands[0]


def test_the_tilde_is_the_home_directory(tmp_path, commands, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    open_lab(Path("~/lessons"))
    assert names(tmp_path / "lessons") == RELEASED


@pytest.mark.parametrize(
    "folder", [PureWindowsPath(r"C:\Users\Zoë Q\my-lessons"), Path("/home/o'neil/my lessons")]
)
def test_jupyterlab_reads_any_path_as_it_is_written(folder):
    arguments = [f"--ServerApp.root_dir={folder}"]
    config = KVArgParseConfigLoader(arguments, classes=[ServerApp]).load_config()
    assert config.ServerApp.root_dir == str(folder)


def test_without_jupyterlab_the_command_to_install_it_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    with pytest.raises(LabError, match="-m pip install jupyterlab"):
        open_lab(tmp_path / "lessons")
    assert not (tmp_path / "lessons").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_waits_until_jupyterlab_has_stopped_its_kernels(tmp_path):
    """A stand-in that takes its time after Ctrl-C, longer than `subprocess.call` would wait."""
    slow = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: (time.sleep(0.6), sys.exit(7)))\n"
        f"open({str(tmp_path / 'ready')!r}, 'w').close()\n"
        "signal.pause()"
    )
    code = (
        f"import sys; from course.lab import run; sys.exit(run([sys.executable, '-c', {slow!r}]))"
    )
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as process:
        for _ in range(600):
            if (tmp_path / "ready").exists():
                break
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 7


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to pass on")
def test_a_request_to_terminate_is_passed_on():
    code = "import sys; from course.lab import run; sys.exit(run(['sleep', '60']) != -15)"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        child = wait_for_a_child(process.pid)
        process.terminate()
        assert process.wait(20) == 0
    assert not Path(f"/proc/{child}").exists()


def wait_for_a_child(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for _ in range(400):
        if found := children.read_text().split():
            time.sleep(0.2)  # until it handles signals
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no child was started")
