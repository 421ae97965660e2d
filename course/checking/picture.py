"""A picture of expected beside received, where values are 2-D or heads of 2-D."""

import base64
import html
import io

import numpy as np

MAX_HEADS = 4  # rows drawn of a 3-D value
MAX_SIDE = 64  # larger tables show nothing a reader could see


def of_first_failure(verdict, key, outcomes):
    """Return an `<img>` for the first failing case whose values can be drawn, or an empty string."""
    for index, case in enumerate(verdict.cases):
        if case.passed or not case.visible or outcomes[index]["error"]:
            continue
        for name, expected in key["expected"][index]["values"].items():
            received = outcomes[index]["values"].get(name)
            for part, left, right in _pairs(name, expected, received, key["returns"]):
                if _drawable(left) and _drawable(right) and left.shape[:-2] == right.shape[:-2]:
                    return _image(f"{part} in “{case.name}”", left, right)
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

    left, right = (np.asarray(a, float).reshape(-1, *a.shape[-2:]) for a in (expected, received))
    heads = min(len(left), MAX_HEADS)
    finite = np.concatenate([a[np.isfinite(a)].ravel() for a in (left, right)])
    low, high = float(finite.min()), float(finite.max())
    figure = Figure(figsize=(6, 0.6 + 1.5 * heads), layout="constrained")
    axes = figure.subplots(heads, 2, squeeze=False)
    for row in range(heads):
        for column, (name, table) in enumerate((("expected", left), ("received", right))):
            drawn = axes[row, column].imshow(table[row], vmin=low, vmax=high, cmap="viridis")
            axes[row, column].set_xticks([])
            axes[row, column].set_yticks([])
            if row == 0:
                axes[row, column].set_title(name, fontsize=10)
    figure.colorbar(drawn, ax=axes, shrink=0.8)
    figure.suptitle(title, fontsize=10)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    data = base64.b64encode(buffer.getvalue()).decode()
    alt = html.escape(f"{title}: expected beside received, as two heat maps on one colour scale")
    return f'<img alt="{alt}" src="data:image/png;base64,{data}">'
