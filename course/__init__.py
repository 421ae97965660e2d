"""The Transformer course: lessons, `check`, `hint`, plots and data.

Importing it first in a notebook loads Keras quietly, so that a lesson's output holds the lesson
and no log lines. Elsewhere it loads nothing, so that `course --help` answers at once.
"""

import sys
import warnings
from importlib import metadata

from course.quiet import load_keras

OLDEST = {"keras": (3, 12), "numpy": (2, 0)}  # the versions the lessons were tried with, or newer


def _warn_of_old_versions():
    for package, oldest in OLDEST.items():
        found = metadata.version(package)
        if tuple(int(part) for part in found.split(".")[:2]) < oldest:
            wanted = ".".join(map(str, oldest))
            warnings.warn(
                f"The lessons need {package} {wanted} or newer. Received: {found}. "
                f"To mend it: {sys.executable} -m pip install -U {package}",
                stacklevel=3,
            )


_warn_of_old_versions()
if "ipykernel" in sys.modules:
    load_keras()
