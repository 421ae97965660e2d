"""A map of vectors that were learned: nouns by family and by the pronoun that goes with them."""

import numpy as np

from course.plots.figure import BLUE, GREEN, GREY, INK, ORANGE, RED, Picture, picture
from course.plots.play import Playground
from course.toys.company import FAMILIES, IDS, NOUNS

MARKS = dict(zip(FAMILIES, ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (RED, "D")), strict=True))


@picture
def word_map(result, step=None):
    """Draw the nouns on the plane from which their families stand apart, and all their cosines.

    result: a `course.toys.company.Result`.    step: training step, the last one by default.
    """
    steps = np.array(result.steps)
    measurement = len(steps) - 1 if step is None else int(np.argmin(np.abs(steps - step)))
    vectors = _nouns(result.vectors[measurement])
    places = vectors @ _plane(_nouns(result.vectors[-1]))
    cosines = _cosines(vectors)
    alt = (
        f"The vectors of {len(NOUNS)} nouns after {steps[measurement]} steps, {_told(cosines)} "
        f"The loss is {result.losses[measurement]:.2f} nats a word."
    )
    figure = Picture(9.6, 4.2, alt)
    left, right = figure.subplots(1, 2, width_ratios=(1.1, 1))
    _draw_map(left, places, _nouns(result.vectors[-1]))
    left.set_title(f"After {steps[measurement]} steps, loss {result.losses[measurement]:.2f}")
    _draw_cosines(right, cosines)
    figure.colorbar(right.images[0], ax=right, label="cosine (no unit)", shrink=0.9)
    return figure


def play_with_word_map(result):
    """Move the training step; the picture shows the vectors at that time."""
    last, between = float(result.steps[-1]), float(result.steps[1] - result.steps[0])
    return Playground(
        lambda step: word_map(result, step),
        {"step": (0.0, last, between, 3 * between)},
        {"step": "training step"},
    )


def _nouns(vectors):
    return np.asarray(vectors)[[IDS[noun] for noun in NOUNS]]


def _plane(nouns):
    """Two directions, `(d, 2)`: along the first, families come in their order; the second is the
    step from "his" to "her" that they have in common."""
    upwards = np.mean(nouns[1::2] - nouns[::2], axis=0)
    upwards = upwards / np.linalg.norm(upwards)
    middles = (nouns[1::2] + nouns[::2]) / 2
    middles = middles - middles.mean(axis=0)
    middles = middles - np.outer(middles @ upwards, upwards)
    order = np.arange(len(middles)) - (len(middles) - 1) / 2
    sideways = np.linalg.lstsq(middles, order, rcond=None)[0]
    return np.stack([sideways / np.linalg.norm(sideways), upwards], axis=1)


def _cosines(vectors):
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return units @ units.T


def _told(cosines):
    """The picture in words: how alike are pairs of a family, and all others?"""
    size = len(cosines)
    family = np.arange(size) // 2
    same = (family[:, None] == family[None, :]) & ~np.eye(size, dtype=bool)
    role = np.arange(size) % 2
    other = (role[:, None] == role[None, :]) & ~np.eye(size, dtype=bool)
    rest = ~same & ~other & ~np.eye(size, dtype=bool)
    return (
        f"with their cosines: {cosines[same].mean():.2f} on average between two of a family, "
        f"{cosines[other].mean():.2f} between two that take the same pronoun, and "
        f"{cosines[rest].mean():.2f} between the others."
    )


def _draw_map(axes, places, last):
    reach = 1.25 * np.abs(last @ _plane(last)).max()
    for number, (family, (colour, mark)) in enumerate(MARKS.items()):
        his, her = places[2 * number : 2 * number + 2]
        arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.6, "shrinkA": 5, "shrinkB": 5}
        axes.annotate("", her, his, arrowprops=arrow)
        for noun, place in zip(FAMILIES[family][:2], (his, her), strict=True):
            axes.plot(*place, mark, color=colour, markersize=8, markeredgecolor="white")
            axes.annotate(noun, place, (7, 5), textcoords="offset points", color=INK)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.set(
        xlabel="one family after the other (no unit)",
        ylabel="from “his” to “her” (no unit)",
        xlim=(-reach, reach),
        ylim=(-reach, reach),
    )


def _draw_cosines(axes, cosines):
    axes.imshow(cosines, cmap="PuOr", vmin=-1, vmax=1)
    for row, line in enumerate(cosines):
        for column, cosine in enumerate(line):
            ink = "white" if abs(cosine) > 0.7 else INK
            axes.text(column, row, f"{cosine:.1f}".replace("-0.0", "0.0"), color=ink, ha="center",
                      va="center", fontsize=8)  # fmt: skip
    axes.set(title="Cosines", xlabel="word", ylabel="word")
    axes.set_xticks(range(len(NOUNS)), NOUNS, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(NOUNS)), NOUNS)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
