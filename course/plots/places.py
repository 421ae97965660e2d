"""What a position does to a word's vector, and how far encodings know they are apart: lesson 02."""

import numpy as np

from course.plots.figure import BLUE, GREEN, INK, ORANGE, RED, Picture, picture, weight_table
from course.plots.play import Playground
from course.plots.sums import softmax
from course.toys import clocks

SIGNED = "PuOr"  # colour map of numbers of either sign; white is 0
STYLES = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."), (RED, ":"))


@picture
def same_average(first, second, vectors, positions=None):
    """Draw the vectors of two sentences of the same words, and below each their average.

    first, second: lists of `T` words.    vectors: a vector of `d` numbers for each word.
    positions: `(T, d)`, added to the vectors; without it the words stand alone.
    """
    added = 0.0 if positions is None else np.asarray(positions)
    tables = [np.array([vectors[word] for word in words]) + added for words in (first, second)]
    averages = [table.mean(axis=0) for table in tables]
    moved = np.abs(tables[0] - tables[1]).max(axis=1) > 1e-9
    apart = np.abs(averages[0] - averages[1]).max()
    alt = (
        f"The vectors of “{' '.join(first)}” beside those of “{' '.join(second)}”, row by row: "
        f"{moved.sum()} of {len(first)} rows differ. The averages below them differ by at most "
        f"{apart:.2g}."
    )
    figure = Picture(8.6, 3.7, alt)
    panels = figure.subplots(1, 2)
    most = max(np.abs(table).max() for table in tables)
    for axes, words, rows, average in zip(panels, (first, second), tables, averages, strict=True):
        gap = np.full_like(average, np.nan)
        drawn = axes.imshow(
            np.stack([*rows, gap, average]), cmap=SIGNED, vmin=-most, vmax=most, aspect="auto"
        )
        axes.set(
            title=f"“{' '.join(words)}”",
            xlabel="feature",
            xticks=range(rows.shape[1]),
            yticks=[*range(len(words)), len(words) + 1],
            yticklabels=[*words, "average"],
        )
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    panels[0].set_ylabel("word, in order")
    figure.colorbar(drawn, ax=panels, label="value (no unit)")
    return figure


@picture
def raw_positions(length=60, d_model=32, seed=0):
    """Draw how loud two ways of telling a position are beside a word, and what they do to it.

    length: int, positions.    d_model: int, even.    seed: of the word vectors, drawn at random
        with entries of size 1.
    """
    words = np.random.default_rng(seed).normal(size=(200, 2, d_model))  # pairs of different words
    numbers = np.repeat(np.arange(float(length))[:, None], d_model, axis=1)
    ways = {"its number": numbers, "sines and cosines": clocks.table(length, d_model)}
    sizes = {way: np.sqrt(np.mean(rows**2, axis=1)) for way, rows in ways.items()}
    alike = {way: _cosine_of_pairs(words, rows) for way, rows in ways.items()}
    alt = (
        f"Left: the entries of a word have size 1. A position told by its number has size "
        f"{sizes['its number'][-1]:.0f} at position {length - 1}, told by sines and cosines always "
        f"{sizes['sines and cosines'][-1]:.2f}. Right: two different words at the same position "
        f"have a cosine of {alike['its number'][20]:.3f} at position 20 when its number was added, "
        f"and of {alike['sines and cosines'][20]:.2f} with sines and cosines."
    )
    figure = Picture(9.2, 3.4, alt)
    left, right = figure.subplots(1, 2)
    for (way, size), (colour, dash) in zip(sizes.items(), STYLES, strict=False):
        left.plot(size, dash, color=colour, label=f"position, by {way}")
        right.plot(alike[way], dash, color=colour, label=f"position added by {way}")
    left.axhline(1.0, color=INK, linewidth=1, linestyle=":", label="word")
    left.set(
        title="How loud is it?", xlabel="position", ylabel="size of an entry (root mean square)"
    )
    left.set_ylim(0, 12)
    right.set(
        title="Can two different words be told apart?",
        xlabel="position of both",
        ylabel="cosine of two words",
        ylim=(-0.1, 1.05),
    )
    left.legend()
    right.legend(loc="center right")
    return figure


