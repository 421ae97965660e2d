"""The Transformer course: lessons, `check`, `hint`, plots and data.

Importing it first in a notebook loads Keras quietly, so that a lesson's output holds the lesson
and no log lines. Elsewhere it loads nothing, so that `course --help` answers at once.
"""

import re
import sys
import warnings
from importlib import metadata

from course.quiet import load_keras

OLDEST = {"keras": (3, 12), "numpy": (2, 0)}  # the versions the lessons were tried with, or newer


def _warn_of_old_versions():
    for package, oldest in OLDEST.items():
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:  # there under another name, such as a nightly build
            continue
        if tuple(map(int, re.findall(r"\d+", found)[:2])) < oldest:
            wanted = ".".join(map(str, oldest))
            warnings.warn(
                f"The lessons need {package} {wanted} or newer. Received: {found}. "
                f"To mend it: {sys.executable} -m pip install -U {package}",
                stacklevel=3,
            )


_warn_of_old_versions()
if "ipykernel" in sys.modules:
    load_keras()
