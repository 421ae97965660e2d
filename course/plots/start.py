"""A table of votes and its shares: how the course's pictures are read."""

import numpy as np

from course.plots.figure import GREY, RED, Picture, picture, weight_table
from course.plots.play import Playground

FRENCH = ("le", "chat", "dort")  # queries: the words that people were asked about
ENGLISH = ("the", "cat", "is", "sleeping")  # keys: the words that they could point at
VOTES = np.array([[6.0, 2.0, 1.0, 1.0], [1.0, 2.0, 1.0, 1.0], [2.0, 2.0, 6.0, 10.0]])
DIVISORS = {
    "the sum of its row": 1,
    "the sum of its column": 0,
    "the sum of the table": None,
}


@picture
def vote_shares(votes=VOTES):
    """Draw votes beside shares: each row divided by its sum. votes: `(3, 4)`."""
    shares = votes / votes.sum(axis=1, keepdims=True)
    rows = "; ".join(
        f"{word} {line.round(2).tolist()}" for word, line in zip(FRENCH, shares, strict=True)
    )
    totals = ", ".join(f"{total:g}" for total in votes.sum(axis=1))
    alt = (
        f"Left: votes for {', '.join(ENGLISH)}; the rows sum to {totals}."
        f" Right: each row divided by its sum: {rows}. There every row sums to 1."
    )
    figure = Picture(9.0, 3.0, alt)
    left, right = figure.subplots(1, 2)
    figure.get_layout_engine().set(wspace=0.1)
    _draw_table(left, votes, votes / votes.max(), "{:g}")
    left.set_title("Votes")
    _draw_table(right, shares, shares, "{:.2f}")
    right.set_title("Shares: each row divided by its sum")
    return figure


@picture
def divided(power=1.0, by="the sum of its row", votes=VOTES):
    """Draw votes raised to a power and divided, with the sums that come out in the margins.

    power: float.    by: a key of `DIVISORS`.    votes: `(3, 4)`.
    """
    raised = votes**power
    shares = raised / raised.sum(axis=DIVISORS[by], keepdims=True)
    alt = (
        f"Votes to the power {power:g}, divided by {by}. The rows sum to "
        f"{shares.sum(1).round(2).tolist()}, the columns to {shares.sum(0).round(2).tolist()}."
    )
    figure = Picture(5.6, 3.0, alt)
    axes = figure.subplots()
    _draw_table(axes, shares, shares, "{:.2f}", columns=True)
    axes.set_title(f"Votes to the power {power:g}, divided by {by}")
    return figure


def play_with_shares():
    """Move the power and choose the divisor; the picture follows."""
    return Playground(
        divided,
        {"power": (0.0, 4.0, 0.1, 1.0), "by": list(DIVISORS)},
        {"power": "votes to the power", "by": "divided by"},
    )


def _draw_table(axes, table, shades, form, columns=False):
    """Draw a table, darker for larger, with the sums of its rows beside it.

    shades: the size of `table`, in [0, 1].    form: of a number, for `str.format`.
    columns: whether the sums of the columns stand below.
    """
    weight_table(axes, shades, [[form.format(number) for number in line] for line in table])
    axes.set_xticks(range(len(ENGLISH)), labels=ENGLISH)
    axes.set_yticks(range(len(FRENCH)), labels=FRENCH)
    axes.xaxis.tick_top()
    axes.set(ylabel="queries")
    axes.set_xlabel("keys", labelpad=16 if columns else 4)
    for row, total in enumerate(table.sum(axis=1)):
        _draw_sum(axes, form.format(total), len(ENGLISH) - 0.42, row, ha="left")
    if columns:
        for column, total in enumerate(table.sum(axis=0)):
            _draw_sum(axes, form.format(total), column, len(FRENCH) - 0.3)


def _draw_sum(axes, text, x, y, ha="center"):
    colour = RED if float(text) != 1.0 else GREY
    axes.text(x, y, f"Σ {text}", color=colour, fontsize=9, ha=ha, va="center")
