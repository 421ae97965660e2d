"""One word whose vector is moved by its context, on a plane small enough to redo by hand."""

import numpy as np

from course.plots.figure import BLUE, INK, RED, SKY, Picture, picture
from course.plots.play import Playground
from course.plots.sums import softmax

MEANINGS = {  # made by hand: how much a word smells of a garden, and how much of a laboratory
    "mole": (1.0, 1.0),
    "dug": (2.0, 0.0),
    "lawn": (1.5, 0.0),
    "salt": (0.0, 2.0),
    "weighed": (0.0, 1.5),
}
NEUTRAL = (0.0, 0.0)  # every other word
SENTENCES = [
    "the mole dug",
    "a mole of salt",
    "the mole dug in salt",
    "the mole dug under the lawn",
    "she weighed a mole of salt",
]


def vectors(sentence):
    """Return the made-up vectors of a sentence's words, `(n, 2)`."""
    return np.array([MEANINGS.get(word, NEUTRAL) for word in sentence.split()])


def mixture(sentence, sharpness=1.0):
    """Return the weights of all words for "mole", `(n,)`, and its new vector, `(2,)`."""
    words = vectors(sentence)
    weights = softmax(sharpness * words @ np.array(MEANINGS["mole"]))
    return weights, weights @ words


@picture
def moved_by_context(sentences=tuple(SENTENCES[:3]), sharpness=1.0):
    """Draw where attention moves "mole" in each sentence, one panel a sentence.

    sharpness: what the scores are multiplied by before softmax; 0 makes all weights equal.
    """
    found = [mixture(sentence, sharpness) for sentence in sentences]
    moved = "; ".join(
        f"in “{sentence}” to ({new[0]:.2f}, {new[1]:.2f})"
        for sentence, (_, new) in zip(sentences, found, strict=True)
    )
    alt = f"The vector of “mole” starts at (1, 1) and is moved by its context: {moved}."
    figure = Picture(3.3 * len(sentences), 3.3, alt)
    panels = figure.subplots(1, len(sentences), sharex=True, sharey=True, squeeze=False)[0]
    for axes, sentence, (weights, new) in zip(panels, sentences, found, strict=True):
        _draw_words(axes, sentence, weights, new)
        axes.set(title=f"“{sentence}”", xlabel="garden (no unit)")
    panels[0].set(ylabel="laboratory (no unit)", xlim=(-1.0, 2.75), ylim=(-0.65, 2.45))
    return figure


def play_with_context():
    """Choose a sentence and how sharply "mole" looks; the picture follows."""
    return Playground(
        lambda sentence, sharpness: moved_by_context([sentence], sharpness),
        {"sentence": SENTENCES, "sharpness": (0.0, 4.0, 0.1, 1.0)},
        {"sentence": "sentence", "sharpness": "scores times"},
    )


def _draw_words(axes, sentence, weights, new):
    together = {}  # words that share a place share a dot; their weights add up
    for word, place, weight in zip(sentence.split(), vectors(sentence), weights, strict=True):
        names, total = together.get(tuple(place), ([], 0.0))
        together[tuple(place)] = ([*names, word], total + weight)
    for place, (names, weight) in together.items():
        axes.plot(*zip(place, new, strict=True), color=SKY, linewidth=9 * weight, alpha=0.5)
        axes.plot(*place, "o", color=BLUE, markersize=7)
        axes.annotate(f"{', '.join(names)}\n{weight:.2f}", place, **_beside(place))
    arrow = {"arrowstyle": "-|>", "color": RED, "linewidth": 2.2, "shrinkA": 4, "shrinkB": 2}
    axes.annotate("", new, MEANINGS["mole"], arrowprops=arrow)
    axes.plot(*new, "*", color=RED, markersize=13, markeredgecolor="white")
    axes.text(
        2.7, 2.4, f"★ new mole\n({new[0]:.2f}, {new[1]:.2f})", color=RED, ha="right", va="top"
    )
    axes.set(aspect="equal", xticks=[0, 1, 2], yticks=[0, 1, 2])
    axes.grid(True)
    axes.set_axisbelow(True)


def _beside(place):
    """Where a word's label stands: outside the triangle in which all new vectors lie."""
    left, below = place[0] == 0.0, place[1] == 0.0
    if below:
        offset, ha, va = (0, -8), "center", "top"
    elif left:
        offset, ha, va = (-8, 0), "right", "center"
    else:
        offset, ha, va = (8, 6), "left", "center"
    style = {"textcoords": "offset points", "fontsize": 9, "color": INK}
    return {"xytext": offset, "ha": ha, "va": va, **style}
