"""The same words in two orders, and what attention makes of each."""

import numpy as np
from matplotlib.patches import ConnectionPatch

from course.plots.figure import GREY, INK, Picture, picture

SIGNED = "PuOr"  # colour map of numbers of either sign; white is 0


@picture
def two_orders(first, second, outputs, others, name="output"):
    """Draw the output rows of two sentences of the same words, and join rows of equal output.

    first, second: lists of `T` words.    outputs, others: `(T, d)`, one row a word.
    name: what the rows are.
    """
    outputs, others = np.asarray(outputs), np.asarray(others)
    pairs = _equal_rows(outputs, others)
    alt = (
        f"The {name} rows of “{' '.join(first)}” beside those of “{' '.join(second)}”. "
        f"{len(pairs)} of {len(first)} rows on the left return on the right, each beside its own "
        f"word, in the order of the other sentence."
    )
    figure = Picture(8.2, 3.0, alt)
    left, right = figure.subplots(1, 2, gridspec_kw={"wspace": 0.35})
    most = max(np.abs(outputs).max(), np.abs(others).max())
    for axes, words, rows in ((left, first, outputs), (right, second, others)):
        drawn = axes.imshow(rows, cmap=SIGNED, vmin=-most, vmax=most, aspect="auto")
        axes.set(
            title=f"{name}: “{' '.join(words)}”",
            xlabel="feature",
            xticks=range(rows.shape[1]),
            xticklabels=range(1, rows.shape[1] + 1),
            yticks=range(len(words)),
            yticklabels=words,
        )
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    for row, other in pairs:
        _join(figure, left, right, outputs.shape[1], row, other)
    left.set_ylabel("word, in order")
    figure.colorbar(drawn, ax=[left, right], label="value (no unit)", shrink=0.9)
    return figure


def _equal_rows(outputs, others):
    """Pairs `(row, other)` of equal rows; each row on the right is taken once."""
    pairs, taken = [], set()
    for row, line in enumerate(outputs):
        for other, candidate in enumerate(others):
            if other not in taken and np.allclose(line, candidate, atol=1e-4):
                pairs.append((row, other))
                taken.add(other)
                break
    return pairs


def _join(figure, left, right, width, row, other):
    moved = row != other
    line = ConnectionPatch(
        xyA=(width - 0.4, row),
        xyB=(-1.75, other),
        coordsA=left.transData,
        coordsB=right.transData,
        color=INK if moved else GREY,
        linestyle="-" if moved else ":",
        linewidth=1.2,
        arrowstyle="-|>",
    )
    line.set_in_layout(False)
    figure.add_artist(line)
