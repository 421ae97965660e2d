"""The worked example of lesson 03: what "sat" sees in "the cat sat on the mat"."""

import numpy as np

from course.plots.figure import BLUE, GREEN, GREY, INK, ORANGE, SKY, Picture, picture
from course.plots.sums import softmax

WORDS = ("the", "cat", "sat", "on", "mat")
SCORES = np.array([0.3, 2.1, 1.2, 1.6, 1.8])
VALUES = np.array(
    [
        [0.1, 0.0, 0.2, 0.0],
        [0.6, 0.1, 0.3, 0.5],
        [0.2, 0.8, 0.4, 0.1],
        [0.3, 0.3, 0.2, 0.4],
        [0.4, 0.2, 0.1, 0.6],
    ]
)
COLOURS = (GREY, BLUE, ORANGE, SKY, GREEN)


@picture
def worked_example(scores=SCORES, values=VALUES, words=WORDS, key_dim=64):
    """Draw the two halves of attention for one query: scores to weights, and values to output.

    scores: `(S,)`, of one query.    values: `(S, d_v)`.    words: `S` names.
    key_dim: int, `d_k`; the scores are divided by its square root.
    """
    weights = softmax(scores / np.sqrt(key_dim))
    undivided = softmax(scores)
    output = weights @ values
    shares = ", ".join(f"{word} {weight:.4f}" for word, weight in zip(words, weights, strict=True))
    alt = (
        f"Left: the weights after division by {np.sqrt(key_dim):g} are nearly equal ({shares}); "
        f"without it they would lie between {undivided.min():.2f} and {undivided.max():.2f}. "
        f"Right: each entry of the output, {np.round(output, 4).tolist()}, is a bar made of one "
        f"piece a word, the word's weight times its value."
    )
    figure = Picture(9.8, 3.3, alt)
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1.2))
    _draw_weights(left, words, weights, undivided, key_dim)
    _draw_mixture(right, words, weights, values, output)
    return figure


def _draw_weights(axes, words, weights, undivided, key_dim):
    places = np.arange(len(words))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    number = {"fontsize": 7, "padding": 2, "bbox": box}
    bars = axes.bar(places - 0.2, undivided, 0.36, color="white", edgecolor=GREY, hatch="///")
    axes.bar_label(bars, fmt="%.3f", color=GREY, **number)
    bars = axes.bar(places + 0.2, weights, 0.36, color=BLUE)
    axes.bar_label(bars, fmt="%.3f", **number)
    even = 1 / len(words)
    axes.axhline(even, color=INK, linewidth=1, linestyle="--")
    axes.set(
        title="From scores to weights",
        xlabel="key",
        ylabel="weight (share of 1)",
        xticks=places,
        xticklabels=words,
        ylim=(0, 1.35 * undivided.max()),
    )
    handles = [*axes.containers, axes.lines[0]]
    names = ["scores as they are", f"scores / {np.sqrt(key_dim):g}", f"all alike, {even:g}"]
    axes.legend(handles, names, loc="upper left", ncols=3, fontsize=8, columnspacing=1)


def _draw_mixture(axes, words, weights, values, output):
    start = np.zeros(values.shape[1])
    places = np.arange(values.shape[1])
    for word, weight, value, colour in zip(words, weights, values, COLOURS, strict=True):
        pieces = axes.barh(places, weight * value, left=start, color=colour, edgecolor="white")
        labels = [word if piece > 0.03 else "" for piece in weight * value]
        light = colour in (SKY, ORANGE)
        axes.bar_label(
            pieces, labels, label_type="center", fontsize=8.5, color=INK if light else "white"
        )
        start = start + weight * value
    for place, total in zip(places, output, strict=True):
        axes.text(total + 0.006, place, f"{total:.4f}", va="center", fontweight="bold")
    axes.invert_yaxis()
    axes.set(
        title="From values to output: weight × value, laid end to end",
        xlabel="output (no unit)",
        ylabel="feature",
        yticks=places,
        yticklabels=places + 1,
        xlim=(0, 1.2 * output.max()),
    )
