"""The training of lesson 02: what a head learns with and without positions."""

import numpy as np

from course.plots.figure import BLUE, GREEN, GREY, ORANGE, Picture, picture
from course.toys.lookback import BACK, LENGTH, LONGER

LOOKS = ((ORANGE, "s--"), (BLUE, "o-"), (GREEN, "^-."))


@picture
def order_training(result):
    """Draw accuracy while training, where the mark looks, and accuracy at each place of the mark.

    result: a `course.toys.lookback.Result`.
    """
    names, inside = result.names, LENGTH - BACK
    ends = "; ".join(
        f"{name}: {accuracy[-1]:.0%} right after training, {weights[BACK]:.2f} of the weight "
        f"{BACK} places back, {places[inside:].mean():.0%} right at places not trained on"
        for name, accuracy, weights, places in zip(
            names, result.accuracy, result.weights, result.by_place, strict=True
        )
    )
    figure = Picture(10.4, 5.6, f"After {result.steps[-1]} steps. {ends}.")
    grid = figure.add_gridspec(2, 2)
    training, looks = (figure.add_subplot(grid[0, column]) for column in (0, 1))
    beyond = figure.add_subplot(grid[1, :])
    width = 0.8 / len(names)
    for number, (name, (colour, style)) in enumerate(zip(names, LOOKS, strict=False)):
        training.plot(result.steps, 100 * np.array(result.accuracy[number]), style, color=colour,
                      label=name, markersize=4)  # fmt: skip
        back = np.arange(len(result.weights[number]))
        shift = (number - (len(names) - 1) / 2) * width
        looks.bar(back + shift, result.weights[number], width, color=colour,
                  hatch=("//", "", "..")[number % 3], edgecolor="white")  # fmt: skip
        beyond.plot(range(BACK, LONGER), 100 * result.by_place[number], style, color=colour,
                    markersize=4)  # fmt: skip
    training.set(
        title="New sequences of the same length",
        xlabel="training step (64 sequences each)",
        ylabel="right (%)",
        ylim=(-3, 105),
    )
    looks.set(
        title="Where the mark looks, after training",
        xlabel="places before the mark",
        ylabel="weight (share of 1)",
        ylim=(0, 1),
    )
    beyond.axvspan(BACK, LENGTH - 1, color="#E8E8E8", zorder=0)
    beyond.text(BACK + 0.2, 50, "places seen in training", va="center", color=GREY)
    beyond.set(
        title=f"Sequences of {LONGER} letters",
        xlabel="place of the mark",
        ylabel="right (%)",
        ylim=(-3, 105),
        xlim=(BACK - 0.5, LONGER - 0.5),
    )
    figure.legend(*training.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
