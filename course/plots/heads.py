"""Heads of lesson 05: three ways of looking, made by hand, and what each adds to the output."""

import numpy as np

from course.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PINK,
    SKY,
    Picture,
    picture,
    weight_table,
)  # fmt: skip
from course.plots.play import Playground
from course.plots.sums import softmax

SENTENCE = "the cat sat on the mat"
KINDS = ("the word before", "the same word", "everything alike")
SHARP = 4.0  # scores of what a head looks for; all other scores are 0
FOUND = np.array([[1.0, 2.0], [3.0, -1.0]])  # (H, d): what two heads found for one position
MIXER = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0], [1.0, 1.0, -1.0], [2.0, 0.0, 1.0]])  # W_O
HATCHES = ("", "//", "..", "xx")


def head_weights(sentence=SENTENCE, sharpness=SHARP):
    """Return the weights of the three heads, `(3, T, T)`."""
    words = np.array(sentence.split())
    places = np.arange(len(words))
    before = places[None, :] == np.maximum(places - 1, 0)[:, None]
    same = words[None, :] == words[:, None]
    return softmax(sharpness * np.stack([before, same, np.zeros_like(same)]))


@picture
def head_tables(sentence=SENTENCE, sharpness=SHARP):
    """Draw what three heads, made by hand, look at: one table a head.

    sharpness: the score of what a head looks for, where all other scores are 0.
    """
    words, weights = sentence.split(), head_weights(sentence, sharpness)
    alt = (
        f"Three tables of weights for “{sentence}”, rows are queries and columns are keys. With a "
        f"score of {sharpness:g} for what it looks for, head 1 gives the word before "
        f"{weights[0, 1, 0]:.2f}, head 2 gives each word itself, or shares among its repetitions, "
        f"at most {weights[1].max():.2f}, and head 3 gives every word {weights[2, 0, 0]:.2f}."
    )
    figure = Picture(10.2, 3.6, alt)
    panels = figure.subplots(1, len(KINDS), sharey=True)
    for number, (axes, kind, table) in enumerate(zip(panels, KINDS, weights, strict=True), 1):
        weight_table(axes, table)
        axes.set(title=f"Head {number}: {kind}", xlabel="key")
        axes.set_xticks(range(len(words)), words)
        axes.set_yticks(range(len(words)), words)
    panels[0].set_ylabel("query")
    figure.colorbar(panels[-1].images[0], ax=panels, label="weight (share of 1)", pad=0.02)
    return figure


def play_with_heads():
    """Choose a sentence and how large a score is given to what a head looks for."""
    sentences = [SENTENCE, "the dog that the cat saw ran", "no no no yes"]
    return Playground(
        lambda sentence, sharpness: head_tables(sentence, sharpness),
        {"sentence": sentences, "sharpness": (0.0, 8.0, 0.5, SHARP)},
        {"sentence": "sentence", "sharpness": "score"},
    )