def _cosine_of_pairs(words, rows):
    """The mean cosine of the two words of a pair when `rows[p]` is added to both, for each p."""
    moved = words[:, :, None] + rows  # (pairs, 2, positions, d)
    units = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    return np.sum(units[:, 0] * units[:, 1], axis=-1).mean(axis=0)


@picture
def position_likeness(length=40, d_model=32, widths=(8, 32, 512)):
    """Draw the dot products of all pairs of encodings, and how they fall with the distance.

    length: int, positions in the table.    d_model: int, its width, even.
    widths: widths whose curves are drawn, each divided by d_model / 2, which makes it 1 at 0.
    """
    rows = clocks.table(length, d_model)
    products = rows @ rows.T
    distances = np.arange(-length, length + 1)
    curves = {width: clocks.likeness(distances, width) / (width / 2) for width in widths}
    ends = ", ".join(f"{curve[length + 5]:.2f} at width {w}" for w, curve in curves.items())
    alt = (
        f"Left: dot products of the encodings of positions 0 to {length - 1}. Each diagonal has "
        f"one colour: {d_model / 2:g} on the main one, less beside it. Right: the same as a "
        f"share of its largest value, against the distance. It is highest at 0 and the same on "
        f"both sides; five positions apart it is {ends}."
    )
    figure = Picture(9.2, 3.7, alt)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
    drawn = left.imshow(products, cmap=SIGNED, vmin=-d_model / 2, vmax=d_model / 2)
    left.set(title=f"PE(p) · PE(q), d_model = {d_model}", xlabel="position q", ylabel="position p")
    figure.colorbar(drawn, ax=left, label="dot product", shrink=0.85)
    for (width, curve), (colour, dash) in zip(curves.items(), STYLES, strict=False):
        right.plot(distances, curve, dash, color=colour, label=f"d_model = {width}")
    right.set(
        title="It depends on the distance alone",
        xlabel="distance p − q (positions)",
        ylabel="dot product / (d_model / 2)",
    )
    right.grid(True)
    right.legend()
    return figure


def look_back_weights(back, strength, length=10, d_model=64):
    """The weights of a head whose queries are encodings turned back by `back`, `(T, T)`.

    back: int, positions.    strength: float, a factor of the queries.
    """
    keys = clocks.table(length, d_model)
    queries = strength * clocks.table(length, d_model, start=-back)  # M PE(p) = PE(p - back)
    return softmax(queries @ keys.T / np.sqrt(d_model))


@picture
def look_back(back=3, strength=24.0):
    """Draw where a head looks that knows positions only and was told to look back.

    back: int, how many positions back.    strength: float, a factor of its queries.
    """
    back = int(back)
    weights = look_back_weights(back, strength)
    length = len(weights)
    hit = weights[-1, length - 1 - back]
    alt = (
        f"Weights of a head that looks {back} back: rows are queries at positions 0 to "
        f"{length - 1}, columns are keys. The last row gives {hit:.2f} to position "
        f"{length - 1 - back}, its neighbours less."
    )
    if back:
        alt += f" The first {back} rows have no such position and give most to position 0."
    figure = Picture(6.6, 4.6, alt)
    axes = figure.subplots()
    weight_table(axes, weights)
    places = range(length)
    axes.set(
        title=f"M turns queries {back} back, strength {strength:g}",
        xlabel="position of the key",
        ylabel="position of the query",
        xticks=places,
        yticks=places,
    )
    figure.colorbar(axes.images[0], ax=axes, label="weight (share of 1)")
    return figure


def play_with_look_back():
    """Choose how far back a head looks, and how strongly."""
    return Playground(
        lambda back, strength: look_back(back, strength),
        {"back": (0.0, 6.0, 1.0, 3.0), "strength": (0.0, 60.0, 4.0, 24.0)},
        {"back": "positions back", "strength": "strength"},
    )
