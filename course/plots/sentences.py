"""The capstone's pictures: what is remembered and what is known, and where a translation looked."""

from course.plots.figure import BLUE, ORANGE, Picture, heat_map, picture


@picture
def seen_and_unseen(history):
    """Draw the loss on pairs that were trained on, and on pairs that were not, against the step.

    history: list of dicts, as of `course.training.seen.SeenAndUnseen`.
    """
    figure = Picture(7.4, 3.6, _told(history))
    axes = figure.subplots()
    steps = [each["step"] for each in history]
    for name, colour, style in (("seen", BLUE, "o-"), ("unseen", ORANGE, "s--")):
        losses = [each[name] for each in history]
        axes.plot(steps, losses, style, color=colour, markersize=4, label=f"pairs {name}")
    axes.set(
        title="Remembering and knowing",
        xlabel="training step",
        ylabel="loss (nats a token)",
        ylim=(0, None),
    )
    axes.grid(True)
    if history:
        axes.legend()
    return figure


@picture
def sentence_alignment(weights, source, target):
    """Draw where each piece of a translation looked in the source, as a heat map.

    weights: `(T, S)`, rows sum to one.    source: list of S pieces.
    target: list of T − 1 pieces; the last row is END's.
    """
    rows, columns = [*target, "END"], list(source)
    if weights.shape != (len(rows), len(columns)):
        raise ValueError(
            f"`weights` must have shape ({len(rows)}, {len(columns)}): a row for each piece of "
            f"`target` and for END, a column for each of `source`. Received: {weights.shape}"
        )
    figure = Picture(
        2.6 + 0.42 * len(columns), 1.5 + 0.3 * len(rows), _looks(weights, columns, rows)
    )
    axes = figure.subplots()
    image = heat_map(axes, weights)
    axes.set_xticks(range(len(columns)), map(_visible, columns), rotation=90)
    axes.set_yticks(range(len(rows)), map(_visible, rows))
    axes.set(xlabel="piece of the source (key)", ylabel="piece written (query)")
    figure.colorbar(image, ax=axes, label="weight (share of 1)")
    return figure


def _visible(piece):
    """A piece with its spaces shown, and no sign that matplotlib takes for mathematics."""
    return piece.replace(" ", "␣").replace("$", r"\$")


def _looks(weights, columns, rows):
    most = "; ".join(
        f"“{row}” most at “{columns[place]}”, {line[place]:.2f}"
        for row, line, place in zip(rows, weights, weights.argmax(axis=-1), strict=True)
    )
    return f"Cross-attention of the last block, averaged over its heads. Looks: {most}."


def _told(history):
    if not history:
        return "Loss on pairs seen and unseen against the training step; none measured yet."
    first, last = history[0], history[-1]
    return (
        f"Loss on pairs that were trained on and on pairs that were not. Step {first['step']:,}: "
        f"{first['seen']:.2f} and {first['unseen']:.2f} nats a token. Step {last['step']:,}: "
        f"{last['seen']:.2f} and {last['unseen']:.2f}."
    )
