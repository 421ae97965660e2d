"""The training of lesson 06: words written backwards by a decoder block."""

import numpy as np

from course.plots.figure import BLUE, GREY, ORANGE, Picture, picture, weight_table


@picture
def backwards_training(result):
    """Draw how many words each stack writes without a fault, and what the last one reads for each.

    result: a `course.toys.backwards.Result`.
    """
    ends = ", ".join(
        f"{name} {accuracy[-1]:.0%}"
        for name, accuracy in zip(result.names, result.accuracy, strict=True)
    )
    length = len(result.moved)
    decisive = [int(place) + 1 for place in result.moved.argmax(axis=1)]
    alt = (
        f"Words written backwards without a fault after {result.steps[-1]} steps: {ends}. By the "
        f"last stack, {result.words[0]} was written {result.written[0]}. The letters written at "
        f"places 1 to {length} depend most on the letters of the source at {decisive}."
    )
    figure = Picture(10.0, 4.0, alt)
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    styles = (("d:", GREY), ("s--", ORANGE), ("o-", BLUE))[-len(result.names) :]
    for name, accuracy, (style, colour) in zip(result.names, result.accuracy, styles, strict=True):
        left.plot(result.steps, 100 * np.array(accuracy), style, color=colour, label=name)
    left.set(
        title="Words written backwards without a fault",
        xlabel="training step (64 words each)",
        ylabel="words it was not trained on (%)",
        ylim=(-3, 105),
    )
    left.grid(True)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    cells = [[f"{share:.2f}" if share else "" for share in row] for row in result.moved]
    weight_table(right, result.moved, cells)
    right.set(
        title="Another letter here changes what is written there",
        xlabel="letter of the source that is changed",
        ylabel="letter that is written",
        xticks=range(length),
        xticklabels=range(1, length + 1),
    )
    right.set_yticks(range(length), range(1, length + 1))
    figure.colorbar(right.images[0], ax=right, label="share of words", pad=0.02)
    return figure
