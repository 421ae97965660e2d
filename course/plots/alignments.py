"""Where a trained Transformer looks in the source while it writes, in lesson 09."""

import numpy as np

from course.plots.figure import INK, Picture, heat_map, picture

COLUMNS = 2


@picture
def alignment_maps(alignments, head=None):
    """Draw the weights of cross-attention for some texts: rows are written, columns are read.

    alignments: list of `course.training.alignment.Alignment`.
    head: pair of ints, a block and a head of it; None, the default, averages over all of them.
    """
    which = (
        "averaged over all blocks and heads" if head is None else f"block {head[0]}, head {head[1]}"
    )
    told = "; ".join(_told(one, head) for one in alignments) or "nothing was written"
    alt = f"Weights of cross-attention, {which}. {told}."
    rows = max(1, -(-len(alignments) // COLUMNS))
    tall = max([len(one.written) for one in alignments], default=10)
    figure = Picture(10.2, rows * (1.3 + 0.17 * tall), alt)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).reshape(-1)
    image = None
    for axes, one in zip(panels, alignments, strict=False):
        table = _table(one, head)
        image = heat_map(axes, table)
        axes.set(title=f"“{one.source}”", xlabel="read", ylabel="written")
        axes.set_xticks(range(len(one.source)), list(one.source), fontsize=8)
        axes.set_yticks(range(len(table)), [*one.written, "END"], fontsize=8)
        axes.plot(table.argmax(axis=1), range(len(table)), ".", color=INK, markersize=3)
    for axes in panels[len(alignments) :]:
        axes.set_axis_off()
    if image is not None:
        figure.colorbar(image, ax=list(panels), label="weight (share of 1)", pad=0.02)
    return figure


def _table(one, head):
    return one.mean if head is None else one.weights[head[0], head[1]]


def _told(one, head):
    """In words: at which character of the source each written one looks most."""
    places = _table(one, head).argmax(axis=1)[:-1]
    looks = ", ".join(
        f"{character} at {one.source[place]!r}"
        for character, place in zip(one.written, np.asarray(places), strict=True)
    )
    return f"“{one.source}” became “{one.written}”, looking most: {looks}"
