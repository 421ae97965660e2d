"""Masks of lesson 04: what may be seen, and what softmax makes of it."""

import numpy as np
from matplotlib.patches import Patch, Rectangle

from course.plots.figure import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    Picture,
    picture,
    weight_table,
)  # fmt: skip
from course.plots.play import Playground
from course.plots.sums import softmax

SENTENCE = "the cat sat PAD PAD"
SENTENCES = [SENTENCE, "the cat sat on PAD", "yes PAD PAD PAD", "PAD PAD the cat sat"]
KINDS = ("no mask", "padding", "causal", "padding and causal")
SEEN, HIDDEN = SKY, "#E4E4E4"
MEANINGS = {"may be seen (✓, True)": SEEN, "hidden (False)": HIDDEN}


def masks_of(sentence):
    """Return the four masks of a sentence by name, each `(T, T)`; PAD is padding."""
    words = np.array(sentence.split())
    shape = (len(words), len(words))
    padding = np.broadcast_to(words != "PAD", shape)
    causal = np.tril(np.ones(shape, bool))
    return dict(zip(KINDS, (np.ones(shape, bool), padding, causal, padding & causal), strict=True))


@picture
def mask_tables(sentence=SENTENCE):
    """Draw the masks of a sentence side by side: padding, causal, and both."""
    masks = masks_of(sentence)
    kinds = KINDS[1:]
    told = "; ".join(f"{kind}: {_in_words(masks[kind])}" for kind in kinds)
    alt = (
        f"Three masks of “{sentence}”, rows are queries and columns are keys; how many keys each "
        f"query may see, from the first query to the last: {told}."
    )
    figure = Picture(10.0, 3.5, alt)
    panels = figure.subplots(1, len(kinds), sharey=True)
    for axes, kind in zip(panels, kinds, strict=True):
        _mask_table(axes, masks[kind], sentence.split(), kind)
    panels[0].set_ylabel("query")
    legend(figure, MEANINGS)
    return figure


@picture
def masked_weights(sentence=SENTENCE, kind=KINDS[3]):
    """Draw a mask, and beside it the weights of the same scores under it.

    kind: one of "no mask", "padding", "causal" and "padding and causal".
    """
    words, mask = sentence.split(), masks_of(sentence)[kind]
    scores = np.round(2.0 * np.cos(1.7 * np.arange(len(words) ** 2)), 1).reshape(mask.shape)
    weights = np.where(mask, softmax(np.where(mask, scores, -1e9)), 0.0)
    empty = int((~mask.any(axis=-1)).sum())
    alt = (
        f"{kind.capitalize()} for “{sentence}”: of {mask.size} pairs {int(mask.sum())} may be "
        f"seen. Under it the weights of each row sum to 1 over what is seen"
        + (f", but for {empty} rows that may see nothing and have no weight." if empty else ".")
    )
    figure = Picture(8.6, 3.7, alt)
    left, right = figure.subplots(1, 2, sharey=True)
    _mask_table(left, mask, words, f"mask: {kind}")
    cells = [[f"{w:.2f}" if m else "0" for w, m in zip(*row, strict=True)]
             for row in zip(weights, mask, strict=True)]  # fmt: skip
    weight_table(right, weights, cells)
    right.set(title="weights of the same scores under it", xlabel="key")
    right.set_xticks(range(len(words)), words)
    left.set_ylabel("query")
    figure.colorbar(right.images[0], ax=right, label="weight (share of 1)", pad=0.02)
    legend(figure, MEANINGS)
    return figure


def play_with_masks():
    """Choose a sentence and a mask, and see who may look at whom."""
    return Playground(
        lambda sentence, kind: masked_weights(sentence, kind),
        {"kind": [KINDS[3], *KINDS[:3]], "sentence": SENTENCES},
        {"kind": "mask", "sentence": "sentence"},
    )


@picture
def ways_to_hide(scores=(1.0, 2.0, 3.0)):
    """Draw the weights of some scores, and those of three ways to hide the last one."""
    scores = np.asarray(scores)
    seen = np.arange(len(scores)) < len(scores) - 1
    ways = {
        "not hidden": softmax(scores),
        "weight set to 0\nafter softmax": softmax(scores) * seen,
        "score times 0": softmax(scores * seen),
        "score −∞\nbefore softmax": softmax(np.where(seen, scores, -np.inf)),
    }
    told = "; ".join(f"{' '.join(way.split())}: {_numbers(w)}" for way, w in ways.items())
    alt = f"Weights of the scores {_numbers(scores, 0)}, the last of which is hidden. {told}."
    figure = Picture(8.2, 3.2, alt)
    axes = figure.subplots()
    bottom, places = np.zeros(len(ways)), np.arange(len(ways))
    colours, hatches = (BLUE, SKY, ORANGE), ("", "..", "//")
    for key, score in enumerate(scores):
        share = np.array([weights[key] for weights in ways.values()])
        name = f"key {key + 1}, score {score:g}" + ("" if seen[key] else ", hidden")
        axes.barh(places, share, 0.6, left=bottom, color=colours[key % 3], label=name,
                  hatch=hatches[key % 3], edgecolor="white")  # fmt: skip
        for place, width, start in zip(places, share, bottom, strict=True):
            if width > 0.03:
                axes.text(start + width / 2, place, f"{width:.2f}", ha="center", va="center",
                          color=INK, fontsize=9,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
        bottom += share
    axes.axvline(1.0, color=GREY, linestyle="--", linewidth=1)
    axes.set(title="Three ways to hide the last key", xlabel="weight (share of 1)", ylabel="way",
             xlim=(0, 1.08), yticks=places, yticklabels=list(ways))  # fmt: skip
    axes.invert_yaxis()
    figure.legend(loc="outside lower center", ncols=len(scores))
    return figure


def _mask_table(axes, mask, words, title):
    axes.imshow(np.ones((*mask.shape, 3)))
    for (row, column), seen in np.ndenumerate(mask):
        cell(axes, row, column, SEEN if seen else HIDDEN, "✓" if seen else "")
    axes.set(title=title, xlabel="key")
    axes.set_xticks(range(len(words)), words)
    axes.set_yticks(range(len(words)), words)
    bare(axes)


def cell(axes, row, column, colour, text):
    """Fill a cell of a table with a colour and a sign."""
    corner = column - 0.46, row - 0.46
    axes.add_patch(Rectangle(corner, 0.92, 0.92, facecolor=colour, edgecolor="none"))
    axes.text(column, row, text, ha="center", va="center", color=INK, fontsize=10)


def bare(axes):
    """Leave out the frame and the ticks of a table."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def legend(figure, colours):
    """Say below a picture what its colours are; they come by name."""
    handles = [Patch(facecolor=colour, label=name) for name, colour in colours.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _in_words(mask):
    return ", ".join(str(count) for count in mask.sum(axis=-1))


def _numbers(values, digits=2):
    return ", ".join(f"{value:.{digits}f}" for value in values)
