"""What every picture of the course has in common: a card, colours, and words for who cannot see it.

A picture is white with dark ink on every background, so that it reads the same in print and in a
dark JupyterLab. Colours are those of Okabe and Ito (2008), which people with any colour vision tell
apart, and no picture rests on colour alone: lines differ in dash and marker, tables hold numbers.
"""

import base64
import functools
import html
import io

import matplotlib
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PINK, GREY, INK = "#56B4E9", "#CC79A7", "#6E6E6E", "#1A1A1A"
WEIGHTS = "Blues"  # colour map of attention weights: pale is 0, dark is 1
DOTS_PER_INCH = 100
SHARPNESS = 2  # pixels drawn for one shown: sharp on fine screens and on paper

STYLE = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}


class Picture(Figure):
    """A matplotlib figure that a notebook shows when a cell ends with it.

    alt: what the picture shows, in a sentence or two; read aloud by a screen reader, printed where
        no picture can be.
    It is made without pyplot, so that nothing global is changed and nothing is left open.
    """

    def __init__(self, width, height, alt):
        super().__init__(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
        self.alt = alt

    def to_html(self):
        """Return the picture as an `<img>` that holds its own data and its `alt` text."""
        buffer = io.BytesIO()
        with matplotlib.rc_context(STYLE):
            self.savefig(buffer, format="png", dpi=DOTS_PER_INCH * SHARPNESS)
        data = base64.b64encode(buffer.getvalue()).decode()
        pixels = round(self.get_figwidth() * DOTS_PER_INCH)
        return (
            f'<img alt="{html.escape(self.alt)}" width="{pixels}" '
            f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.to_html(), "text/plain": self.alt}


def picture(draw):
    """Decorate a function that returns a `Picture`: it draws in the course's style."""

    @functools.wraps(draw)
    def styled(*args, **kwargs):
        with matplotlib.rc_context(STYLE):
            return draw(*args, **kwargs)

    return styled


def heat_map(axes, weights):
    """Draw attention weights as shades on `axes`, and return the image, for a colour bar.

    weights: `(T, S)` floats in [0, 1]: rows are queries, columns are keys.
    """
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return axes.imshow(weights, cmap=WEIGHTS, vmin=0, vmax=1, aspect="auto")


def weight_table(axes, weights, cells=None, digits=2):
    """Draw a table of attention weights on `axes`: rows are queries, columns are keys.

    weights: `(T, S)` floats in [0, 1].    cells: `(T, S)` strings; without it, the weights.
    """
    heat_map(axes, weights)
    for row, line in enumerate(weights):
        for column, weight in enumerate(line):
            text = f"{weight:.{digits}f}" if cells is None else cells[row][column]
            colour = "white" if weight > 0.55 else INK
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
