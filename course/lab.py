"""A student's folder of lessons, and JupyterLab on it."""

import shutil
import signal
import subprocess
import sys
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path


class LabError(Exception):
    """JupyterLab cannot be opened as asked; the message says what must hold."""


def open_lab(folder, browser=True, arguments=()):
    """Copy the lessons to `folder` and run JupyterLab there; return its exit code.

    arguments: further ones for JupyterLab, such as `--port=9000`.
    Raises LabError.
    """
    if find_spec("jupyterlab") is None:
        raise LabError(f"JupyterLab must be installed: {sys.executable} -m pip install jupyterlab")
    folder = Path(folder).expanduser().resolve()
    copied, kept = copy_lessons(folder)
    print(_summary(copied, kept, folder))
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *arguments]
    return run([*command, "--no-browser"] if not browser else command)


def copy_lessons(folder):
    """Copy the released notebooks that `folder` does not have; return the names copied and kept.

    Nothing that is there is replaced. Raises LabError where `folder` cannot hold them.
    """
    folder, copied, kept = Path(folder), [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with as_file(files("course") / "notebooks") as notebooks:
            for notebook in sorted(notebooks.glob("*.ipynb")):
                target = folder / notebook.name
                if target.exists():
                    kept.append(notebook.name)
                else:
                    shutil.copyfile(notebook, target)
                    copied.append(notebook.name)
    except FileExistsError:
        raise LabError(f"The lessons need a folder. Received a file: {folder}") from None
    except OSError as error:
        raise LabError(
            f"The lessons need a folder that can be written. Received: {error}"
        ) from None
    return copied, kept


def run(command):
    """Run a command to its end and return its exit code.

    Ctrl-C reaches the command as well; it asks, or takes its time to stop its kernels, and is
    waited for. A request to terminate is passed on.
    """
    process = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _summary(copied, kept, folder):
    lessons = f"{len(copied)} lesson{'s' * (len(copied) != 1)} copied to {folder}"
    if not kept:
        return f"{lessons}."
    return (
        f"{lessons}, {len(kept)} there already and left as they are. "
        f"To start one afresh, rename yours and run this again."
    )
