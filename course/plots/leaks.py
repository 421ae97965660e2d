"""Leaks of lesson 04: who notices a change of the future, and what a leak does to training."""

import numpy as np

from course.plots.figure import BLUE, GREEN, PINK, RED, Picture, picture
from course.plots.masks import HIDDEN, bare, cell, legend


@picture
def influence(layers, x):
    """Draw which outputs of a layer move when one input position is changed, one table a layer.

    layers: callables by name, each from `(B, T, d)` to `(B, T, e)`.    x: `(B, T, d)` floats.
    """
    tables = {name: _moved(layer, np.asarray(x, "float32")) for name, layer in layers.items()}
    told = "; ".join(f"{name}: {_ahead(table)}" for name, table in tables.items())
    alt = (
        f"For each layer a table, rows are output positions and columns are input positions; a "
        f"cell is marked where the output moves when that input is changed. {told}."
    )
    figure = Picture(0.8 + 2.1 * len(tables), 3.3, alt)
    panels = np.atleast_1d(figure.subplots(1, len(tables), sharey=True))
    for axes, (name, moved) in zip(panels, tables.items(), strict=True):
        ahead = np.triu(moved, k=1)
        axes.imshow(np.ones((*moved.shape, 3)))
        for (row, column), moves in np.ndenumerate(moved):
            colour = RED if ahead[row, column] else BLUE if moves else HIDDEN
            cell(axes, row, column, colour, "!" if ahead[row, column] else "")
        ticks = range(len(moved))
        axes.set(title=name, xlabel="changed input", xticks=ticks, yticks=ticks)
        axes.set_xticklabels([tick + 1 for tick in ticks])
        axes.set_yticklabels([tick + 1 for tick in ticks])
        bare(axes)
    panels[0].set_ylabel("output")
    legend(figure, {"moves": BLUE, "moves, and should not (!)": RED, "does not move": HIDDEN})
    return figure


@picture
def leak_training(result):
    """Draw the loss of each model in training and on its own, and what it writes.

    result: a `course.toys.leak.Result`.
    """
    numbers = "; ".join(
        f"{name}: {seen[-1]:.2f} nats a letter with the text in sight and {right:.0%} right, "
        f"{alone[-1]:.2f} and {right_alone:.0%} without what comes after; it writes “{text}”"
        for name, seen, alone, (right, right_alone), text in _runs(result)
    )
    alt = f"Loss on held-out text in {result.steps[-1]} training steps. {numbers}."
    figure = Picture(9.4, 4.9 + 0.3 * len(result.names), alt)
    axes = figure.subplots()
    colours = (RED, BLUE, GREEN, PINK)
    for (name, seen, alone, _, _), colour in zip(_runs(result), colours, strict=False):
        axes.plot(result.steps, seen, "o-", color=colour, markersize=4,
                  label=f"{name}, text in sight, as in training")  # fmt: skip
        axes.plot(result.steps, alone, "s--", color=colour, markersize=4, markerfacecolor="white",
                  label=f"{name}, only what stands before, as when writing")  # fmt: skip
    axes.set(
        title="Naming the next letter, in text that was not trained on",
        xlabel="training step (64 windows each)",
        ylabel="loss (nats a letter)",
        ylim=(-0.3, None),
    )
    axes.grid(True)
    figure.legend(loc="outside upper center", ncols=len(result.names), fontsize=9)
    lines = [
        f"{name:>12}, {right_alone:4.0%} right alone:  {text}"
        for name, _, _, (_, right_alone), text in _runs(result)
    ]
    figure.supxlabel("\n".join(lines), x=0.02, ha="left", fontsize=9, family="DejaVu Sans Mono")
    return figure


def _runs(result):
    return list(
        zip(result.names, result.seen, result.alone, result.accuracy, result.texts, strict=True)
    )


def _moved(layer, x):
    """Which outputs move with which input, `(T, T)` bool."""
    output = np.asarray(layer(x))
    length = x.shape[1]
    moved = np.zeros((length, length), bool)
    for place in range(length):
        other = x.copy()
        other[:, place] = 1.5 - 2.0 * x[:, place]
        change = np.abs(np.asarray(layer(other)) - output).max(axis=(0, 2))
        moved[:, place] = change > 1e-4 * (1.0 + np.abs(output).max())
    return moved


def _ahead(moved):
    count = int(np.triu(moved, k=1).sum())
    return f"{count} outputs move with a later input" if count else "none moves with a later input"
