"""Looking inside, of lesson 11: heads that complete repetitions, and what weights do not tell."""

import numpy as np

from course.plots.figure import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PINK,
    RED,
    WEIGHTS,
    Picture,
    picture,
)  # fmt: skip
from course.plots.play import Playground

VALUES = np.array(
    [[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]]
)  # of three keys; the middle one lies between
STYLES = ("o-", "s--", "^:", "d-.")
COLOURS = (BLUE, ORANGE, GREEN, PINK)


def _names(layers, heads):
    return [f"layer {number}, head {head}" for number in range(layers)
            for head in range(heads)]  # fmt: skip


@picture
def induction_training(result):
    """Draw the accuracy of both models, and what the heads of the last one came to look at.

    result: a `course.toys.repeats.Result`.
    """
    scores = np.stack(result.scores)  # (measurements, 2, layers, H)
    layers, heads = scores.shape[2:]
    names = _names(layers, heads)
    ends = ", ".join(
        f"{name} {accuracy[-1]:.0%}"
        for name, accuracy in zip(result.names, result.accuracy, strict=True)
    )
    told = "; ".join(
        f"{name}: {before:.2f} on the letter before, {after:.2f} on the letter after the previous "
        f"occurrence"
        for name, after, before in zip(names, *scores[-1].reshape(2, -1), strict=True)
    )
    alt = f"Letters named right after {result.steps[-1]} steps: {ends}. Mean weights then: {told}."
    figure = Picture(10.2, 3.7, alt)
    first, second, third = figure.subplots(1, 3)
    styles = zip(result.names, result.accuracy, ("s--", "o-"), (ORANGE, BLUE), strict=True)
    for name, accuracy, style, colour in styles:
        first.plot(result.steps, 100 * np.array(accuracy), style, color=colour, label=name, ms=4)
    first.set(
        title="Second half named right", ylabel="letters right (%)", ylim=(-3, 105),
        xlabel="training step",
    )  # fmt: skip
    first.legend(loc="center right", fontsize=9)
    panels = (
        (second, 1, "Looks at the letter before"),
        (third, 0, "Looks after the previous one"),
    )
    for axes, which, title in panels:
        for number, name in enumerate(names):
            line = scores[:, which].reshape(len(scores), -1)[:, number]
            axes.plot(
                result.steps, line, STYLES[number % 4], color=COLOURS[number % 4], label=name, ms=4
            )
        axes.set(title=title, xlabel="training step", ylabel="mean weight", ylim=(-0.03, 1.05))
    figure.legend(*third.get_legend_handles_labels(), loc="outside lower center", ncols=len(names))
    for axes in (first, second, third):
        axes.grid(True)
    return figure


def _after_copies(length, period):
    """Whether a key stands one place after an earlier copy of the query, `(T, T)`."""
    queries, keys = np.arange(length)[:, None], np.arange(length)
    return (keys > 0) & (keys <= queries) & ((queries - keys + 1) % period == 0)


@picture
def induction_heads(result, period=12, seed=5):
    """Draw where two trained heads look in a new sequence that repeats itself.

    result: a `course.toys.repeats.Result`.    period: letters in the part that is repeated.
    The head of the first layer is the one that looks most at the letter before, that of the last
    layer the one that looks most at the letter after the previous occurrence.
    """
    from course.toys import repeats

    sequence, _ = repeats.draw(1, np.random.default_rng(seed), int(period))
    letters = repeats.spell(sequence[0])
    maps = result.model.weights_on(sequence)[:, 0]  # (layers, H, T, T)
    after, before = result.scores[-1]
    chosen = (0, int(before[0].argmax())), (len(maps) - 1, int(after[-1].argmax()))
    titles = ("the letter before", "after an earlier copy")
    wanted = np.eye(len(letters), k=-1, dtype=bool), _after_copies(len(letters), int(period))
    repeated = slice(int(period), None)
    found = [
        (maps[layer, head] * places)[repeated].sum(axis=-1).mean()
        for (layer, head), places in zip(chosen, wanted, strict=True)
    ]
    alt = (
        f"Two tables of weights for “{' '.join(letters)}”, which repeats itself after {period} "
        f"letters; rows are queries. On average over the repeated part, head {chosen[0][1]} of "
        f"layer 0 puts {found[0]:.2f} on the letter before, and head {chosen[1][1]} of layer "
        f"{len(maps) - 1} puts {found[1]:.2f} on letters that stand after an earlier copy."
    )
    figure = Picture(10.2, 5.2, alt)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (layer, head), title, places in zip(panels, chosen, titles, wanted, strict=True):
        image = axes.imshow(maps[layer, head], cmap=WEIGHTS, vmin=0, vmax=1)
        rows, columns = np.nonzero(places)
        axes.scatter(columns, rows, s=58, marker="s", facecolor="none", edgecolor=RED, lw=0.9)
        axes.set(title=f"Layer {layer}, head {head}; squares: {title}", xlabel="key")
        axes.set_xticks(range(len(letters)), letters)
        axes.set_yticks(range(len(letters)), letters)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    panels[0].set_ylabel("query")
    figure.colorbar(image, ax=panels, label="weight (share of 1)", pad=0.02)
    return figure


