"""A picture of expected beside received, where values are 2-D or heads of 2-D."""

import base64
import html
import io

import numpy as np

MAX_HEADS = 4  # rows drawn of a 3-D value
MAX_SIDE = 64  # larger tables show nothing a reader could see
GREY = "#808080"  # of text: legible on white and on black
LARGEST = 1e30  # larger numbers overflow while the colours are scaled


def of_first_failure(verdict, key, outcomes):
    """Return an `<img>` for the first failing case whose values can be drawn, or an empty string.

    Hidden cases are never drawn: the picture shows what was expected.
    """
    for case, expected, outcome in zip(verdict.cases, key["expected"], outcomes, strict=False):
        if case.passed or not case.visible or outcome["error"]:
            continue
        for name, left in expected["values"].items():
            right = outcome["values"].get(name)
            for part, *tables in _pairs(name, left, right, key["returns"]):
                if all(map(_drawable, tables)) and tables[0].shape[:-2] == tables[1].shape[:-2]:
                    return _image(f"{part} in “{case.name}”", *tables)
    return ""


def _pairs(name, expected, received, returns):
    if isinstance(expected, list) and isinstance(received, list):
        names = returns or [f"{name} {index}" for index in range(len(expected))]
        return list(zip(names, expected, received, strict=False))
    return [(name, expected, received)]


def _drawable(value):
    return (
        isinstance(value, np.ndarray)
        and value.ndim in (2, 3)
        and value.size > 0
        and max(value.shape[-2:]) <= MAX_SIDE
        and bool(np.any(np.isfinite(value)))
    )


def _image(title, expected, received):
    from matplotlib.figure import Figure

    left, right = _tables(expected), _tables(received)
    finite = np.concatenate([table[np.isfinite(table)] for table in (*left, *right)])
    panels = {"expected": left, "received": right}
    figure = Figure(figsize=(6, 0.4 + 1.5 * len(left)), layout="constrained", facecolor="none")
    axes = figure.subplots(len(left), 2, squeeze=False)
    for column, (name, tables) in enumerate(panels.items()):
        for axis, table in zip(axes[:, column], tables, strict=True):
            drawn = axis.imshow(table, vmin=finite.min(), vmax=finite.max(), cmap="viridis")
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_color(GREY)
        axes[0, column].set_title(f"{name} {tables[0].shape}", color=GREY, fontsize=10)
    bar = figure.colorbar(drawn, ax=axes, shrink=0.9)
    bar.ax.tick_params(colors=GREY, labelsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    data = base64.b64encode(buffer.getvalue()).decode()
    blank = "" if len(finite) == left.size + right.size else "; blank where it is no finite number"
    alt = html.escape(f"{title}: expected beside received, as heat maps on one colour scale")
    return (
        f'<div style="margin:.4em 0">{html.escape(title + blank)}<br>'
        f'<img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{data}"></div>'
    )


def _tables(value):
    """Return the first heads as float tables with finite sizes that colours can show."""
    tables = np.asarray(value, "float64").reshape(-1, *value.shape[-2:])[:MAX_HEADS]
    return np.where(np.isfinite(tables), np.clip(tables, -LARGEST, LARGEST), np.nan)
