"""What this machine has for the course: Python, packages, backend, device, precision."""

import importlib.metadata
import platform
import shutil
import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

PYTHON = (3, 11), (3, 14)  # from, below
PACKAGES = ("keras", "tensorflow", "numpy", "matplotlib", "ipywidgets", "jupyterlab", "nbgrader")


@dataclass(frozen=True)
class Finding:
    """One line of the report. `fix` is a command or a sentence; empty where all is well."""

    what: str
    found: str
    fix: str = ""


def report():
    """Print the findings; return 0 when all is well, 1 when something needs mending."""
    found = findings()
    table = Table("", "what", "found", "to mend it")
    for finding in found:
        table.add_row("✗" if finding.fix else "✓", finding.what, finding.found, finding.fix)
    Console().print(table)
    return int(any(finding.fix for finding in found))


def findings():
    """Return all findings, in the order in which one would mend them."""
    return [_python(), *map(_package, PACKAGES), *_keras(), _disk()]


def _python():
    oldest, newest = PYTHON
    fits = oldest <= sys.version_info[:2] < newest
    fix = "" if fits else "install Python 3.11, 3.12 or 3.13 and make a new virtual environment"
    return Finding("Python", f"{platform.python_version()} at {sys.executable}", fix)


def _package(name):
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", f"{sys.executable} -m pip install {name}")


def _keras():
    """The backend, the device it computes on and the precision, as a lesson would find them."""
    try:
        from course.quiet import load_keras

        keras = load_keras()
    except Exception as error:
        fix = f"{sys.executable} -m pip install -U keras tensorflow"
        return [Finding("backend", f"does not load: {type(error).__name__}: {error}"[:200], fix)]
    devices = keras.distribution.list_devices()
    accelerators = [name for name in devices if not name.startswith("cpu")]
    return [
        Finding("backend", keras.backend.backend()),
        Finding("device", ", ".join(accelerators or devices)),
        Finding("precision", keras.config.dtype_policy().name),
    ]


def _disk():
    free = shutil.disk_usage(".").free / 2**30
    fix = "" if free > 1 else "free at least 1 GiB: lessons save weights"
    return Finding("free disk here", f"{free:.1f} GiB", fix)
