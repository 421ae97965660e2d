"""Gates, the size of a cache, and the training of a language model: pictures of lesson 10."""

import math

import numpy as np

from course.plots.figure import BLUE, GREEN, GREY, INK, ORANGE, PINK, Picture, picture

GIB = 2**30
LAYERS, HEADS, HEAD_WIDTH, BYTES = 80, 64, 128, 2  # Llama 3 70B, in 16 bits
WEIGHTS = 70e9 * BYTES  # bytes of all weights of that model


@picture
def gates():
    """Draw the activations that a gate may have: ReLU, sigmoid, GELU and SiLU."""
    z = np.linspace(-5, 5, 401)
    sigmoid = 1 / (1 + np.exp(-z))
    normal = np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in z])
    curves = {
        "ReLU": (np.maximum(z, 0), ":", GREY),
        "sigmoid": (sigmoid, "-.", PINK),
        "GELU": (z * normal, "--", ORANGE),
        "SiLU = z · sigmoid(z)": (z * sigmoid, "-", BLUE),
    }
    lowest = z[np.argmin(z * sigmoid)]
    alt = (
        f"Four activations between −5 and 5. SiLU follows 0 far to the left and z far to the "
        f"right, and is lowest at z = {lowest:.2f}, where it is {(z * sigmoid).min():.2f}. GELU "
        f"is close to it, ReLU has a corner at 0, and the sigmoid stays between 0 and 1."
    )
    figure = Picture(7.2, 3.5, alt)
    axes = figure.subplots()
    for name, (values, dash, colour) in curves.items():
        axes.plot(z, values, dash, color=colour, label=name, linewidth=2.2)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set(
        title="What a gate may do to its input",
        xlabel="z (no unit)",
        ylabel="activation (no unit)",
        ylim=(-0.6, 3.2),
    )
    axes.grid(True)
    axes.legend(loc="upper left")
    return figure


def cache_bytes(positions, groups, layers=LAYERS, head_width=HEAD_WIDTH):
    """Return the bytes of the keys and values of one text: 2 · N · G · d_k numbers a position."""
    return 2 * layers * groups * head_width * BYTES * positions


@picture
def cache_sizes():
    """Draw how much memory the cache of one text takes, by its length and the groups."""
    lengths = 2 ** np.arange(10, 18)
    styles = {64: ("o-", ORANGE), 8: ("s--", BLUE), 1: ("^:", GREEN)}
    names = {64: "G = 64, a group a head", 8: "G = 8, as Llama 3 70B", 1: "G = 1, multi-query"}
    ends = ", ".join(
        f"{cache_bytes(lengths[-1], groups) / GIB:g} GiB with {groups}" for groups in styles
    )
    alt = (
        f"The size of the cache of one text grows in proportion to its length. At "
        f"{lengths[-1]:,} positions it is {ends} groups. A line marks the {WEIGHTS / GIB:.0f} GiB "
        f"of the model's own weights."
    )
    figure = Picture(8.2, 4.0, alt)
    axes = figure.subplots()
    for groups, (style, colour) in styles.items():
        sizes = cache_bytes(lengths, groups) / GIB
        axes.plot(lengths, sizes, style, color=colour, label=names[groups])
        axes.annotate(
            f"{sizes[-1]:g} GiB", (lengths[-1], sizes[-1]), xytext=(8, -3),
            textcoords="offset points",
        )  # fmt: skip
    axes.axhline(WEIGHTS / GIB, color=INK, linewidth=1, linestyle=(0, (6, 3)))
    axes.annotate("all weights of the model", (lengths[0], 1.12 * WEIGHTS / GIB), fontsize=9)
    axes.set(
        title="Keys and values kept for one text: 80 layers, 64 heads of 128, 16 bits",
        xlabel="length of the text (positions)",
        ylabel="cache (GiB)",
        xscale="log",
        yscale="log",
        xlim=(900, 260_000),
        ylim=(0.02, 800),
    )
    axes.set_xticks(lengths, [f"{length // 1024}K" for length in lengths])
    axes.minorticks_off()
    axes.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    axes.grid(True)
    axes.legend(loc="lower right")
    return figure


@picture
def language_training(histories, unigram, uniform):
    """Draw the loss on held-out text beside what knows no order.

    histories: of `course.training.language.train`, by what they are called.
    unigram, uniform: nats a piece, as of `course.training.language.marks`.
    """
    told = [
        f"With {name} it falls from {found[0]['nats']:.2f} to {found[-1]['nats']:.2f} nats a piece "
        f"in {found[-1]['step']} steps."
        for name, found in histories.items()
        if found
    ]
    alt = (
        f"The loss on held-out text. {' '.join(told) or 'None was measured yet.'} Knowing only how "
        f"many pieces there are gives {uniform:.2f}, knowing how frequent each is {unigram:.2f}."
    )
    figure = Picture(8.2, 3.6, alt)
    axes = figure.subplots()
    for (name, found), style, colour in zip(
        histories.items(), ("o-", "s--"), (BLUE, ORANGE), strict=False
    ):
        if not found:
            continue
        steps, losses = ([each[key] for each in found] for key in ("step", "nats"))
        axes.plot(steps, losses, style, color=colour, label=f"{name}: {losses[-1]:.2f}")
    for level, text in (
        (uniform, f"all pieces alike: ln V = {uniform:.2f}"),
        (unigram, f"unigram entropy of the same text: {unigram:.2f}"),
    ):
        axes.axhline(level, color=GREY, linestyle="--", linewidth=1.2)
        axes.annotate(
            text, (1, level), xycoords=("axes fraction", "data"), xytext=(-4, 4),
            textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
    axes.set(
        title="The next piece, in topics it was not trained on",
        xlabel="training step (32 windows of 64 pieces each)",
        ylabel="loss (nats a piece)",
    )
    axes.margins(y=0.12)
    axes.grid(True)
    if axes.lines[:-2]:
        axes.legend(loc="lower left")
    return figure
