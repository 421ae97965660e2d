"""Execute the submissions that come next while nbgrader is busy with this one.

nbgrader grades one submission after the other, and waits for each one's kernel. Here the next ones
run meanwhile, each in a kernel and a working copy of its own. What comes out is used if nbgrader
then asks for the very same cells and files, and only if nothing was interrupted: what ran into a
limit or ended Python is run again with nothing beside it, so that nobody pays for another one.
"""

import atexit
import copy
import hashlib
import itertools
import os
import re
import shutil
import tempfile
import threading
from pathlib import Path

from jupyter_core.utils import ensure_event_loop
from nbgrader.utils import find_all_files
from traitlets import Int

from autograder.grading.execute import ExecuteSubmission
from autograder.grading.exporter import read_submission
from autograder.grading.rebuild import NOTES, Rebuild
from autograder.kernel import server
from autograder.kernel.files import ordinary_files
from autograder.kernel.provisioner import KernelFailed

END_SECONDS = 10  # until a run ends whose kernel was killed


class ExecuteInTurn(ExecuteSubmission):
    """`ExecuteSubmission`, with what was executed ahead where there is such; the next are begun."""

    at_once = Int(
        min(4, len(os.sched_getaffinity(0))),
        help="How many of the next submissions run while one is graded; 0: none. A run takes three "
        "times what nbgrader does beside it, so that more than 4 would wait for it.",
    ).tag(config=True)

    def preprocess(self, nb, resources, km=None):
        runs, names = self.parent.ahead, resources["nbgrader"]
        run = runs.pop(names["student"], None)
        done = run and run.result()
        if run and not done:  # it was interrupted
            end_all(runs)
            nb, resources = super().preprocess(nb, resources, km)
            self._begin_next(names)
            return nb, resources
        self._begin_next(names)
        if done and done.belongs_to(nb, resources):
            self.log.info("This notebook was executed while another one was graded.")
            done.hand_over(nb)
        else:
            nb = execute_fairly(self, nb, resources, runs)
        return nb, resources

    def _begin_next(self, names):
        runs, following = self.parent.ahead, next_submissions(self.parent.parent, names)
        for student, path in itertools.islice(following, self.at_once):
            if student not in runs:
                runs[student] = Ahead(self, path)


def execute_fairly(step, nb, resources, runs):
    """Execute a notebook beside what runs ahead; once more alone, where it was interrupted.

    step: an `ExecuteSubmission`.    runs: dict of `Ahead`.    Returns the executed notebook.
    """
    before, alone = copy.deepcopy(nb), not any(run.is_running for run in runs.values())
    nb, _ = ExecuteSubmission.preprocess(step, nb, resources)
    if step.interrupted and not alone:
        end_all(runs)
        nb, _ = ExecuteSubmission.preprocess(step, before, resources)
    return nb


def end_all(runs):
    """Wait until nothing runs ahead."""
    for run in runs.values():
        run.result()


class Ahead:
    """A run of the submission at `path`, in a thread that nobody has to wait for.

    step: the `ExecuteInTurn` of the submission before it.
    """

    def __init__(self, step, path):
        self._step, self._path, self._done = step, path, None
        self._thread = threading.Thread(target=self._run, name=f"ahead: {path}", daemon=True)
        atexit.register(self._end)
        self._thread.start()

    @property
    def is_running(self):
        """Whether its kernel may run beside another."""
        return self._thread.is_alive()

    def result(self):
        """Wait for its end and return `Executed`, or None where it came to nothing."""
        self._thread.join()
        atexit.unregister(self._end)
        return self._done

    def _end(self):
        server.close_all()  # its kernel is lost, and with it the run
        self._thread.join(END_SECONDS)

    def _run(self):
        try:
            self._done = self._executed()
        except Exception as error:  # whatever it is shows again where the submission is graded
            self._step.log.debug("%s could not be executed ahead: %s", self._path, error)
        finally:
            ensure_event_loop().close()

    def _executed(self):
        step, converter = self._step, self._step.parent.parent
        with tempfile.TemporaryDirectory() as folder:
            copy_files(converter, self._path.parent, Path(folder))
            before = sanitized(converter, self._path)
            run = _Undisturbed(parent=step.parent, config=step.config)
            resources = {"metadata": {"path": folder}}
            after, _ = run.preprocess(copy.deepcopy(before), resources)
            return None if run.interrupted else Executed(before, after, digest(folder))


