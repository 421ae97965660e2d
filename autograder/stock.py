"""Run stock nbgrader as a program of its own."""

import os
import subprocess
import sys
from pathlib import Path


def start_nbgrader(folder, *arguments):
    """Start `nbgrader ARGUMENTS` in a class folder; its output and its log come on `stdout`.

    nbgrader itself starts `alembic` by name, so the folder of this Python's programs leads the
    search path, whether or not the virtual environment is activated.
    """
    programs = str(Path(sys.executable).parent)
    path = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    return subprocess.Popen(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_nbgrader(folder, *arguments):
    """Run `nbgrader ARGUMENTS` in a class folder; return its output. Raises RuntimeError."""
    with start_nbgrader(folder, *arguments) as process:
        output = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"nbgrader {' '.join(arguments)} failed:\n{output[-3000:]}")
    return output
