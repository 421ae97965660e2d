"""The learning rate of lesson 08: up in a straight line, then down with the root of the update."""

import numpy as np

from course.plots.figure import BLUE, GREY, ORANGE, Picture, picture
from course.plots.play import Playground


def rates(updates, d_model, warmup_steps):
    """Return the two branches: the rising and the falling one."""
    s = np.asarray(updates, "float64")
    return d_model**-0.5 * s * warmup_steps**-1.5, d_model**-0.5 * s**-0.5


@picture
def warm_up_rates(d_model=512, warmup_steps=4000, updates=20000):
    """Draw the learning rate of each update of a run, and the two branches it is made of.

    updates: int, how many the run has.
    """
    s = np.arange(1, updates + 1)
    rising, falling = rates(s, d_model, warmup_steps)
    rate = np.minimum(rising, falling)
    highest, peak = rate.max(), rates(warmup_steps, d_model, warmup_steps)[1]
    reached = updates >= warmup_steps
    told = (
        f"It peaks at update {warmup_steps:,} with {peak:.3g} and ends with {rate[-1]:.3g}."
        if reached
        else f"The run ends while it still rises, with {rate[-1]:.3g}: its peak would be "
        f"{peak:.3g}, at update {warmup_steps:,}."
    )
    alt = (
        f"Learning rate of {updates:,} updates for d_model = {d_model} and a warm-up of "
        f"{warmup_steps:,}: it rises in a straight line from {rate[0]:.3g}. {told}"
    )
    figure = Picture(8.6, 3.6, alt)
    axes = figure.subplots()
    axes.plot(s, falling, ":", color=GREY, label="$d^{-0.5}\\, s^{-0.5}$")
    axes.plot(s, rising, "--", color=GREY, label="$d^{-0.5}\\, s\\, w^{-1.5}$")
    axes.plot(s, rate, color=BLUE, linewidth=2.6, label="the smaller of the two")
    if reached:
        axes.plot(warmup_steps, peak, "o", color=ORANGE, markersize=8)
        left = warmup_steps < 0.6 * updates
        axes.annotate(
            f"{peak:.3g} at update {warmup_steps:,}",
            (warmup_steps, peak),
            (24, -2) if left else (-12, 8),
            textcoords="offset points",
            ha="left" if left else "right",
        )
    title = (
        "Rate of each update" if reached else "Rate of each update: the run ends before its peak"
    )
    axes.set(
        title=title,
        xlabel="update, s",
        ylabel="learning rate",
        xlim=(0, 1.02 * updates),
        ylim=(0, 1.35 * highest),
    )
    axes.ticklabel_format(axis="y", scilimits=(-3, 3))
    axes.grid(True)
    axes.legend(loc="lower right")
    return figure


def play_with_warm_up():
    """Choose the warm-up, the width and the length of the run."""
    return Playground(
        lambda warmup_steps, updates, d_model: warm_up_rates(
            d_model, int(warmup_steps), int(updates)
        ),
        {
            "warmup_steps": (200, 8000, 200, 4000),
            "updates": (1000, 40000, 1000, 20000),
            "d_model": [512, 64, 256, 1024],
        },
        {"warmup_steps": "warm-up, w", "updates": "updates", "d_model": "d_model"},
    )
