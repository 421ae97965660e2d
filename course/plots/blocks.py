"""Blocks of lesson 06: how they are wired, who notices a change, and what depth does to them."""

from itertools import pairwise

import numpy as np

from course.plots.figure import BLUE, GREEN, GREY, INK, ORANGE, PINK, RED, Picture, picture
from course.plots.play import Playground

LINES = {  # colour, dash and marker of each arrangement
    "bare": (GREY, ":", "o"),
    "norm only": (ORANGE, "-.", "s"),
    "residual only": (RED, "--", "v"),
    "post-LN": (GREEN, "-", "D"),
    "pre-LN": (BLUE, "-", "^"),
}
STILL = 1e-6  # a change below it is rounding
NAMES = {
    "bare": "neither",
    "norm only": "norm, no residual",
    "residual only": "residual, no norm",
    "post-LN": "both: post-LN",
    "pre-LN": "both: pre-LN",
}


@picture
def two_arrangements():
    """Draw one sub-layer in post-LN and in pre-LN: where x goes, and where the norm stands."""
    alt = (
        "Two drawings. Post-LN: x goes straight up to a plus sign and, on a side path, through the "
        "sub-layer to the same plus sign; the sum goes through the layer norm. Pre-LN: x goes "
        "straight up to the plus sign and out; on the side path stand the layer norm and then the "
        "sub-layer."
    )
    figure = Picture(8.4, 3.9, alt)
    left, right = figure.subplots(1, 2)
    _wiring(left, "post-LN: LayerNorm(x + Sublayer(x))", side=["sub-layer"], main=["layer norm"])
    _wiring(right, "pre-LN: x + Sublayer(LayerNorm(x))", side=["layer norm", "sub-layer"], main=[])
    return figure


def _wiring(axes, title, side, main):
    """The main path at x = 0 from 0 up, the side path at x = 1; the plus sign stands at 3."""
    axes.set(xlim=(-0.9, 2.1), ylim=(-0.4, 5.0), title=title)
    axes.set_axis_off()
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}
    heights = {1: [1.75], 2: [1.2, 2.2]}[len(side)]
    axes.annotate("", (0, 2.83), (0, 0), arrowprops=arrow | {"color": BLUE, "linewidth": 3})
    axes.plot([0, 1, 1], [0.5, 0.5, heights[0] - 0.27], color=INK, linewidth=1.6)
    for low, high in pairwise(heights):
        axes.annotate("", (1, high - 0.27), (1, low + 0.27), arrowprops=arrow)
    axes.plot([1, 1], [heights[-1] + 0.27, 3], color=INK, linewidth=1.6)
    axes.annotate("", (0.1, 3), (1, 3), arrowprops=arrow)
    circle = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": INK}
    axes.text(0, 3, "+", ha="center", va="center", fontsize=13, bbox=circle)
    for height, name in zip(heights, side, strict=True):
        _box(axes, 1, height, name)
    top = 3.17
    for name in main:
        axes.annotate("", (0, 3.68), (0, top), arrowprops=arrow)
        _box(axes, 0, 3.95, name)
        top = 4.22
    path = {"color": INK if main else BLUE, "linewidth": 1.6 if main else 3}
    axes.annotate("", (0, 4.85), (0, top), arrowprops=arrow | path)
    axes.text(0.08, 0.05, "x", fontsize=12)
    axes.text(0.08, 4.6, "y", fontsize=12)


def _box(axes, x, y, name):
    colour = "#FDF0D5" if "norm" in name else "#DCEBF7"
    box = {"boxstyle": "round,pad=0.35", "facecolor": colour, "edgecolor": INK}
    axes.text(x, y, name, ha="center", va="center", bbox=box)


@picture
def who_notices(changes, position, words=None):
    """Draw which positions change when the word at one position does.

    changes: `{layer: (T,) sizes of the change}`.    position: the one that was changed, from 0.
    words: `T` labels; without them the positions are numbered from 1.
    """
    length = len(next(iter(changes.values())))
    labels = list(words) if words is not None else [str(place + 1) for place in range(length)]
    told = "; ".join(
        f"after {name} at {', '.join(labels[place] for place in np.flatnonzero(values > STILL))}"
        for name, values in changes.items()
    )
    alt = f"The input at {labels[position]} was changed. Outputs change {told}."
    figure = Picture(9.6, 2.9, alt)
    panels = np.atleast_1d(figure.subplots(1, len(changes)))
    for axes, (name, values) in zip(panels, changes.items(), strict=True):
        colours = [ORANGE if place == position else BLUE for place in range(length)]
        bars = axes.bar(range(length), values, 0.65, color=colours)
        axes.bar_label(
            bars, labels=[f"{v:.2g}" if v > STILL else "0" for v in values], fontsize=8.5
        )
        axes.set(title=f"after {name}", xlabel="position", ylim=(0, 1.15 * max(*values, 1e-3)))
        axes.set_xticks(range(length), labels)
    panels[0].set_ylabel("change of the output")
    return figure


