"""The position encoding of lesson 02 as hands of a clock and as a table."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, Picture, picture
from course.plots.play import Playground
from course.toys import clocks

SIGNED = "PuOr"  # colour map of numbers of either sign; white is 0
FACE = np.linspace(0.0, 2 * np.pi, 200)


@picture
def clock_hands(position=1, d_model=8):
    """Draw every pair of the encoding as a hand that starts upright and turns clockwise.

    position: int.    d_model: int, even; one clock for each of its `d_model / 2` pairs.
    """
    position, hands = int(position), d_model // 2
    angles = position * clocks.speeds(d_model)
    rounds = 2 * np.pi / clocks.speeds(d_model)  # positions that one round takes
    pairs = clocks.table(1, d_model, position)[0].reshape(hands, 2)
    told = ", ".join(f"({sine:.3f}, {cosine:.3f})" for sine, cosine in pairs)
    alt = (
        f"{hands} clocks at position {position}, the fastest first: their hands make one round in "
        f"{', '.join(f'{r:,.1f}' for r in rounds)} positions. Sine and cosine of each: {told}."
    )
    figure = Picture(max(2.4 * hands, 5.0), 3.2, alt)
    for i, (axes, (sine, cosine)) in enumerate(
        zip(np.atleast_1d(figure.subplots(1, hands)), pairs, strict=True)
    ):
        axes.plot(np.sin(FACE), np.cos(FACE), color=GREY, linewidth=1)
        turned = np.linspace(0.0, angles[i] % (2 * np.pi), 60)
        axes.plot(0.35 * np.sin(turned), 0.35 * np.cos(turned), color=ORANGE, linewidth=2)
        axes.plot([0, sine], [0, cosine], color=BLUE, linewidth=3, solid_capstyle="round")
        axes.plot([0, sine], [0, 0], color=INK, linewidth=1, linestyle=":")
        axes.plot([sine, sine], [0, cosine], color=INK, linewidth=1, linestyle="--")
        axes.set(
            title=f"i = {i}: columns {2 * i}, {2 * i + 1}\n{rounds[i]:,.1f} positions a round",
            xlabel=f"sine {sine:.3f}",
            ylabel=f"cosine {cosine:.3f}",
            xlim=(-1.15, 1.15),
            ylim=(-1.15, 1.15),
            xticks=[-1, 0, 1],
            yticks=[-1, 0, 1],
            aspect="equal",
        )
        axes.title.set_fontsize(9)
    figure.suptitle(f"position {position}", x=0.01, ha="left", fontweight="bold")
    return figure


def play_with_clocks():
    """Move the position; the hands turn."""
    return Playground(
        lambda position, d_model: clock_hands(position, d_model),
        {"position": (0.0, 100.0, 1.0, 1.0), "d_model": [8, 4, 6, 10]},
        {"position": "position", "d_model": "d_model"},
    )


@picture
def position_table(length=60, d_model=32):
    """Draw the table: one row a position, one column a feature.

    length: int, positions.    d_model: int, even.
    """
    rows = clocks.table(length, d_model)
    slowest = 2 * np.pi / clocks.speeds(d_model)[-1]
    alt = (
        f"The encodings of positions 0 to {length - 1} with {d_model} features. The first columns "
        f"change from row to row, with stripes 6.3 positions apart; to the right the stripes get "
        f"longer, and the last pair, which needs {slowest:,.0f} positions for a round, hardly "
        f"changes: its sine stays near 0 and its cosine near 1."
    )
    figure = Picture(8.2, 4.2, alt)
    axes = figure.subplots()
    drawn = axes.imshow(rows, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    axes.set(
        title="Fast hands on the left, slow ones on the right",
        xlabel="feature (even: sine, odd: cosine)",
        ylabel="position",
        xticks=range(0, d_model, max(2, d_model // 16)),
    )
    figure.colorbar(drawn, ax=axes, label="value (no unit)")
    return figure
