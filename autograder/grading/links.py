"""Take out of the working copy what a submission's links lead to.

nbgrader copies a submission with what its links point at: a link to the class's seed would put the
seed into the folder that the student's code may read.
"""

import os
import shutil
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor


class DropLinks(NbGraderPreprocessor):
    """In front of Execute."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        submitted = CourseDirectory(parent=self).format_path(
            "submitted", names["student"], names["assignment"]
        )
        for link in links(submitted):
            _remove(Path(resources["metadata"]["path"], link))
            self.log.warning("%s is a link in the submission: it was left out.", link)
        return nb, resources


def links(folder):
    """Return the paths, relative to `folder`, of all links in it."""
    found = []
    for parent, folders, files in os.walk(folder):  # which follows no link
        paths = [Path(parent, name) for name in (*folders, *files)]
        found += [path.relative_to(folder) for path in paths if path.is_symlink()]
    return found


def _remove(path):
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