@picture
def depth_effects(measured):
    """Draw what stacks of blocks do to gradients, sizes and differences, against their depth.

    measured: what `course.toys.depth.measure` returns.
    """
    depths = sorted({depth for _, depth in measured})
    ends = "; ".join(
        f"{label}: gradient {measured[name, depths[-1]].gradients[0]:.1e}, size "
        f"{measured[name, depths[-1]].sizes[-1]:.1e}, differences "
        f"{measured[name, depths[-1]].differences[-1]:.1e}"
        for name, label in NAMES.items()
    )
    alt = f"At a depth of {depths[-1]} blocks, {ends}.".replace("nan", "not a number")
    figure = Picture(10.4, 4.1, alt)
    panels = figure.subplots(1, 3)
    for name, (colour, dash, marker) in LINES.items():
        stacks = [measured[name, depth] for depth in depths]
        lines = (
            [stack.gradients[0] for stack in stacks],
            [stack.sizes[-1] for stack in stacks],
            [stack.differences[-1] for stack in stacks],
        )
        for axes, values in zip(panels, lines, strict=True):
            axes.loglog(depths, values, dash, color=colour, marker=marker, label=NAMES[name])
    titles = ("Gradient at the first block", "Features after the last", "Differences between words")
    units = ("share of that at the end", "root mean square", "share of the features")
    for axes, title, unit in zip(panels, titles, units, strict=True):
        axes.set(title=title, xlabel="depth (blocks)", ylabel=unit)
        axes.set_xticks(depths, labels=depths)
        axes.minorticks_off()
        axes.grid(True)
    panels[0].set_ylim(1e-20, 1e10)
    panels[1].set_ylim(1e-20, 1e14)
    panels[2].set_ylim(3e-8, 3)  # below, float32 has no digits left
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def play_with_depth(measured):
    """Choose an arrangement and a depth, and follow a signal up the stack and a gradient down.

    measured: what `course.toys.depth.measure` returns.
    """
    depths = sorted({depth for _, depth in measured}, reverse=True)
    names = {label: name for name, label in NAMES.items()}
    order = ["pre-LN", "post-LN", "residual only", "norm only", "bare"]
    return Playground(
        lambda arrangement, depth: _through_the_stack(measured, names[arrangement], depth),
        {"arrangement": [NAMES[name] for name in order], "depth": depths},
        {"arrangement": "arrangement", "depth": "depth (blocks)"},
    )


@picture
def _through_the_stack(measured, name, depth):
    stack = measured[name, depth]
    places = np.arange(depth + 1)
    alt = (
        f"{depth} blocks, {NAMES[name]}. From first to last the features go from size "
        f"{stack.sizes[0]:.2g} to {stack.sizes[-1]:.2g} and the differences between words from "
        f"{stack.differences[0]:.2g} to {stack.differences[-1]:.2g} of them; the gradient at the "
        f"first block is {stack.gradients[0]:.2g} of that at the end."
    ).replace("nan", "not a number")
    figure = Picture(8.4, 3.6, alt)
    axes = figure.subplots()
    step = max(1, depth // 8)
    for values, label, colour, style in (
        (stack.gradients, "gradient (share of that at the end)", PINK, "v--"),
        (stack.sizes, "features (root mean square)", BLUE, "^-"),
        (stack.differences, "differences between words (share of the features)", ORANGE, "s-."),
    ):
        axes.semilogy(places, values, style, color=colour, markevery=step, label=label)
    low, high = axes.get_ylim()
    axes.set(
        title=f"{depth} blocks, {NAMES[name]}",
        xlabel="blocks passed",
        ylabel="size (see legend)",
        ylim=(min(low, 1e-2), max(high, 1e2)),
    )
    axes.grid(True)
    figure.legend(loc="outside lower center", ncols=1)
    return figure