def play_with_repeats(result):
    """Choose how soon a sequence repeats itself, and another sequence."""
    return Playground(
        lambda period, seed: induction_heads(result, period, int(seed)),
        {"period": (5, 12, 1, 12), "seed": [5, 6, 7, 8]},
        {"period": "letters before it repeats", "seed": "sequence"},
    )


@picture
def head_losses(loss, rises):
    """Draw by how much the loss rises when one head is turned off.

    loss: with all heads.    rises: arrays `(layers, H)` by what the head is replaced by; both come
        from `course.toys.repeats.losses_without`.
    """
    layers, heads = next(iter(rises.values())).shape
    names = _names(layers, heads)
    told = "; ".join(
        f"replaced by {way}: " + ", ".join(
            f"{name} {rise:+.2f}" for name, rise in zip(names, found.ravel(), strict=True)
        )
        for way, found in rises.items()
    )  # fmt: skip
    alt = f"The loss is {loss:.2f} nats with all heads. It changes when one is turned off, {told}."
    figure = Picture(8.4, 3.4, alt)
    axes = figure.subplots()
    places, size = np.arange(len(names)), 0.7 / len(rises)
    looks = zip(rises.items(), (BLUE, ORANGE), ("", "//"), strict=False)
    for number, ((way, found), colour, hatch) in enumerate(looks):
        bars = axes.bar(
            places + (number - (len(rises) - 1) / 2) * size, found.ravel(), size, color=colour,
            hatch=hatch, edgecolor="white", label=f"replaced by {way}",
        )  # fmt: skip
        axes.bar_label(bars, fmt="%+.2f", fontsize=9, padding=2)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set(
        title=f"What the loss of {loss:.2f} rises by without a head",
        ylabel="rise of the loss (nats)",
        xlabel="the head that is turned off",
    )
    axes.set_xticks(places, names)
    axes.margins(y=0.15)
    axes.legend()
    return figure


@picture
def same_output(middle=0.0):
    """Draw three weights and what they give: the output stays, whatever the middle one gets.

    middle: weight of the middle key, 0 to 1; the other two share the rest equally.
    """
    weights = np.array([(1 - middle) / 2, middle, (1 - middle) / 2])
    output = weights @ VALUES
    alt = (
        f"Weights {', '.join(f'{weight:.2f}' for weight in weights)} on three keys with the values "
        f"(2, 0), (1, 1) and (0, 2) give the output ({output[0]:g}, {output[1]:g})."
    )
    figure = Picture(8.4, 3.6, alt)
    left, right = figure.subplots(1, 2)
    names = ["a", "b", "c"]
    bars = left.bar(names, weights, 0.6, color=BLUE)
    left.bar_label(bars, fmt="%.2f", padding=2)
    left.set(title="Where it looks", ylabel="weight (share of 1)", xlabel="key", ylim=(0, 1.12))
    right.plot(*VALUES.T, ":", color=GREY)
    right.scatter(*VALUES.T, s=20 + 900 * weights, color=BLUE, alpha=0.6)
    for name, (x, y) in zip(names, VALUES, strict=True):
        right.annotate(
            f"{name} ({x:g}, {y:g})", (x, y), xytext=(13, 13), textcoords="offset points"
        )
    right.plot(*output, "*", color=INK, ms=15)
    right.annotate(
        f"output ({output[0]:g}, {output[1]:g})", output, xytext=(-12, -16),
        textcoords="offset points", ha="right", fontweight="bold",
    )  # fmt: skip
    right.set(
        title="What comes out", xlabel="feature 1 of the value", ylabel="feature 2 of the value",
        xlim=(-0.6, 3.1), ylim=(-0.5, 2.8), aspect="equal",
    )  # fmt: skip
    return figure


def play_with_same_output():
    """Move weight between the middle key and the two others."""
    return Playground(
        lambda middle: same_output(middle),
        {"middle": (0.0, 1.0, 0.1, 0.0)},
        {"middle": "weight of b"},
    )
