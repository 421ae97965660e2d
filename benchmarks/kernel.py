"""How fast a warm kernel is there, and how long a class takes with it and with the stock kernel.

All gradings run unmodified `nbgrader autograde` on the same notebooks and the same machine. They
differ in the class's configuration: warm kernels, some at once, as always here; warm kernels one
after the other; and the stock kernel `python3`, which is how nbgrader grades by itself.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from autograder.classes import new_class
from autograder.demo.submissions import LESSON, answered
from autograder.exercises import LESSONS
from autograder.kernel import server
from autograder.kernel.kernelspec import NAME, install_kernelspec, use_warm_kernels
from autograder.stock import run_nbgrader, start_nbgrader
from benchmarks.report import Row, at_least, finish
from course.quiet import load_keras

SUBMISSIONS = 40
FORKS = 20
OPERATION = "import keras; x = keras.ops.matmul(keras.ops.ones((2, 3)), keras.ops.ones((3, 2)))"
IN_TURN = "\nc.ExecuteInTurn.at_once = 0\n"
STOCK = f"""{IN_TURN}
c.ExecutePreprocessor.kernel_name = "python3"
c.ExecutePreprocessor.shutdown_kernel = "graceful"  # nbconvert's default
c.AsyncKernelManager.client_class = "jupyter_client.asynchronous.AsyncKernelClient"
"""


def measure():
    """Return the rows: seconds to a ready kernel and to its first operation, and of a class."""
    ready, first = asyncio.run(_forks())
    warm, in_turn, stock = map(_class_seconds, ("", IN_TURN, STOCK))
    count = f"{SUBMISSIONS} submissions of lesson 03"
    return [
        Row(f"fork to ready kernel, median of {FORKS}", round(statistics.median(ready), 4), "s"),
        Row(
            f"fork to first executed op, median of {FORKS}", round(statistics.median(first), 4), "s"
        ),
        Row(f"nbgrader autograde, {count}, warm sandboxed kernels", round(warm, 1), "s"),
        Row("the same, one after the other", round(in_turn, 1), "s"),
        Row(f"nbgrader autograde, {count}, stock python3 kernels", round(stock, 1), "s"),
        at_least("stock over warm", round(stock / warm, 2), "times", 6),
    ]


async def _forks():
    """Seconds from the request to a ready kernel, and to the end of its first operation."""
    ready, first = [], []
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        install_kernelspec(folder)
        use_warm_kernels(config, folder)
        for number in range(FORKS + 1):
            start = time.perf_counter()
            manager = AsyncKernelManager(kernel_name=NAME, config=config)
            await manager.start_kernel()
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=60)
            ready.append(time.perf_counter() - start)
            await client.execute_interactive(OPERATION, timeout=60)
            first.append(time.perf_counter() - start)
            client.stop_channels()
            await manager.shutdown_kernel(now=True)
            if number == 0:  # it waited for the server's imports
                ready.clear()
                first.clear()
    server.close_all()
    return ready, first


def _class_seconds(more_config):
    """Seconds that `nbgrader autograde` takes for a class; every submission must get a score."""
    with tempfile.TemporaryDirectory(prefix="class-") as temporary:
        folder = Path(temporary, "class")
        new_class(folder)
        with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(more_config)
        run_nbgrader(folder, "generate_assignment", LESSON)
        _hand_in(folder)
        start = time.perf_counter()
        with start_nbgrader(folder, "autograde", LESSON) as process:
            log = process.stdout.read()
        seconds = time.perf_counter() - start
        graded = list((folder / "autograded").glob(f"*/{LESSON}/{LESSON}.ipynb"))
        if process.returncode or len(graded) != SUBMISSIONS:
            raise RuntimeError(f"{len(graded)} of {SUBMISSIONS} were graded:\n{log[-3000:]}")
        return seconds


def _hand_in(folder):
    """Right answers, variants and mistakes by turns, as a class would have them."""
    path = folder / "release" / LESSON / f"{LESSON}.ipynb"
    released = nbformat.read(path, as_version=4)
    for number in range(SUBMISSIONS):
        exercise = LESSONS[LESSON][number % len(LESSONS[LESSON])]
        programs = [*exercise.variants, *(m.program for m in exercise.misconceptions)]
        program = programs[number % len(programs)]
        notebook = answered(
            released, choose=lambda e, x=exercise, p=program: p if e is x else e.reference
        )
        target = folder / "submitted" / f"student-{number:02}" / LESSON / f"{LESSON}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(notebook, target)


if __name__ == "__main__":
    load_keras()
    finish("kernel", measure())
