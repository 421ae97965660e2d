"""Read submissions that nbgrader alone would refuse: broken files and renamed ones."""

import shutil
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_notebook

from autograder.kernel.kernelspec import start_server


class SubmissionExporter(NotebookExporter):
    """A notebook that cannot be read becomes an empty one, with the reason in the resources.

    The file itself stays as it is, in `submitted/`.
    ahead: dict, by student, of the submissions that run while another one is graded (`ahead.py`).
    """

    def __init__(self, config=None, **kwargs):
        if config is not None:  # in front of all that the preprocessors import
            start_server(config)
        super().__init__(config=config, **kwargs)
        self.ahead = {}

    def from_filename(self, filename, resources=None, **kwargs):
        notebook, unreadable = read_submission(filename)
        if unreadable:
            resources = {**(resources or {}), "unreadable": unreadable}
            return self.from_notebook_node(notebook, resources, **kwargs)
        return super().from_filename(filename, resources, **kwargs)


def read_submission(path):
    """Return `(notebook, None)`, or an empty notebook and the reason why `path` is unreadable."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # JSON, encoding, schema: whatever is wrong is told, not raised
        text = str(error).strip().splitlines()
        reason = f"{type(error).__name__}: {text[0][:200] if text else 'no reason given'}"
        return new_notebook(), reason
    return notebook, None


def adopt_renamed(assignment, student, notebooks):
    """Copy a renamed notebook to the name that nbgrader looks for; the original stays.

    A hook of `Autograde.pre_convert_hook`: `notebooks` is its list of paths, changed in place.
    Of several files, the one with most of the lesson's answer cells is taken.
    """
    if not notebooks:
        return
    folder = Path(notebooks[0]).parent
    wanted = folder / f"{folder.name}.ipynb"
    if str(wanted) in notebooks or wanted.exists():
        return
    best = max(notebooks, key=_answer_cells)
    shutil.copyfile(best, wanted)
    notebooks.append(str(wanted))


def _answer_cells(path):
    from autograder.exercises import EXERCISES  # it loads Keras

    text = Path(path).read_text(encoding="utf-8", errors="replace")
    return sum(f'"{exercise.cell}"' in text for exercise in EXERCISES.values())
