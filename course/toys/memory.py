"""How much memory and time attention takes at a length, each measured in a fresh Python process.

A process keeps what it has once taken, so two measurements in one would not be independent. Each
one here starts Python, loads Keras, attends to a few tokens, notes the memory that is held, attends
to the sequence and notes the highest amount since.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import numpy as np

from course.checking.source import source_of
from course.progress import Progress

LENGTHS = (1024, 2048, 4096, 8192)
WIDTH = 64  # features of a query, a key and a value; one head, float32
MEGABYTE = 2**20

PLAIN = """
def attend(query, key, value):
    scores = ops.matmul(query, ops.transpose(key)) / math.sqrt(query.shape[-1])
    weights = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True))
    return ops.matmul(weights / ops.sum(weights, axis=-1, keepdims=True), value)
"""
PROGRAM = """
import course
import ctypes, json, math, resource, sys, time
import keras
import numpy as np
from keras import ops

{source}

def held(field):
    # what this process holds, and the most it has held, in bytes
    try:
        with open("/proc/self/status") as lines:
            return next(1024 * int(l.split()[1]) for l in lines if l.startswith(field))
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most * (1 if sys.platform == "darwin" else 1024)

def sequence(length):
    rng = np.random.default_rng(11)
    return [ops.array(rng.normal(size=(length, {width})), "float32") for _ in range(3)]

ops.convert_to_numpy(attend(*sequence(8)))
tokens = sequence({length})
try:
    ctypes.CDLL(None).malloc_trim(0)  # what is free and still held goes back
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")  # the most, from now on
except (AttributeError, OSError):  # another system: free memory that is reused does not show
    pass
before = held("VmRSS")
start = time.perf_counter()
output = ops.convert_to_numpy(attend(*tokens))
seconds = time.perf_counter() - start
print(json.dumps({{"bytes": held("VmHWM") - before, "seconds": seconds}}))
np.save({output!r}, output)
"""


@dataclass
class Measured:
    """One way at one length: the memory taken above what was held before, and the time."""

    name: str
    length: int
    bytes: int
    seconds: float
    output: np.ndarray


def measure(function=None, lengths=LENGTHS):
    """Measure attention at several lengths; show progress; return a list of `Measured`.

    function: called as `function(query, key, value)` with tensors `(n, 64)`, such as your
        `tiled_attention`; it is run from the source of its cell. Without it, the plain way, which
        makes the whole table of weights.
    """
    name, source = "plain", PLAIN
    if function:
        name, source = "yours", f"{source_of(function)}\nattend = {function.__name__}\n"
    found = []
    with Progress("Measuring", total=len(lengths)) as progress:
        for length in lengths:
            found.append(measure_source(name, source, length))
            progress.advance(note=f"{length:,} tokens")
    return found


def measure_source(name, source, length):
    """Run one measurement. source: Python that defines `attend(query, key, value)`."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "output.npy")
        program = PROGRAM.format(source=source, width=WIDTH, length=length, output=path)
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(f"{name}, {length} tokens:\n{run.stderr[-2000:]}")
        result = json.loads(run.stdout.splitlines()[-1])
        return Measured(name, length, output=np.load(path), **result)
