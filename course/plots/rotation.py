"""Rotary positions of lesson 10: pairs that turn, and scores that know differences only."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, Picture, picture
from course.plots.order import SIGNED
from course.plots.play import Playground

QUERY = np.array([0.9, 0.4, 0.8, -0.3])  # two pairs of features
KEY = np.array([0.3, 0.9, 0.6, 0.7])
BASE = 100.0  # small, so that the second pair turns fast enough to be seen: 0.1 a position
FARTHEST = 20
LONG = np.random.default_rng(4).normal(size=(2, 64))  # a query and a key of one head


def turned(vectors, positions, base=10000.0):
    """Return `(T, d)` or `(d,)` vectors at their positions: each pair is a complex number."""
    pairs = np.asarray(vectors)[..., 0::2] + 1j * np.asarray(vectors)[..., 1::2]
    speeds = base ** (-np.arange(pairs.shape[-1]) / pairs.shape[-1])
    pairs = pairs * np.exp(1j * np.asarray(positions)[..., None] * speeds)
    return np.stack([pairs.real, pairs.imag], axis=-1).reshape(*pairs.shape[:-1], -1)


@picture
def turning_pairs(query_at=3, key_at=1):
    """Draw a query and a key of two pairs at their positions, and their score by distance."""
    query, key = turned(QUERY, query_at, BASE), turned(KEY, key_at, BASE)
    score, distance = query @ key, query_at - key_at
    alt = (
        f"Two clocks, one a pair of features. The query at position {query_at:g} and the key at "
        f"{key_at:g} have turned by {query_at:g} and {key_at:g} radians in pair 0, and by "
        f"{query_at / 10:g} and {key_at / 10:g} in pair 1. Their score is {score:.2f}, the point "
        f"at distance {distance:g} of a curve that depends on nothing else."
    )
    figure = Picture(10.2, 3.5, alt)
    *clocks, curve = figure.subplots(1, 3, gridspec_kw={"width_ratios": (1, 1, 1.7)})
    for pair, axes in enumerate(clocks):
        _clock(axes, pair, (query, key), (QUERY, KEY))
    distances = np.linspace(-FARTHEST, FARTHEST, 401)
    curve.plot(distances, turned(QUERY, distances, BASE) @ KEY, color=BLUE)
    curve.plot([distance], [score], "o", color=ORANGE, markeredgecolor=INK, markersize=9)
    curve.annotate(
        f"{score:.2f}", (distance, score), xytext=(7, 7), textcoords="offset points",
        fontweight="bold",
    )  # fmt: skip
    curve.axhline(0, color=GREY, linewidth=1)
    curve.set(
        title="Their score",
        xlabel="position of query − position of key",
        ylabel="query · key (no unit)",
    )
    curve.margins(y=0.18)
    curve.grid(True)
    figure.legend(*clocks[0].get_legend_handles_labels(), loc="outside lower left", ncols=4)
    return figure


def play_with_rotation():
    """Move a query and a key; the score follows their distance."""
    return Playground(
        lambda query_at, key_at: turning_pairs(query_at, key_at),
        {"query_at": (0.0, FARTHEST, 1.0, 3.0), "key_at": (0.0, FARTHEST, 1.0, 1.0)},
        {"query_at": "position of query", "key_at": "position of key"},
    )


def position_scores(length=24):
    """Return the scores of one query and one key at all pairs of positions, `(length, length)`.

    Twice: with both turned by their positions, and with the sinusoidal table of lesson 2 added.
    """
    places = np.arange(length)
    rows = np.repeat(LONG[:, None], length, axis=1)  # (2, length, d)
    queries, keys = turned(rows, places)
    encoding = turned(np.tile([0.0, 1.0], LONG.shape[1] // 2), -places)  # sin, cos of each pair
    return queries @ keys.T, (rows[0] + encoding) @ (rows[1] + encoding).T


@picture
def rotary_scores(length=24):
    """Draw the score of one query and one key at all pairs of positions, in two ways."""
    tables = position_scores(length)
    names = ("turned by position (RoPE)", "position added (lesson 2)")
    spreads = [max(np.ptp(np.diagonal(t, k)) for k in range(-3, 4)) for t in tables]
    alt = (
        f"Two tables of the score of the same query at position i and the same key at j, "
        f"{length} by {length}. Turned by their positions, the score is the same along every "
        f"diagonal, to {spreads[0]:.0e}; with a position added it varies along one diagonal "
        f"by up to {spreads[1]:.1f}."
    )
    figure = Picture(9.4, 4.1, alt)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, table, name in zip(panels, tables, names, strict=True):
        middle = np.median(table)
        most = np.abs(table - middle).max()
        drawn = axes.imshow(table - middle, cmap=SIGNED, vmin=-most, vmax=most)
        axes.set(title=name, xlabel="position j of the key")
        figure.colorbar(drawn, ax=axes, label="score − median (no unit)", shrink=0.85)
    panels[0].set_ylabel("position i of the query")
    return figure


def _clock(axes, pair, vectors, unturned):
    circle = np.linspace(0, 2 * np.pi, 100)
    axes.plot(np.cos(circle), np.sin(circle), color=GREY, linewidth=0.8)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.axvline(0, color=GREY, linewidth=0.6)
    styles = (("query", BLUE, "-"), ("key", ORANGE, "--"))
    for vector, before, (name, colour, dash) in zip(vectors, unturned, styles, strict=True):
        x, y = vector[2 * pair : 2 * pair + 2]
        axes.plot([0, x], [0, y], dash, color=colour, linewidth=2.6, label=name)
        axes.plot(x, y, "o" if name == "query" else "s", color=colour, markersize=7)
        start = before[2 * pair : 2 * pair + 2]
        axes.plot(*start, "x", color=colour, markersize=6, label=f"{name} at position 0")
    axes.set(
        title=f"Pair {pair}: {(1, 0.1)[pair]:g} rad a position",
        xlabel=f"feature {2 * pair}",
        ylabel=f"feature {2 * pair + 1}",
        xlim=(-1.25, 1.25),
        ylim=(-1.25, 1.25),
        aspect="equal",
        xticks=(-1, 0, 1),
        yticks=(-1, 0, 1),
    )
