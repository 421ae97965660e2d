"""What a decoder makes of a distribution, in lesson 09: temperature, top-k and the nucleus."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, Picture, picture
from course.plots.play import Playground
from course.plots.sums import softmax

TEXT = "The cat sat on the"
WORDS = ("mat", "floor", "sofa", "roof", "table", "bed", "moon", "of", "xylem", "seven")
LOGITS = np.array([4.0, 3.2, 2.9, 2.3, 2.0, 1.4, 0.2, -0.8, -1.5, -2.0])

ALL = len(WORDS)


def decode(logits=LOGITS, temperature=1.0, k=ALL, p=1.0):
    """Return the distribution that is drawn from: temperature first, then top-k, then the nucleus.

    logits: `(V,)`, the likeliest first.
    """
    if temperature == 0:
        return np.eye(len(logits))[0]
    chances = softmax(logits / temperature)
    chances = np.where(np.arange(len(logits)) < k, chances, 0.0)
    chances = chances / chances.sum()
    before = np.cumsum(chances) - chances
    kept = np.where(before < p - 1e-9, chances, 0.0)
    return kept / kept.sum()


@picture
def decoded_distribution(temperature=1.0, k=ALL, p=1.0):
    """Draw the model's distribution over the next word, and what the decoder makes of it."""
    model, drawn = softmax(LOGITS), decode(LOGITS, temperature, k, p)
    kept = int((drawn > 0).sum())
    told = ", ".join(
        f"{word} {now:.3f} (model {before:.3f})"
        for word, before, now in zip(WORDS[:4], model, drawn, strict=False)
    )
    alt = (
        f"Next word after “{TEXT}”, with temperature {temperature:g}, the {k} likeliest words and "
        f"p = {p:g}: {kept} of {ALL} words are left. {told}."
    )
    figure = Picture(8.6, 4.0, alt)
    axes = figure.subplots()
    places = np.arange(ALL)
    axes.bar(places - 0.2, model, 0.4, color="white", edgecolor=GREY, hatch="//", label="the model")
    bars = axes.bar(places + 0.2, drawn, 0.4, color=BLUE, label="what is drawn from")
    labels = [f"{chance:.2f}" if chance else "" for chance in drawn]
    axes.bar_label(bars, labels, fontsize=9, padding=2)
    if kept < ALL:
        axes.axvline(kept - 0.5, color=ORANGE, linestyle="--")
        axes.text(kept - 0.42, 0.93, "cut off", color=INK, transform=axes.get_xaxis_transform())
    axes.set(
        title=f"“{TEXT} …”",
        xlabel="next word, the likeliest first",
        ylabel="probability (share of 1)",
        ylim=(0, max(0.55, 1.12 * drawn.max())),
    )
    axes.set_xticks(places, WORDS)
    axes.legend(loc="upper right")
    return figure


def play_with_sampling():
    """Choose the temperature, how many words are kept, and how much probability."""
    return Playground(
        lambda temperature, k, p: decoded_distribution(round(temperature, 1), int(k), round(p, 2)),
        {
            "temperature": (0.0, 3.0, 0.1, 1.0),
            "k": (1, ALL, 1, ALL),
            "p": (0.05, 1.0, 0.05, 0.9),
        },
        {"temperature": "temperature", "k": "top-k", "p": "nucleus p"},
    )
