"""Smoothed labels of lesson 08: what it costs to be unsure, and what it costs to be sure."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, Picture, picture
from course.plots.play import Playground

VOCABULARY = 12
CHANCES = np.concatenate([np.geomspace(1e-5, 0.02, 200), np.linspace(0.02, 0.9999, 800)])


def losses(chances, smoothing, size=VOCABULARY):
    """Return the loss where the right token gets some chance and all others share what is left."""
    chances = np.asarray(chances)
    share = 1 - smoothing + smoothing / size  # of the right token in the smoothed label
    return -share * np.log(chances) - (1 - share) * np.log((1 - chances) / (size - 1))


def floor(smoothing, size=VOCABULARY):
    """Return the lowest loss that can be reached: where the chances are the label's shares."""
    if not smoothing:
        return 0.0
    return float(losses(1 - smoothing + smoothing / size, smoothing, size))


@picture
def smoothing_cost(smoothing=0.1, size=VOCABULARY):
    """Draw the loss against the chance that the right token gets, with and without smoothing."""
    best, lowest = 1 - smoothing + smoothing / size, floor(smoothing, size)
    blind = np.log(size)
    alt = (
        f"Loss of a token against the chance that the model gives it, of {size} tokens. Plain "
        f"labels: the loss falls to 0 as the chance goes to 1. Labels smoothed with ε = "
        f"{smoothing:g}: the lowest loss is {lowest:.3f}, at a chance of {best:.3f}, and beyond it "
        f"the loss rises again. A model that knows nothing loses ln {size} = {blind:.3f} with both."
    )
    figure = Picture(8.4, 3.9, alt)
    axes = figure.subplots()
    axes.plot(CHANCES, -np.log(CHANCES), "--", color=GREY, label="plain labels, ε = 0")
    if smoothing:
        curve = losses(CHANCES, smoothing, size)
        axes.plot(CHANCES, curve, color=BLUE, label=f"smoothed labels, ε = {smoothing:g}")
        axes.plot(best, lowest, "o", color=ORANGE, markersize=8)
        axes.annotate(
            f"floor {lowest:.3f}\nat a chance of {best:.3f}",
            (best, lowest),
            (-18, 62),
            textcoords="offset points",
            ha="right",
            arrowprops={"arrowstyle": "-", "color": INK},
        )
    axes.plot(1 / size, blind, "s", color=INK, markersize=6)
    axes.annotate(f"  knows nothing: ln {size} = {blind:.2f}", (1 / size, blind), va="bottom")
    axes.set(
        title="What a token costs",
        xlabel="chance that the model gives to the right token",
        ylabel="loss (nats)",
        xlim=(0, 1.02),
        ylim=(0, 1.3 * blind),
    )
    axes.grid(True)
    axes.legend(loc="upper right")
    return figure


def play_with_smoothing():
    """Choose how much is taken from the right token, and how many tokens share it."""
    return Playground(
        lambda smoothing, size: smoothing_cost(round(smoothing, 2), size),
        {"smoothing": (0.0, 0.5, 0.05, 0.1), "size": [VOCABULARY, 4, 50, 1000, 37000]},
        {"smoothing": "ε", "size": "tokens, V"},
    )