class _Disturbed(KernelFailed):
    """Something was interrupted, perhaps by what ran beside it."""


class _Undisturbed(ExecuteSubmission):
    """`ExecuteSubmission` that gives up at the first interruption."""

    def _mark(self, cell, status):
        raise _Disturbed(status)


class Executed:
    """What came out of a run.    before, after: notebooks.    files: `digest` of its folder."""

    def __init__(self, before, after, files):
        self._before, self._after, self._files = before, after, files

    def belongs_to(self, nb, resources):
        """Whether this notebook with these files is what was run."""
        return _inputs(self._before) == _inputs(nb) and self._files == digest(
            resources["metadata"]["path"]
        )

    def hand_over(self, nb):
        """Put outputs and notes of the run into `nb`."""
        for cell, executed in zip(nb.cells, self._after.cells, strict=True):
            cell.metadata.update({**executed.metadata, **cell.metadata})
            if cell.cell_type == "code":
                cell.update(outputs=executed.outputs, execution_count=executed.execution_count)
        nb.metadata.update({**self._after.metadata, **nb.metadata})


def _inputs(nb):
    """All that execution depends on; nbgrader's checksums of cells are not."""
    cells = [
        (cell.cell_type, cell.source, cell.metadata.get("tags"), _without_checksum(cell))
        for cell in nb.cells
    ]
    return cells, nb.metadata.get(NOTES)


def _without_checksum(cell):
    return {**cell.metadata.get("nbgrader", {}), "checksum": None}


def next_submissions(converter, names):
    """Yield student and notebook of each submission that nbgrader will ask for after this one.

    converter: nbgrader's `Autograde`.    names: dict, `resources["nbgrader"]` of the present one.
    """
    course, assignment = converter.coursedir, names["assignment"]
    present = course.format_path(course.submitted_directory, names["student"], assignment)
    pattern = course.format_path(course.submitted_directory, "(.*)", assignment, escape=True)
    for folder in sorted(converter.assignments):
        student = re.fullmatch(pattern, folder)[1]
        if folder <= present or student in course.student_id_exclude.split(","):
            continue
        graded = Path(course.format_path(course.autograded_directory, student, assignment))
        path = Path(folder, f"{names['notebook']}.ipynb")
        if path.is_file() and (converter.force or not graded.exists()):
            yield student, path


def sanitized(converter, path):
    """Return the notebook at `path` as it is after `Autograde.sanitize_preprocessors`."""
    submission, unreadable = read_submission(path)
    names = {"assignment": converter.coursedir.assignment_id, "notebook": path.stem}
    resources = {"nbgrader": names, "unreadable": unreadable}
    notebook, _ = Rebuild(parent=converter).preprocess(submission, resources)
    return notebook


def copy_files(converter, submitted, target):
    """Make the working copy as nbgrader does, links left out: the instructor's files come last."""
    course, assignment = converter.coursedir, converter.coursedir.assignment_id
    source = course.format_path(course.source_directory, ".", assignment)
    kept = converter.exclude_overwriting.get(assignment, [])
    for origin, passed_over in ((submitted, ()), (source, kept)):
        for path in map(Path, find_all_files(str(origin), [*course.ignore, "*.ipynb"])):
            name = path.relative_to(origin)
            if path.is_file() and not path.is_symlink() and str(name) not in passed_over:
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / name)


def digest(folder):
    """Return the names and hashes of the files that a kernel gets of a folder: dict."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in ordinary_files(Path(folder))
    }
