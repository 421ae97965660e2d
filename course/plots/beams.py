"""Beam search in lesson 09: a tree in which the likeliest first step leads to the worse text."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, Picture, picture

# What follows what, with its probability; the sums of rows are 1.
STEPS = {
    "START": (("the", 0.5), ("a", 0.4), ("cats", 0.1)),
    "the": (("END", 0.4), ("the", 0.3), ("a", 0.3)),
    "a": (("END", 0.9), ("the", 0.1)),
    "cats": (("END", 0.6), ("a", 0.4)),
}


def texts():
    """Return every path of two steps with its probability, the likeliest first."""
    found = [
        ((first, second), chance * after)
        for first, chance in STEPS["START"]
        for second, after in STEPS[first]
    ]
    return sorted(found, key=lambda pair: -pair[1])


@picture
def beam_tree(width=2):
    """Draw all texts of two tokens as a tree, what greedy follows and what a beam keeps."""
    first = [token for token, _ in STEPS["START"]][:width]
    reached = [pair for pair in texts() if pair[0][0] in first][:width]
    greedy = ("the", "END")
    chances = dict(texts())
    alt = (
        f"A tree of two steps. Greedy takes “the”, then END: {chances[greedy]:.2f}. A beam of "
        f"{width} keeps {' and '.join(first)} after the first step, and finds "
        f"“{' '.join(reached[0][0])}”: {reached[0][1]:.2f}."
    )
    figure = Picture(9.2, 4.4, alt)
    axes = figure.subplots()
    leaves = [(one, two) for one, _ in STEPS["START"] for two, _ in STEPS[one]]
    heights = {leaf: -place for place, leaf in enumerate(leaves)}
    kept = {pair for pair, _ in reached}
    middle = {one: np.mean([heights[leaf] for leaf in leaves if leaf[0] == one]) for one in STEPS
              if one != "START"}  # fmt: skip
    root = float(np.mean(list(middle.values())))
    for one, chance in STEPS["START"]:
        _edge(axes, (0, root), (1, middle[one]), one, chance, one in first, one == greedy[0])
        for two, after in STEPS[one]:
            leaf = (one, two)
            _edge(axes, (1, middle[one]), (2, heights[leaf]), two, after, leaf in kept,
                  leaf == greedy)  # fmt: skip
            axes.text(2.35, heights[leaf], f"{chance * after:.2f}", va="center",
                      fontweight="bold" if leaf in kept else "normal")  # fmt: skip
    axes.text(0, root, "START ", ha="right", va="center")
    axes.plot([], [], color=BLUE, linewidth=3, label=f"kept by a beam of {width}")
    axes.plot([], [], color=ORANGE, linestyle="--", linewidth=3, label="taken by greedy")
    axes.plot([], [], color=GREY, linewidth=1, label="dropped")
    axes.set(xlim=(-0.35, 2.75), ylim=(-len(leaves) + 0.2, 1.0),
             xlabel="tokens written", ylabel="texts")  # fmt: skip
    axes.set_xticks([0, 1, 2])
    axes.set_yticks([])
    axes.text(2.35, 0.6, "probability", ha="left", color=GREY)
    axes.spines[["left"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def _edge(axes, start, end, token, chance, kept, greedy):
    (x, y), (to_x, to_y) = start, end
    colour, width = (BLUE, 3) if kept else (GREY, 1)
    axes.plot([x + 0.25 * x, to_x], [y, to_y], color=colour, linewidth=width, zorder=1)
    if greedy:
        axes.plot([x + 0.25 * x, to_x], [y + 0.09, to_y + 0.09], "--", color=ORANGE, linewidth=3)
    axes.text(to_x + 0.03, to_y, f"{token} {chance:g}", va="center", color=INK,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
