"""Padding of lesson 08: what batches of texts as they come waste, and what buckets save."""

import math

import numpy as np
from matplotlib.collections import LineCollection

from course.plots.figure import BLUE, GREY, ORANGE, Picture, picture
from course.plots.play import Playground

BATCH = 32


def as_they_come(lengths, batch_size=BATCH):
    """Return batches as lists of lengths, and the length that each is padded to: its longest."""
    lengths = list(lengths)
    batches = [lengths[i : i + batch_size] for i in range(0, len(lengths), batch_size)]
    return batches, [max(batch) for batch in batches]


def in_buckets(lengths, width, batch_size=BATCH):
    """Return batches of one bucket each, and what they are padded to: a multiple of `width`."""
    buckets = {}
    for length in lengths:
        buckets.setdefault(math.ceil(length / width) * width, []).append(length)
    batches, padded = [], []
    for bound, bucket in sorted(buckets.items()):
        parts = as_they_come(bucket, batch_size)[0]
        batches += parts
        padded += [bound] * len(parts)
    return batches, padded


def wasted(batches, padded):
    """Return the share of places that hold padding."""
    places = sum(len(batch) * bound for batch, bound in zip(batches, padded, strict=True))
    return 1 - sum(map(sum, batches)) / places


@picture
def padding_of_batches(lengths, width=8, batch_size=BATCH):
    """Draw every text as a line, token and padding, in batches as they come and in buckets.

    lengths: of the texts, in tokens, in the order in which they come.    width: of a bucket.
    """
    kinds = {
        "as they come": as_they_come(lengths, batch_size),
        f"buckets of {width}": in_buckets(lengths, width, batch_size),
    }
    told = [
        f"{name}: {wasted(*kind):.0%} padding, {len(kind[0])} batches, {_shapes(*kind)}"
        for name, kind in kinds.items()
    ]
    alt = (
        f"{len(lengths)} texts of {min(lengths)} to {max(lengths)} tokens, each a line, in batches "
        f"of at most {batch_size}: {'; '.join(told)}. In buckets, lines of about one length lie "
        f"together, and little padding is behind them."
    )
    figure = Picture(9.6, 4.4, alt)
    panels = figure.subplots(1, 2, sharey=True, sharex=True)
    for axes, line, (batches, padded) in zip(panels, told, kinds.values(), strict=True):
        _draw(axes, batches, padded)
        name, _, numbers = line.partition(": ")
        axes.set(title=f"{name[0].upper()}{name[1:]}\n{numbers}", xlabel="position (tokens)")
    panels[0].set_ylabel("text")
    panels[0].invert_yaxis()
    handles = [panels[0].collections[0], panels[0].collections[1]]
    panels[1].legend(handles, ["tokens", "padding"], loc="upper right", frameon=True)
    return figure


def play_with_buckets(lengths, batch_size=BATCH):
    """Choose how wide a bucket is."""
    return Playground(
        lambda width: padding_of_batches(lengths, int(width), batch_size),
        {"width": (1, 40, 1, 8)},
        {"width": "width of a bucket"},
    )


def _shapes(batches, padded):
    shapes = {(len(batch), bound) for batch, bound in zip(batches, padded, strict=True)}
    return f"{len(shapes)} shapes"


def _draw(axes, batches, padded):
    """One line a text: its tokens dark, its padding light, and a rule between batches."""
    tokens, padding, row, rules = [], [], 0, []
    for batch, bound in zip(batches, padded, strict=True):
        for length in batch:
            tokens.append([(0, row), (length, row)])
            padding.append([(length, row), (bound, row)])
            row += 1
        rules.append(row - 0.5)
    height = 250 / row  # points for one line
    axes.add_collection(LineCollection(tokens, colors=BLUE, linewidths=height, capstyle="butt"))
    axes.add_collection(LineCollection(padding, colors=ORANGE, linewidths=height, capstyle="butt"))
    axes.hlines(rules[:-1], 0, max(padded), color="white", linewidth=0.8)
    axes.hlines(rules[:-1], -0.8, 0, color=GREY, linewidth=0.8)
    axes.set(xlim=(-0.8, np.max(padded) * 1.02), ylim=(-1, row))
