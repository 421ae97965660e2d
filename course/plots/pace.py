"""How long the next token takes, in lesson 09: with a cache and without."""

import numpy as np

from course.plots.figure import BLUE, ORANGE, Picture, picture


@picture
def writing_pace(pace):
    """Draw the time of one more token against the tokens written before it.

    pace: a `course.training.pace.Pace`, or None where nothing was measured.
    """
    if pace is None:
        alt = "Nothing was measured yet: the exercises that it needs are not answered."
        ends = ""
    else:
        plain, cached = (1000 * np.array(times) for times in (pace.plain, pace.cached))
        ends = (
            f"after {pace.places[-1]} tokens {plain[-1]:.1f} ms without a cache and "
            f"{cached[-1]:.1f} ms with one"
        )
        alt = (
            f"Milliseconds for the next token: {ends}. The logits differ by {pace.difference:.1g}."
        )
    figure = Picture(8.0, 3.6, alt)
    axes = figure.subplots()
    if pace is not None:
        axes.plot(pace.places, plain, "s--", color=ORANGE, label="without a cache")
        axes.plot(pace.places, cached, "o-", color=BLUE, label="with a cache")
        axes.legend(loc="upper left")
    axes.set(
        title="What one more token costs on this machine",
        xlabel="tokens written before",
        ylabel="time (ms)",
    )
    axes.set_ylim(bottom=0)
    axes.grid(True)
    return figure
