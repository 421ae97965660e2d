"""What this machine has for the course: Python, packages, backend, device, precision."""

import contextlib
import html
import importlib.metadata
import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass

from course import device

PYTHON = (3, 11), (3, 14)  # from, below
PACKAGES = {  # the oldest version of each that the lessons were tried with
    "keras": (3, 12),
    "tensorflow": (2, 20),
    "numpy": (2, 0),
    "matplotlib": (3, 9),
    "ipywidgets": (8, 1),
    "jupyterlab": (4, 2),
    "nbgrader": (0, 9),
}
BACKENDS = ("tensorflow", "jax", "torch")
WITH_GPU = {"tensorflow": "tensorflow[and-cuda]", "jax": "jax[cuda12]", "torch": "torch"}
HERE = ("Python", "keras", "backend", "device", "precision")  # what lesson 00 looks at


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    fix: a command or a sentence; empty where all is well.    needed: whether lessons fail without
    the fix; otherwise it only makes them quicker.
    """

    what: str
    found: str
    fix: str = ""
    needed: bool = True

    @property
    def mark(self):
        """✓ for well, ✗ for what must be mended, ○ for what may be."""
        if not self.fix:
            return "✓"
        return "✗" if self.needed else "○"


class Report:
    """Findings, one a line, and below each what mends it; a table in a notebook."""

    def __init__(self, findings):
        self.findings = findings

    @property
    def healthy(self):
        """Whether nothing must be mended."""
        return all(finding.mark != "✗" for finding in self.findings)

    def __str__(self):
        width = max(len(finding.what) for finding in self.findings)
        lines = []
        for finding in self.findings:
            lines.append(f"{finding.mark} {finding.what:{width}}  {finding.found}")
            if finding.fix:
                lines.append(f"  {'to mend it:':{width}}  {finding.fix}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        rows = "".join(f"<tr>{''.join(map(_cell, _columns(f)))}</tr>" for f in self.findings)
        return f"<table>{rows}</table>"


def _columns(finding):
    found = f"{finding.found}. To mend it: {finding.fix}" if finding.fix else finding.found
    return finding.mark, finding.what, found


def _cell(text):
    return f'<td style="text-align:left">{html.escape(text)}</td>'


def report():
    """Print the findings; return 0 when all is well, 1 when something must be mended."""
    found = Report(findings())
    print(found)
    return int(not found.healthy)


def this_machine():
    """Return what a lesson computes with and what needs mending, to show in a notebook."""
    return Report([finding for finding in findings() if finding.what in HERE or finding.fix])


def findings():
    """Return all findings, in the order in which one would mend them; plug-ins add theirs."""
    return [_python(), *map(_package, PACKAGES), *_keras(), _disk(), *_of_plug_ins()]


def _of_plug_ins():
    """What other packages look for: an entry point of `course.findings` returns `Finding`s."""
    found = []
    for entry in importlib.metadata.entry_points(group="course.findings"):
        with contextlib.suppress(ModuleNotFoundError):  # a student's pack: the package is not here
            found += entry.load()()
    return found


def _python():
    oldest, newest = PYTHON
    fits = oldest <= sys.version_info[:2] < newest
    fix = "" if fits else "install Python 3.11, 3.12 or 3.13 and make a new virtual environment"
    return Finding("Python", f"{platform.python_version()} at {sys.executable}", fix)


def _package(name):
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", _install(name))
    numbers = tuple(int(number) for number in re.findall(r"\d+", found)[:2])
    if numbers < PACKAGES[name]:
        oldest = ".".join(map(str, PACKAGES[name]))
        return Finding(name, f"{found}, older than {oldest}", _install(f"{name}>={oldest}"))
    return Finding(name, found)


def _install(requirement):
    return f"{_quoted(sys.executable)} -m pip install -U {_quoted(requirement)}"


def _quoted(word):
    return f'"{word}"' if re.search(r"[ ()&\[\]<>=]", word) else word


def _keras():
    """The backend, the device it computes on and the precision, as a lesson would find them."""
    try:
        from course.quiet import load_keras

        keras = load_keras()
    except Exception as error:
        reason = f"does not load: {type(error).__name__}: {error}"
        return [Finding("backend", reason[:200], _fix_backend(error))]
    backend = keras.backend.backend()
    return [
        Finding("backend", backend),
        _device(backend),
        Finding("precision", keras.config.dtype_policy().name),
    ]


def _fix_backend(error):
    wanted = os.environ.get("KERAS_BACKEND")
    if wanted and wanted not in BACKENDS:
        return f"set the environment variable KERAS_BACKEND to one of {', '.join(BACKENDS)}"
    missing = getattr(error, "name", None)
    return _install(missing if missing in BACKENDS else wanted or "tensorflow")


def _device(backend):
    kind = device.kind()
    if kind != "CPU":
        return Finding("device", kind)
    found = f"CPU, {os.cpu_count()} cores"
    if sys.platform == "linux" and shutil.which("nvidia-smi"):
        fix = f"to use the NVIDIA GPU as well: {_install(WITH_GPU[backend])}"
        return Finding("device", found, fix, needed=False)
    return Finding("device", found)


def _disk():
    free = shutil.disk_usage(".").free / 2**30
    fix = "" if free > 1 else "free at least 1 GiB: lessons save weights"
    return Finding("free disk here", f"{free:.1f} GiB", fix)
