"""Long sequences, of lesson 11: a softmax read in tiles, the table cut up, memory by length."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from course.plots.figure import BLUE, GREEN, GREY, INK, ORANGE, SKY, Picture, picture
from course.plots.play import Playground

SCORES = np.log([2.0, 8.0, 4.0, 16.0, 4.0, 32.0, 1.0])  # exponentials that a pencil can add
MEGABYTE = 2**20
NUMBER = 4  # bytes of a float32
LINES = {"plain": (ORANGE, "s--", "plain, with the whole table"), "yours": (BLUE, "o-", "yours")}


def running(scores, tile_size, forget=False):
    """Return the maximum and the sum after each tile; with `forget`, old sums are not rescaled."""
    highest, total, steps = -np.inf, 0.0, []
    for start in range(0, len(scores), tile_size):
        tile = scores[start : start + tile_size]
        new = max(highest, tile.max())
        total = total * (1.0 if forget else np.exp(highest - new)) + np.exp(tile - new).sum()
        highest = new
        steps.append((highest, total))
    return np.array(steps)


@picture
def tile_by_tile(seen=2, tile_size=2, forget=False, scores=SCORES):
    """Draw a softmax after some tiles: the terms of its sum, and the sum as it grows.

    seen: int, tiles that have been read.    forget: leave out the rescaling of the old sum.
    """
    scores = np.asarray(scores, dtype=float)
    steps, right = running(scores, tile_size, forget), running(scores, tile_size)
    seen = min(int(seen), len(steps))
    highest, total = steps[seen - 1]
    read = min(seen * tile_size, len(scores))
    terms = np.exp(scores[:read] - highest)
    alt = (
        f"After {seen} of {len(steps)} tiles of {tile_size} scores the maximum is ln "
        f"{np.exp(highest):g}. Terms, each exp(score − maximum): "
        f"{', '.join(f'{term:.3g}' for term in terms)}. The running sum is {total:.4g}"
        f"{' without rescaling' if forget else ''}; it should be {right[seen - 1, 1]:.4g}."
    )
    figure = Picture(9.6, 3.6, alt)
    left, middle = figure.subplots(1, 2, width_ratios=(1.25, 1))
    places = np.arange(len(scores))
    newest = places[:read] // tile_size == seen - 1
    colours = np.where(newest, ORANGE, BLUE)
    bars = left.bar(places[:read], terms, 0.8, color=list(colours))
    for bar, new in zip(bars, newest, strict=True):
        bar.set_hatch("//" if new else "")
        bar.set_edgecolor("white")
    left.bar_label(bars, fmt="%.3g", fontsize=9, padding=2)
    left.bar(places[read:], 0.04, 0.8, color="none", edgecolor=GREY, linestyle=":")
    for edge in range(tile_size, len(scores), tile_size):
        left.axvline(edge - 0.5, color=GREY, linewidth=1, linestyle=":")
    left.set(
        title=f"Terms on the scale of the maximum so far, ln {np.exp(highest):g}",
        xlabel="score; dotted lines between tiles, the newest one hatched",
        ylabel="exp(score − maximum)",
        ylim=(0, 1.18),
        xlim=(-0.6, len(scores) - 0.4),
    )
    left.set_xticks(places, [f"ln {value:g}" for value in np.exp(scores)])
    tiles = np.arange(1, len(steps) + 1)
    middle.plot(tiles, right[:, 1], "o--", color=GREEN, label="as it should be")
    middle.plot(
        tiles[:seen], steps[:seen, 1], "s-", color=INK,
        label="without rescaling" if forget else "running sum",
    )  # fmt: skip
    middle.annotate(
        f"{total:.4g}", (seen, total), xytext=(0, 9), textcoords="offset points",
        ha="center", fontweight="bold",
    )  # fmt: skip
    middle.set(
        title="The sum so far",
        xlabel="tiles read",
        ylabel="sum of the terms",
        xticks=tiles,
        ylim=(0, 1.3 * max(right[:, 1].max(), steps[:, 1].max())),
    )
    middle.legend(loc="lower left", ncols=2, fontsize=9)
    return figure


def play_with_tiles():
    """Read on tile by tile, choose the size of a tile, and forget to rescale."""
    return Playground(
        lambda seen, tile_size, rescale: tile_by_tile(seen, tile_size, forget=rescale == "no"),
        {"seen": (1, 7, 1, 2), "tile_size": [2, 1, 3, 4], "rescale": ["yes", "no"]},
        {"seen": "tiles read", "tile_size": "scores in a tile", "rescale": "rescale the old sum"},
    )


@picture
def cut_into_tiles(length=14, tile_size=4):
    """Draw the table of scores cut into tiles, with and without a causal mask."""
    count = -(-length // tile_size)
    needed = sum(row >= column for row in range(count) for column in range(count))
    alt = (
        f"The {length} × {length} table of scores in {count} × {count} tiles of at most "
        f"{tile_size} × {tile_size}. One tile is in memory at a time. Behind a causal mask "
        f"{count} tiles lie on the diagonal and are hidden in part, {count**2 - needed} lie in "
        f"the future and are skipped."
    )
    figure = Picture(8.4, 4.2, alt)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, causal in zip(panels, (False, True), strict=True):
        for row in range(0, length, tile_size):
            for column in range(0, length, tile_size):
                _tile(axes, row, column, tile_size, length, causal)
        axes.set(
            title="Causal: the future is skipped"
            if causal
            else "Every tile is made, used, dropped",
            xlabel="key",
            xlim=(-0.6, length - 0.4),
            ylim=(length - 0.4, -0.6),
            aspect="equal",
        )
        axes.spines[:].set_visible(False)
    panels[0].set_ylabel("query")
    return figure


def _tile(axes, row, column, tile_size, length, causal):
    height, width = min(tile_size, length - row), min(tile_size, length - column)
    corner = column - 0.45, row - 0.45
    size = width - 0.1, height - 0.1
    now = row == tile_size and column == (0 if causal else tile_size)
    if causal and column > row:
        axes.add_patch(Rectangle(corner, *size, facecolor="none", edgecolor=GREY, linestyle=":"))
        return
    axes.add_patch(
        Rectangle(corner, *size, facecolor=BLUE if now else SKY, alpha=1 if now else 0.45)
    )
    if now:
        middle = column + width / 2 - 0.5, row + height / 2 - 0.5
        axes.text(*middle, "now", color="white", ha="center", va="center", fontweight="bold")
    if causal and column == row:
        x, y = corner
        upper = [(x, y), (x + size[0], y), (x + size[0], y + size[1])]
        axes.add_patch(
            Polygon(upper, facecolor="white", edgecolor=GREY, hatch="///", linewidth=0.5)
        )


@picture
def memory_by_length(*measured):
    """Draw memory and time against length, one line for each way that was measured.

    measured: lists that `course.toys.memory.measure` returned.
    """
    told = "; ".join(
        f"{one.name}, {one.length:,} tokens: {one.bytes / MEGABYTE:,.1f} MB in {one.seconds:.3g} s"
        for some in measured
        for one in some
    )
    figure = Picture(9.6, 3.9, f"Memory above what the process held before, and time. {told}.")
    left, right = figure.subplots(1, 2)
    for some in measured:
        colour, style, label = LINES[some[0].name]
        lengths = [one.length for one in some]
        taken = [max(one.bytes, 1) / MEGABYTE for one in some]
        left.plot(lengths, taken, style, color=colour, label=label)
        right.plot(lengths, [one.seconds for one in some], style, color=colour, label=label)
        left.annotate(
            f"{taken[-1]:,.0f} MB", (lengths[-1], taken[-1]), xytext=(-4, 8),
            textcoords="offset points", ha="right", fontweight="bold",
        )  # fmt: skip
    lengths = np.array(sorted({one.length for some in measured for one in some}))
    table = NUMBER * lengths.astype(float) ** 2 / MEGABYTE
    four = 4 * NUMBER * 64 * lengths / MEGABYTE
    left.plot(lengths, table, ":", color=INK, label="one table of n × n")
    left.plot(lengths, four, "-.", color=GREEN, label="Q, K, V and the output")
    left.set(title="Memory", xlabel="length n (tokens)", ylabel="highest above the start (MB)")
    right.set(title="Time", xlabel="length n (tokens)", ylabel="time of one call (s)")
    for axes in (left, right):
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(lengths, [f"{length:,}" for length in lengths])
        axes.minorticks_off()
        axes.grid(True)
    left.legend(loc="upper left", fontsize=8.5)
    left.set_ylim(top=table[-1] * 60)
    return figure
