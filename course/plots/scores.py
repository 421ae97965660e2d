"""How large scores become with the width of a head, and what softmax makes of them."""

import numpy as np

from course.plots.figure import BLUE, GREY, RED, Picture, picture
from course.plots.sums import entropy, softmax

QUERIES, KEYS = 400, 16


@picture
def score_spread(widths=(4, 16, 64, 256), mean=0.0, seed=5):
    """Draw raw scores beside scaled ones for each width, and the entropy of their softmax.

    widths: values of `d_k`.    mean: of the entries of queries and keys; their variance is 1.
    """
    rng = np.random.default_rng(seed)
    raw = [_scores(rng, width, mean) for width in widths]
    scaled = [scores / np.sqrt(width) for scores, width in zip(raw, widths, strict=True)]
    bits = [[np.mean(entropy(softmax(scores))) for scores in kind] for kind in (raw, scaled)]
    alt = (
        f"For d_k from {widths[0]} to {widths[-1]}, raw scores spread ever wider (standard "
        f"deviation {raw[0].std():.1f} to {raw[-1].std():.1f}) and the entropy of their softmax "
        f"falls from {bits[0][0]:.1f} to {bits[0][-1]:.1f} bits. Divided by the root of d_k, the "
        f"spread stays near {scaled[-1].std():.1f} and the entropy near {bits[1][-1]:.1f} bits."
    )
    figure = Picture(8.2, 5.2, alt)
    panels = figure.subplots(2, 2, sharex=True, sharey="row", height_ratios=(1.5, 1))
    titles = ("Raw: q · k", "Scaled: q · k / √d_k")
    columns = zip(panels.T, titles, (raw, scaled), bits, (RED, BLUE), strict=True)
    for (top, bottom), title, scores, information, colour in columns:
        _draw_scores(top, scores, colour)
        top.set_title(title)
        _draw_entropy(bottom, information, colour)
        bottom.set(xlabel="width of the head, d_k", xticks=range(len(widths)), xticklabels=widths)
        bottom.set_xlim(-0.5, len(widths) - 0.3)
    panels[0, 0].set_ylabel("score (no unit)")
    panels[1, 0].set_ylabel("entropy (bits)")
    return figure


def _scores(rng, width, mean):
    query = rng.normal(mean, 1.0, (QUERIES, 1, width))
    key = rng.normal(mean, 1.0, (QUERIES, width, KEYS))
    return (query @ key)[:, 0, :]  # (QUERIES, KEYS)


def _draw_scores(axes, scores, colour):
    rng = np.random.default_rng(0)  # dots are strewn sideways so that they do not hide each other
    for place, some in enumerate(scores):
        shown = some.ravel()[:800]
        sideways = place + rng.uniform(-0.25, 0.25, shown.size)
        axes.plot(sideways, shown, ".", color=colour, alpha=0.25, markersize=3, rasterized=True)
        middle, deviation = some.mean(), some.std()
        axes.errorbar(place, middle, deviation, color="black", capsize=9, linewidth=1.6)
        axes.annotate(
            f"±{deviation:.1f}",
            (place, middle + deviation),
            (15, 6),
            textcoords="offset points",
            va="center",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8},
        )
    axes.grid(True, axis="y")


def _draw_entropy(axes, bits, colour):
    most = np.log2(KEYS)
    axes.axhline(most, color=GREY, linestyle="--", linewidth=1)
    axes.annotate(
        f"all {KEYS} keys alike: {most:g} bits", (0, most), (-12, 4), textcoords="offset points",
        fontsize=8.5, color=GREY,
    )  # fmt: skip
    axes.plot(bits, "o-", color=colour)
    for place, value in enumerate(bits):
        axes.annotate(f"{value:.2f}", (place, value), (0, -14), textcoords="offset points",
                      ha="center", fontsize=9)  # fmt: skip
    axes.set_ylim(-0.6, most * 1.22)
    axes.grid(True, axis="y")
