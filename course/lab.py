"""A student's folder of lessons, and JupyterLab on it."""

import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console


def open_lab(folder, browser=True):
    """Copy the lessons to `folder` and run JupyterLab there; return its exit code."""
    folder = Path(folder)
    copied, kept = copy_lessons(folder)
    console = Console()
    console.print(f"{len(copied)} lessons copied to {folder}, {len(kept)} were there already.")
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.resolve()}"]
    if not browser:
        command.append("--no-browser")
    try:
        return subprocess.call(command)
    except KeyboardInterrupt:
        return 0


def copy_lessons(folder):
    """Copy released notebooks that `folder` does not have; return the names copied and kept.

    Raises NotADirectoryError where `folder` is a file.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"The lessons need a folder. Received a file: {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    copied, kept = [], []
    with as_file(files("course") / "notebooks") as notebooks:
        for notebook in sorted(notebooks.glob("*.ipynb")):
            target = folder / notebook.name
            (kept if target.exists() else copied).append(notebook.name)
            if not target.exists():
                shutil.copyfile(notebook, target)
    return copied, kept
