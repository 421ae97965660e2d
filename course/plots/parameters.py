"""Where the parameters of an encoder-decoder are, counted from its sizes."""

import numpy as np

from course.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PINK,
    RED,
    SKY,
    Picture,
    picture,
)  # fmt: skip
from course.plots.play import Playground

BASE = {"vocabulary_size": 37_000, "d_model": 512, "num_layers": 6}  # d_ff = 4 d_model
BIG = {"vocabulary_size": 37_000, "d_model": 1024, "num_layers": 6}
PARTS = {  # what is drawn, its colour and its hatch
    "embedding": (ORANGE, ""),
    "self-attention": (BLUE, "//"),
    "cross-attention": (SKY, ".."),
    "feed-forward": (GREEN, "xx"),
    "layer norms": (PINK, ""),
}
PRINTED = {"base": 65e6, "big": 213e6}  # Vaswani et al. 2017, table 3


def count_parts(vocabulary_size, d_model, num_layers, hidden_dim=None):
    """Return the exact number of weights in each of `PARTS`, without biases in attention."""
    hidden_dim = hidden_dim or 4 * d_model
    attention = 4 * d_model**2
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    return {
        "embedding": vocabulary_size * d_model,
        "self-attention": 2 * num_layers * attention,
        "cross-attention": num_layers * attention,
        "feed-forward": 2 * num_layers * feed_forward,
        "layer norms": 5 * num_layers * 2 * d_model,
    }


@picture
def parameter_parts(**sizes):
    """Draw how many weights each part of a model has, and its share. sizes: as of `count_parts`."""
    sizes = {**BASE, **{name: int(size) for name, size in sizes.items()}}
    parts = count_parts(**sizes)
    total = sum(parts.values())
    told = "; ".join(f"{name} {count:,} ({_share(count / total)})" for name, count in parts.items())
    alt = f"{_title(sizes)}: {total:,} weights in all. {told}."
    figure = Picture(9.0, 3.4, alt)
    axes = figure.subplots()
    for place, (name, count) in enumerate(parts.items()):
        colour, hatch = PARTS[name]
        axes.barh(place, count / 1e6, color=colour, hatch=hatch, edgecolor="white")
        axes.text(count / 1e6, place, f"  {count:,}  ({_share(count / total)})", va="center")
    axes.set_yticks(range(len(parts)), parts)
    axes.invert_yaxis()
    axes.set(
        title=f"{_title(sizes)}: {total:,} weights",
        xlabel="weights (millions)",
        ylabel="part of the model",
        xlim=(0, 1.45 * max(parts.values()) / 1e6),
    )
    return figure


def play_with_sizes():
    """Choose the sizes of a model; the exact count of each part follows."""
    return Playground(
        lambda width, layers, vocabulary: parameter_parts(
            d_model=width, num_layers=layers, vocabulary_size=1000 * vocabulary
        ),
        {
            "width": (64, 2048, 64, BASE["d_model"]),
            "layers": (1, 24, 1, BASE["num_layers"]),
            "vocabulary": (1, 100, 1, BASE["vocabulary_size"] // 1000),
        },
        {"width": "d_model", "layers": "N", "vocabulary": "V in thousands"},
    )


@picture
def vocabulary_for_totals():
    """Draw the total of the paper's two models against the vocabulary, beside what is printed."""
    vocabularies = np.linspace(33_000, 44_000, 12)
    figure = Picture(9.4, 3.9, "")
    panels = figure.subplots(1, 2)
    told = []
    for axes, (name, sizes) in zip(panels, {"base": BASE, "big": BIG}.items(), strict=True):
        totals = [
            sum(count_parts(**{**sizes, "vocabulary_size": int(size)}).values())
            for size in vocabularies
        ]
        fits = vocabulary_of(name)
        told.append(f"the {name} model has {PRINTED[name] / 1e6:g} million at {fits:,.0f} tokens")
        axes.plot(vocabularies / 1e3, np.array(totals) / 1e6, color=BLUE, label="exact count")
        axes.axhspan(PRINTED[name] / 1e6 - 0.5, PRINTED[name] / 1e6 + 0.5, color=ORANGE, alpha=0.35)
        axes.axhline(PRINTED[name] / 1e6, color=RED, linestyle="--", label="as printed")
        axes.axvline(37, color=GREY, linestyle=":", label="V = 37,000, as the text says")
        axes.plot(fits / 1e3, PRINTED[name] / 1e6, "o", color=INK)
        axes.annotate(f"{fits:,.0f}", (fits / 1e3, PRINTED[name] / 1e6), (-6, 6), ha="right",
                      textcoords="offset points")  # fmt: skip
        axes.set(title=f"{name}: {PRINTED[name] / 1e6:g} million printed",
                 xlabel="tokens in the vocabulary (thousands)")  # fmt: skip
        axes.grid(True)
    panels[0].set_ylabel("weights (millions)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.alt = (
        "Exact counts grow with the vocabulary. "
        + "; ".join(told).capitalize()
        + ". The bands of totals that round to what is printed belong to different vocabularies."
    )
    return figure


def vocabulary_of(name, total=None):
    """The vocabulary with which the base or the big model has a total, by default the printed."""
    sizes = {"base": BASE, "big": BIG}[name]
    without = sum(count_parts(**{**sizes, "vocabulary_size": 0}).values())
    return ((total or PRINTED[name]) - without) / sizes["d_model"]


def _title(sizes):
    return "d_model = {d_model:,}, N = {num_layers}, V = {vocabulary_size:,}".format(**sizes)


def _share(share):
    return f"{share:.1%}" if share >= 1e-3 else f"{share:.2%}"
