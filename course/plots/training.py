"""What a toy training looked like from outside, and what the head learned to look at."""

import numpy as np
from matplotlib.patches import Rectangle

from course.plots.figure import BLUE, GREEN, GREY, RED, Picture, picture, weight_table

SHOWN = 5  # sequences drawn


@picture
def lookup_training(result):
    """Draw the accuracy of a lookup training, and the question's weights before and after it.

    result: a `course.toys.lookup.Result`.
    """
    asked_for = np.take_along_axis(result.after, result.sequences.places[:, None], axis=1)
    alt = (
        f"Accuracy on unseen sequences rises from {result.accuracy[0]:.0%} to "
        f"{result.accuracy[-1]:.0%} in {result.steps[-1]} steps. Before training the question "
        f"looks at all positions alike; afterwards {asked_for.mean():.0%} of its weight lies on "
        f"the pair asked for and {result.after[:, -1].mean():.0%} on the question itself."
    )
    figure = Picture(9.4, 5.6, alt)
    top, *tables = _panels(figure)
    top.plot(result.steps, 100 * np.array(result.accuracy), "o-", color=BLUE, markersize=4)
    for level, text in ((10, "any digit: 10 %"), (30, "the digit that occurs most often: 30 %")):
        top.axhline(level, color=GREY, linestyle="--", linewidth=1)
        top.annotate(text, (result.steps[-1], level + 2), ha="right", fontsize=9, color=GREY)
    top.set(
        title="Answers to sequences it was not trained on",
        xlabel="training step (64 sequences each)",
        ylabel="right answers (%)",
        ylim=(0, 105),
    )
    top.grid(True)
    _draw_tables(figure, tables, result)
    return figure


def _draw_tables(figure, tables, result):
    some, rows = result.sequences, _varied(result.sequences.places)
    cells = [some.cells(row) for row in rows]
    kinds = ("before", result.before), ("after", result.after)
    for axes, (when, weights) in zip(tables, kinds, strict=True):
        weight_table(axes, weights[rows], cells)
        axes.set(
            title=f"Where the question looks, {when} training",
            xlabel="position in the sequence",
            xticks=range(len(cells[0])),
            xticklabels=range(1, len(cells[0]) + 1),
            yticks=range(SHOWN),
            yticklabels=[line[-1] for line in cells],
        )
        for line, row in enumerate(rows):
            _frame(axes, line, some.places[row])
    tables[0].set_ylabel("question")
    for line, row in enumerate(rows):
        right = result.guesses[row] == some.answers[row]
        text = f"says {result.guesses[row]} {'✓' if right else '✗'}"
        colour = GREEN if right else RED
        tables[1].text(len(cells[0]) - 0.35, line, text, color=colour, va="center")
    figure.colorbar(tables[1].images[0], ax=tables, label="weight (share of 1)", pad=0.02)


def _varied(places):
    """The first rows that ask for pairs at places of their own."""
    _, first = np.unique(places, return_index=True)
    return sorted(first)[:SHOWN]


def _panels(figure):
    grid = figure.add_gridspec(2, 2, height_ratios=(1, 1.1))
    below = [figure.add_subplot(grid[1, column]) for column in (0, 1)]
    return [figure.add_subplot(grid[0, :]), *below]


def _frame(axes, row, place):
    """Frame the pair that is asked for."""
    style = {"fill": False, "edgecolor": RED, "linewidth": 1.8}
    axes.add_patch(Rectangle((place - 0.5, row - 0.5), 1, 1, **style))
