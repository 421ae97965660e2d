"""What a training has reached so far: drawn while it runs, in one place of the notebook."""

import keras

from course.plots.figure import BLUE, GREEN, GREY, ORANGE, Picture, picture
from course.progress import in_notebook


@picture
def training_curves(history, floor=None):
    """Draw loss, token accuracy and exact match against the training step.

    history: list of dicts, one a round: `step`, `loss`, `token_accuracy` and `exact_match`, the
        last two as shares of 1; what a round lacks is left out.
    floor: the lowest loss that smoothed labels allow, where it is to be drawn.
    """
    figure = Picture(9.2, 3.5, _told(history))
    left, right = figure.subplots(1, 2)
    _draw(left, history, "loss", 1.0, ("loss", BLUE, "o-"))
    if floor is not None:
        left.axhline(floor, color=GREY, linestyle="--", linewidth=1)
        left.annotate(f"floor of the labels: {floor:.2f}", (0.02, floor), (0, -13), ha="left",
                      xycoords=("axes fraction", "data"), textcoords="offset points",
                      color=GREY, fontsize=9)  # fmt: skip
    _draw(right, history, "token_accuracy", 100.0, ("tokens, told what is before", ORANGE, "s--"))
    _draw(right, history, "exact_match", 100.0, ("whole answers, by itself", GREEN, "o-"))
    left.set(title="Loss", xlabel="training step", ylabel="loss (nats a token)", ylim=(0, None))
    right.set(title="Right", xlabel="training step", ylabel="right (%)", ylim=(0, 105))
    for axes in (left, right):
        axes.grid(True)
    if right.lines:
        right.legend(loc="lower right")
    return figure


class LiveCurves(keras.callbacks.Callback):
    """Draw `training_curves` after each epoch: in a notebook in one place, elsewhere as a line.

    history: the list that grows during the training; see `training_curves`.
    floor: as there.
    """

    def __init__(self, history, floor=None):
        super().__init__()
        self.history, self.floor = history, floor
        self._shown = None

    def on_epoch_end(self, epoch, logs=None):
        if not self.history:
            return
        if not in_notebook():
            print(_line(self.history[-1]))
            return
        from IPython.display import display

        drawn = training_curves(self.history, self.floor)
        if self._shown is None:
            self._shown = display(drawn, display_id=True)
        else:
            self._shown.update(drawn)


def _draw(axes, history, name, factor, look):
    label, colour, style = look
    points = [(each["step"], factor * each[name]) for each in history if name in each]
    if points:
        axes.plot(*zip(*points, strict=True), style, color=colour, label=label, markersize=4)


def _line(reached):
    """The state of one round in words."""
    parts = [f"step {reached['step']:,}"]
    if "loss" in reached:
        parts.append(f"loss {reached['loss']:.3f}")
    for name in ("token_accuracy", "exact_match"):
        if name in reached:
            parts.append(f"{name.replace('_', ' ')} {reached[name]:.1%}")
    return ", ".join(parts)


def _told(history):
    if not history:
        return "Loss, token accuracy and exact match against the training step; none measured yet."
    return (
        f"Loss, token accuracy and exact match against the training step. "
        f"First measured: {_line(history[0])}. Last: {_line(history[-1])}."
    )
