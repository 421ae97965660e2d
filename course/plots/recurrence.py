"""Attention beside a recurrent network: how far a signal travels, and what it costs."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, RED, Picture, picture

LINES = {  # colour, dash and marker of each layer
    "recurrent network": (RED, "-", "o"),
    "recurrence": (RED, "-", "o"),
    "LSTM": (ORANGE, "--", "s"),
    "attention": (BLUE, "-", "^"),
}
WORDS = ("the", "cat", "that", "we", "fed", "sat")


@picture
def gradient_reach(reach):
    """Draw the paths from the first word to the last, and the gradients that travel along them.

    reach: `{layer: (n,) gradient sizes by distance}`, from `course.toys.reach`.
    """
    ends = ", ".join(f"{name} {sizes[-1] / sizes[1]:.0e}" for name, sizes in reach.items())
    distance = len(next(iter(reach.values()))) - 1
    alt = (
        "Left: in a recurrent network a signal passes from word to word; in attention the last "
        f"word sees each word in one step. Right: gradient of the last output for a word {distance}"
        f" steps back, relative to the word next to it: {ends}."
    )
    figure = Picture(9.4, 3.5, alt)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    _draw_paths(left)
    for name, sizes in reach.items():
        colour, dash, marker = LINES[name]
        right.semilogy(sizes, dash, color=colour, marker=marker, markevery=8, label=name)
    right.set(
        title="Measured: how much the last output feels a word",
        xlabel="distance to the last word (steps)",
        ylabel="size of the gradient (no unit)",
    )
    right.grid(True)
    right.legend(loc="lower left")
    return figure


def _draw_paths(axes):
    last = len(WORDS) - 1
    for place, word in enumerate(WORDS):
        for height in (0, 2):
            axes.text(place, height - 0.28, word, ha="center", va="top")
            axes.plot(place, height, "o", color=INK, markersize=8)
        if place < last:
            _arrow(axes, (place, 2), (place + 1, 2), RED, 0)
            _arrow(axes, (place, 0), (last, 0), BLUE, -0.35)
    axes.text(-0.3, 2.45, f"recurrence: {last} steps, one after the other", color=RED)
    axes.text(-0.3, 1.0, "attention:\none step each", color=BLUE, va="center")
    axes.set(xlim=(-0.5, last + 0.5), ylim=(-0.7, 2.8), title="From “the” to “sat”")
    axes.set_axis_off()
    axes.set_title("The way from “the” to “sat”")


def _arrow(axes, start, end, colour, bend):
    style = {
        "arrowstyle": "-|>",
        "color": colour,
        "linewidth": 1.5,
        "shrinkA": 5,
        "shrinkB": 6,
        "connectionstyle": f"arc3,rad={bend}",
    }
    axes.annotate("", end, start, arrowprops=style)


def multiplications(length, width):
    """Return how many multiplications attention and a recurrence need to let `length` words meet.

    Attention: `n² d` for the scores and `n² d` for the mixture. A recurrence: `d²` for each of the
    `n` steps. Projections of the single words, which both have, are left out.
    Reference: Vaswani et al. 2017, table 1, which gives the orders O(n² d) and O(n d²).
    """
    return {"attention": 2 * length**2 * width, "recurrence": length * width**2}


@picture
def costs(width=512, longest=8192):
    """Draw what attention and a recurrence cost, against the length of a sequence.

    width: `d`.    longest: the last length drawn, a power of two.
    """
    lengths = 2 ** np.arange(4, int(np.log2(longest)) + 1)
    counts = multiplications(lengths, width)
    steps = {"attention": np.ones_like(lengths), "recurrence": lengths}
    alt = (
        f"Left: multiplications against length, both axes logarithmic. At width {width} attention "
        f"needs fewer than a recurrence below {width // 2} words and more above. Right: steps that "
        f"must wait for each other, one for attention at any length, as many as words for a "
        f"recurrence."
    )
    figure = Picture(9.0, 3.5, alt)
    left, right = figure.subplots(1, 2, sharex=True)
    titles = ("Work: 2·n²·d against n·d²", "Waiting: 1 against n")
    units = ("multiplications", "steps, one after the other")
    for axes, title, unit, lines in zip((left, right), titles, units, (counts, steps), strict=True):
        for name, values in lines.items():
            colour, dash, marker = LINES[name]
            axes.loglog(lengths, values, dash, color=colour, marker=marker, label=name)
        axes.set(title=title, xlabel="length of the sequence, n (words)", ylabel=unit)
        axes.set_xticks(lengths[::2], labels=lengths[::2])
        axes.minorticks_off()
        axes.grid(True)
    left.axvline(width / 2, color=GREY, linestyle=":", linewidth=1.2)
    place, words = (width / 2, counts["attention"][0]), f"n = d/2 = {width // 2}"
    left.annotate(words, place, (6, 0), textcoords="offset points", color=GREY, fontsize=9)
    left.legend(loc="upper left")
    return figure
