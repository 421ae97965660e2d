"""Layer norm and the feed-forward network of lesson 06: one position, step by step."""

import math

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, RED, Picture, picture
from course.plots.play import Playground

FEATURES = (1.0, 2.0, 3.0, 4.0)
EPSILON = 1e-3  # Keras' default


def normalised(features, epsilon):
    """Return the features centred, and divided by √(variance + epsilon)."""
    centred = np.asarray(features) - np.mean(features)
    return centred, centred / np.sqrt(np.mean(centred**2) + epsilon)


@picture
def norm_steps(features=FEATURES, epsilon=EPSILON):
    """Draw the features of one position: as they come, centred, and divided by their spread.

    features: some numbers.    epsilon: what is added to their variance.
    """
    centred, normal = normalised(features, epsilon)
    variance = np.mean(centred**2)
    alt = (
        f"Features {_list(features)}, a dashed line at their mean {np.mean(features):.4g}. "
        f"Centred: {_list(centred)}, variance {variance:.4g}. Divided by the root of variance plus "
        f"{epsilon:g}: {_list(normal)}, variance {np.mean(normal**2):.4g}."
    )
    figure = Picture(9.6, 3.1, alt)
    panels = figure.subplots(1, 3)
    titles = (
        f"As they come: mean {np.mean(features):.3g}",
        f"Minus the mean: variance {variance:.3g}",
        f"Divided: variance {np.mean(normal**2):.3g}",
    )
    for axes, title, values, colour in zip(
        panels, titles, (features, centred, normal), (GREY, ORANGE, BLUE), strict=True
    ):
        places = np.arange(1, len(values) + 1)
        bars = axes.bar(places, values, 0.65, color=colour)
        axes.bar_label(bars, labels=[f"{value:.3g}" for value in values], fontsize=9, padding=2)
        axes.axhline(0, color=INK, linewidth=1)
        axes.set(title=title, xlabel="feature", xticks=places)
        axes.margins(y=0.18)
    panels[0].axhline(np.mean(features), color=INK, linestyle="--", linewidth=1.2)
    panels[0].set_ylabel("value (no unit)")
    panels[2].set_ylim(-2.2, 2.2)
    return figure


def play_with_norm():
    """Shift the features, stretch them, and choose epsilon; the norm follows or does not."""

    def draw(offset, exponent, epsilon):
        factor = 10.0**exponent
        return norm_steps(factor * np.array(FEATURES) + offset, float(epsilon))

    return Playground(
        draw,
        {
            "offset": (-10.0, 10.0, 1.0, 0.0),
            "exponent": (-4.0, 2.0, 0.5, 0.0),
            "epsilon": ["1e-3", "1e-5", "0.1"],
        },
        {"offset": "add", "exponent": "times 10 to the", "epsilon": "epsilon"},
    )


def gelu(x, approximate=False):
    """Return x Φ(x), or the form with tanh that approximates it."""
    x = np.asarray(x, "float64")
    if approximate:
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1.0 + np.vectorize(math.erf)(x / math.sqrt(2.0)))


@picture
def activations():
    """Draw ReLU and GELU, and what is between the two forms of GELU."""
    x = np.linspace(-4.0, 4.0, 401)
    gap = 1000.0 * (gelu(x, approximate=True) - gelu(x))
    alt = (
        f"Left: ReLU is 0 below 0 and x above; GELU bends smoothly, with its lowest value "
        f"{gelu(x).min():.2f} at {x[gelu(x).argmin()]:.2f}. Right: the form with tanh minus the "
        f"exact one, between {gap.min():.2f} and {gap.max():.2f} thousandths."
    )
    figure = Picture(9.0, 3.2, alt)
    left, right = figure.subplots(1, 2)
    left.plot(x, np.maximum(x, 0.0), "--", color=ORANGE, label="ReLU: max(0, x)")
    left.plot(x, gelu(x), color=BLUE, label="GELU: x Φ(x)")
    left.set(title="What bends", ylabel="activation", xlim=(-4, 4), ylim=(-0.5, 3))
    left.legend(loc="upper left")
    right.plot(x, gap, color=RED)
    right.set(
        title="GELU with tanh, minus the exact GELU",
        ylabel="difference (thousandths)",
        xlim=(-4, 4),
    )
    for axes in (left, right):
        axes.axhline(0, color=GREY, linewidth=1)
        axes.axvline(0, color=GREY, linewidth=1)
        axes.set_xlabel("x")
    return figure


def _list(values):
    return ", ".join(f"{value:.4g}" for value in values)
