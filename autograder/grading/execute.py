"""Execute a rebuilt notebook; a crash or an endless loop costs its own exercise only."""

import asyncio
import contextlib
import json
import secrets
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Int, List

from autograder.exercises import EXERCISES
from autograder.grading.hidden import HiddenCases
from autograder.grading.rebuild import NOTES
from autograder.kernel.provisioner import KernelFailed, SandboxUnavailable
from autograder.kernel.server import ServerFailed
from autograder.weave import EXPERIMENT
from course.checking.notebook import OUTCOME

BY_CHECK_CELL = {exercise.check_cell: exercise for exercise in EXERCISES.values()}
OUTCOME_BYTES = 64_000_000  # of one cell, whatever its answer prints beside them
BOUNDED = ("stream", "display_data", "execute_result", "error", "update_display_data")
TIMED_OUT = "CellTimeoutError"  # the name in nbgrader's `Execute.error_on_timeout`


class ExecuteSubmission(HiddenCases, Execute):
    """nbgrader's `Execute`, with hidden cases sent to check cells and a restart after a death."""

    extra_arguments = List(["--IPKernelApp.log_level=ERROR"]).tag(config=True)

    lesson_timeout = Int(
        180,
        help="Seconds for the lesson's own cells: loading Keras on a busy machine takes its time, "
        "and is nobody's fault.",
    ).tag(config=True)

    submission_timeout = Int(
        600,
        help="Seconds for all answers and checks of one submission; after that each cell is left "
        "one second.",
    ).tag(config=True)

    output_bytes = Int(
        2_000_000, help="Bytes of output that are kept of one cell; what follows is cut."
    ).tag(config=True)

    def preprocess(self, nb, resources, km=None):
        """Execute the notebook; `interrupted` tells whether anything was cut off."""
        self.skip_cells_with_tag = EXPERIMENT
        self.timeout_func = self._seconds
        self._start = time.monotonic()
        self._written, self.interrupted = {}, False
        try:
            return super().preprocess(nb, resources, km)
        except (SandboxUnavailable, KernelFailed, ServerFailed):  # our trouble: nothing is graded
            raise
        except Exception as error:  # a kernel that the submission made useless
            self.log.exception("The notebook could not be run to its end.")
            self.interrupted = True
            reason = f"it could not be run to its end: {type(error).__name__}: {error}"
            nb.metadata.setdefault(NOTES, {})["unreadable"] = reason[:300]
            return nb, resources

    async def async_start_new_kernel(self, **kwargs):
        """Start the kernel, and make the keys of this notebook meanwhile."""
        starting = asyncio.ensure_future(super().async_start_new_kernel(**kwargs))
        try:
            for cell in self.nb.cells:
                exercise = BY_CHECK_CELL.get(_grade_id(cell))
                await asyncio.sleep(0)
                if exercise and not starting.done():
                    with contextlib.suppress(Exception):  # told where the key is needed
                        self.hidden_key(exercise.id)
        finally:
            await starting

    start_new_kernel = run_sync(async_start_new_kernel)

    async def _async_poll_kernel_alive(self):
        """Watch the kernel as nbclient does, and end quietly where it is there no more.

        After a cell that was stopped, nbclient's own fails by an AssertionError that nobody awaits.
        Python then writes its traceback whenever it collects garbage, for which it parses source:
        amid another `ast.parse`, as in `program_source`, that is a SystemError before 3.13.
        """
        with contextlib.suppress(AssertionError):
            await super()._async_poll_kernel_alive()

    def preprocess_cell(self, cell, resources, index):
        exercise = BY_CHECK_CELL.get(_grade_id(cell))
        if exercise is None:
            return self._contained(cell, index), resources
        if exercise.attachment:  # what is handed in is judged, not what runs
            return cell, resources
        written, ticket = cell.source, secrets.token_hex(8)
        cell.source = _probe_source(exercise, self.packed_cases(exercise.id), ticket)
        start = time.perf_counter()
        try:
            self._contained(cell, index)
        finally:
            cell.source = written
        record = cell.metadata.setdefault(NOTES, {})
        record.update(ticket=ticket, seconds=round(time.perf_counter() - start, 3))
        return cell, resources

    def _contained(self, cell, index):
        """Execute one cell; where its kernel is lost, start a new one."""
        try:
            self.execute_cell(cell, index, store_history=True)
        except (DeadKernelError, CellTimeoutError) as error:
            self._mark(cell, "crashed" if isinstance(error, DeadKernelError) else "timeout")
            self._restart(index)
        else:
            outputs = cell.get("outputs", [])
            if any(o.output_type == "error" and o.ename == TIMED_OUT for o in outputs):
                self._mark(cell, "timeout")
        return cell

    def process_message(self, msg, cell, cell_index):
        """Take a message of the kernel; output beyond `output_bytes` is dropped, and told."""
        if msg["msg_type"] not in BOUNDED:
            return super().process_message(msg, cell, cell_index)
        is_outcome = OUTCOME in msg["content"].get("data", {})
        most = OUTCOME_BYTES if is_outcome else self.output_bytes
        before = self._written.get((cell_index, is_outcome), 0)
        written = before + len(json.dumps(msg["content"], default=str))
        self._written[cell_index, is_outcome] = written
        if written <= most:
            return super().process_message(msg, cell, cell_index)
        if before <= most:
            told = f"[output beyond {most:,} bytes was cut]"
            cell.outputs.append(new_output("stream", name="stdout", text=told))
        return None

    def _seconds(self, cell):
        if is_lessons_own(cell):
            return self.lesson_timeout
        left = self.submission_timeout - (time.monotonic() - self._start)
        return max(1, min(self.timeout, int(left)))

    def _mark(self, cell, status):
        self.interrupted = True
        sentence = {
            "crashed": "Python ended while this ran, by a crash or a call such as os._exit",
            "timeout": f"it was stopped after {self._seconds(cell)} s",
        }[status]
        cell.metadata.setdefault(NOTES, {})["interruption"] = [status, sentence]
        cell.outputs.append(
            new_output("error", ename=status, evalue=sentence, traceback=[sentence])
        )

    def _restart(self, stop):
        """Start a new kernel and run the cells before `stop` again, checks left out."""
        self._cleanup_kernel()
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for index, cell in enumerate(self.nb.cells[:stop]):
            lost = cell.metadata.get(NOTES, {}).get("interruption")
            if cell.cell_type == "code" and _grade_id(cell) not in BY_CHECK_CELL and not lost:
                self._contained(cell, index)


def _probe_source(exercise, cases, ticket):
    """The hidden line of a check cell, with the cases that the grader sends."""
    call = '__import__("course.checking").checking.probe_hidden'
    return f'{call}("{exercise.id}", {exercise.name}, "{cases}", "{ticket}")'


def is_lessons_own(cell):
    """Whether a cell is the lesson's: neither an answer, nor a check, nor added by the student."""
    return cell.metadata.get("nbgrader", {}).get("locked", False) and not is_grade(cell)


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")