@picture
def head_contributions(found=FOUND, mixer=MIXER, volumes=None):
    """Draw the output of multi-head attention as a sum: one bar a head, for each feature.

    found: `(H, d)`, what each head found for one position.    mixer: `(H·d, d_model)`, W_O.
    volumes: `H` numbers that each head's contribution is multiplied by; without it all are 1.
    """
    found, mixer = np.asarray(found), np.asarray(mixer)
    heads, width = found.shape
    volumes = np.ones(heads) if volumes is None else np.asarray(volumes)
    parts = np.einsum("hd,hdm->hm", volumes[:, None] * found, mixer.reshape(heads, width, -1))
    total = parts.sum(axis=0)
    told = "; ".join(f"head {h}: {np.round(part, 2).tolist()}" for h, part in enumerate(parts, 1))
    alt = (
        f"What each head adds to the features of the output: {told}. Their sum, marked by a dash, "
        f"is {np.round(total, 2).tolist()}, which is also the merged heads times W_O."
    )
    figure = Picture(8.2, 3.4, alt)
    axes = figure.subplots()
    places, size = np.arange(mixer.shape[1]), 0.7 / heads
    for head, (part, colour) in enumerate(zip(parts, _colours(heads), strict=True)):
        shift = (head - (heads - 1) / 2) * size
        hatch = HATCHES[head % len(HATCHES)]
        bars = axes.bar(
            places + shift, part, size, color=colour, hatch=hatch, edgecolor="white",
            label=f"head {head + 1}",
        )  # fmt: skip
        axes.bar_label(bars, fmt="%.2g", fontsize=8.5, padding=2)
    axes.hlines(total, places - 0.42, places + 0.42, color=INK, linewidth=2.4, label="their sum")
    for place, value in zip(places, total, strict=True):
        axes.text(place + 0.44, value, f"{value:.2g}", va="center", fontweight="bold")
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set(
        title="The output is the sum of what each head adds",
        xlabel="feature of the output",
        ylabel="contribution (no unit)",
        xticks=places,
        xticklabels=places + 1,
        xlim=(-0.55, places[-1] + 0.7),
    )
    axes.margins(y=0.15)
    figure.legend(loc="outside lower center", ncols=heads + 1)
    return figure


def play_with_contributions():
    """Turn each of two heads up and down; the output follows."""
    return Playground(
        lambda first, second: head_contributions(volumes=(first, second)),
        {"first": (0.0, 2.0, 0.1, 1.0), "second": (0.0, 2.0, 0.1, 1.0)},
        {"first": "head 1 times", "second": "head 2 times"},
    )


@picture
def heads_training(result):
    """Draw the accuracy of each layer, and where each head of the last one looks.

    result: a `course.toys.twofold.Result`.
    """
    some, weights = result.sequences, result.weights  # (B, H, PAIRS)
    heads = weights.shape[1]
    ends = ", ".join(
        f"{name} {accuracy[-1]:.0%}"
        for name, accuracy in zip(result.names, result.accuracy, strict=True)
    )
    shares = [np.take_along_axis(weights[:, h], some.places, axis=1).mean(axis=0)
              for h in range(heads)]  # fmt: skip
    told = "; ".join(
        f"head {h} gives {first:.2f} to the first pair asked for and {second:.2f} to the second"
        for h, (first, second) in enumerate(shares, 1)
    )
    alt = f"Both answers right after {result.steps[-1]} steps: {ends}. On average {told}."
    figure = Picture(9.6, 5.4, alt)
    grid = figure.add_gridspec(2, heads, height_ratios=(1, 1.05))
    top = figure.add_subplot(grid[0, :])
    styles = zip(result.names, result.accuracy, ("s--", "o-"), (ORANGE, BLUE), strict=False)
    for name, accuracy, style, colour in styles:
        top.plot(result.steps, 100 * np.array(accuracy), style, color=colour, label=name)
    top.set(
        title="Both values named, in sequences it was not trained on",
        xlabel="training step (64 sequences each)",
        ylabel="both right (%)",
        ylim=(-3, 105),
    )
    top.grid(True)
    top.legend(loc="center right")
    rows = range(5)
    for head in range(heads):
        axes = figure.add_subplot(grid[1, head])
        cells = [some.cells(row) for row in rows]
        weight_table(axes, weights[list(rows), head], cells)
        axes.set(
            title=f"Where head {head + 1} looks, after training",
            xlabel="position in the sequence",
            xticks=range(len(cells[0])),
            xticklabels=range(1, len(cells[0]) + 1),
        )
        axes.set_yticks(list(rows), [some.question(row) for row in rows])
    figure.axes[1].set_ylabel("question")
    figure.colorbar(axes.images[0], ax=figure.axes[1:], label="weight (share of 1)", pad=0.02)
    return figure


def _colours(heads):
    return [(BLUE, ORANGE, GREEN, PINK, SKY, GREY)[head % 6] for head in range(heads)]
