"""How long `check` takes in a notebook, warm, for every exercise of lesson 03.

The reference is checked in a real IPython kernel by a cell that times `check` from inside: the
first call in the kernel is left out, as a reader pays it once.
"""

import json
import statistics

from jupyter_client.manager import start_new_kernel

from autograder.exercises import LESSONS
from benchmarks.report import at_most, finish
from course.quiet import load_keras

LESSON = "03-attention"
REPEATS = 15
TARGET = 0.3  # seconds, the median
CELL = """
import json, time
import course
from course.checking import check
from solutions.attention import {name} as subject
check("{id}", subject)
seconds = []
for _ in range({repeats}):
    start = time.perf_counter()
    check("{id}", subject)
    seconds.append(time.perf_counter() - start)
print(json.dumps(seconds))
"""


def measure():
    """Return one row an exercise: the median of the warm checks, in seconds."""
    manager, client = start_new_kernel()
    try:
        return [_row(client, exercise) for exercise in LESSONS[LESSON]]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _row(client, exercise):
    printed = []

    def keep(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    code = CELL.format(id=exercise.id, name=exercise.name, repeats=REPEATS)
    reply = client.execute_interactive(code, output_hook=keep, timeout=300)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{exercise.id}: {reply['content']['evalue']}")
    seconds = json.loads("".join(printed).strip().splitlines()[-1])
    return at_most(f"check {exercise.id}, median of {REPEATS}", _median(seconds), "s", TARGET)


def _median(seconds):
    return round(statistics.median(seconds), 4)


if __name__ == "__main__":
    load_keras()
    finish("check", measure())
