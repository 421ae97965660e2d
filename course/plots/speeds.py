"""Times of training steps, as measured on the reader's machine."""

import numpy as np

from course.plots.figure import BLUE, ORANGE, Picture, picture


@picture
def step_times(found):
    """Draw the time of a step, and that of the first one, for each way to run it.

    found: what `course.training.speed.measure_speeds` returned.
    """
    names = [f"{each['precision']}, {'XLA' if each['compiled'] else 'as it is'}" for each in found]
    steps = [1000 * each["step"] for each in found]
    first = [each["first"] for each in found]
    told = "; ".join(
        f"{name}: {step:.0f} ms, the first {seconds:.1f} s"
        for name, step, seconds in zip(names, steps, first, strict=True)
    )
    figure = Picture(9.2, 0.55 * len(found) + 1.4, f"Time of a training step here. {told}.")
    left, right = figure.subplots(1, 2, sharey=True)
    places = np.arange(len(found))
    for axes, values, colour, form in ((left, steps, BLUE, "%.0f"), (right, first, ORANGE, "%.1f")):
        bars = axes.barh(places, values, 0.6, color=colour)
        axes.bar_label(bars, fmt=form, padding=3)
        axes.set_xlim(0, 1.18 * max(values))
    left.set(title="Each step", xlabel="time (ms)", ylabel="way", yticks=places, yticklabels=names)
    right.set(title="The first step: traced and compiled", xlabel="time (s)")
    left.invert_yaxis()
    return figure
