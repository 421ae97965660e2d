"""How much memory attention in tiles takes beside the plain way, and whether the numbers agree.

Both attend over the same sequence, one head, each in a fresh process; see `course.toys.memory`. The
plain way is `masked_attention` of lesson 04, which makes the whole table of weights.
"""

import numpy as np

from benchmarks.report import Row, at_most, finish
from course.toys.memory import MEGABYTE, WIDTH, measure_source

LENGTH = 8192
TILE = 512
MEMORY = 0.1  # of the plain way's
DIFFERENCE = 1e-5
PLAIN = """
from solutions.masking import masked_attention

def attend(query, key, value):
    return masked_attention(query, key, value)[0]
"""
TILED = f"""
from solutions.flash import tiled_attention

def attend(query, key, value):
    return tiled_attention(query, key, value, tile_size={TILE})
"""


def measure(length=LENGTH):
    """Return the rows: memory and time of both ways, their ratio, and the largest difference."""
    plain = measure_source("plain", PLAIN, length)
    tiled = measure_source("tiled", TILED, length)
    what = f"n = {length:,}, d = {WIDTH}, float32"
    return [
        *_figures(f"plain, {what}", plain),
        *_figures(f"tiles of {TILE}, {what}", tiled),
        at_most("memory of the tiles, of the plain way's", tiled.bytes / plain.bytes, "", MEMORY),
        at_most(
            "largest difference of the two outputs",
            float(np.max(np.abs(tiled.output - plain.output))), "", DIFFERENCE,
        ),
    ]  # fmt: skip


def _figures(name, measured):
    return [
        Row(f"{name}: memory", round(measured.bytes / MEGABYTE, 1), "MB"),
        Row(f"{name}: time", round(measured.seconds, 2), "s"),
    ]


if __name__ == "__main__":
    finish("tiled", measure())
