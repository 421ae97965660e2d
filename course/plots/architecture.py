"""The whole Transformer in one picture: two stacks, one table, and the shape of what passes."""

import itertools

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course.plots.figure import BLUE, GREY, INK, ORANGE, PINK, Picture, picture

WIDTH, HEIGHT, STEP = 2.9, 0.52, 0.74  # of a box, and from one box to the next
LEFT, RIGHT, MIDDLE = 1.9, 8.1, 5.0  # where the encoder, the decoder and the table stand
COLOURS = {
    "table": "#FFF3CC", "attention": "#D6EAF7", "cross": "#FBE0D0", "network": "#D5EFE6",
    "norm": "#F1F1F1",
}  # fmt: skip
ENCODER = (
    ("self-attention", "attention"),
    ("add, and layer norm", "norm"),
    ("feed-forward", "network"),
    ("add, and layer norm", "norm"),
)
DECODER = (
    ("self-attention, causal", "attention"),
    ("add, and layer norm", "norm"),
    ("cross-attention", "cross"),
    ("add, and layer norm", "norm"),
    ("feed-forward", "network"),
    ("add, and layer norm", "norm"),
)
FIRST_BLOCK = 3.1  # height of the first box of a stack


@picture
def whole_model():
    """Draw the Transformer as the paper has it (post-LN), with shapes beside the arrows."""
    alt = (
        "The Transformer. Left, from below: source ids (B, S), looked up in the table and "
        "multiplied by √d, plus positions, then N encoder blocks of self-attention and "
        "feed-forward, each followed by add and layer norm; their output (B, S, d) goes to the "
        "cross-attention of every decoder block. Right: target ids (B, T), the same table, "
        "positions, then N decoder blocks of causal self-attention, cross-attention and "
        "feed-forward, each followed by add and layer norm; the output (B, T, d) times the "
        "transposed table gives logits (B, T, V). The table is drawn once and used three times."
    )
    figure = Picture(9.6, 8.2, alt)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set(xlim=(-0.3, 10.3), ylim=(0.0, 8.95))
    encoded = _stack(axes, LEFT, "source", "S", ENCODER, "encoder: N blocks")
    top = _stack(axes, RIGHT, "target", "T", DECODER, "decoder: N blocks")
    _boxes(axes, RIGHT, top + STEP + 0.25, (("× table, transposed", "table"),))
    _arrow(axes, (RIGHT, top + HEIGHT / 2), (RIGHT, top + STEP + 0.25 - HEIGHT / 2), "(B, T, d)")
    logits = top + STEP + 0.25
    _arrow(axes, (RIGHT, logits + HEIGHT / 2), (RIGHT, logits + 0.95), "logits (B, T, V)")
    _read_by_decoder(axes, encoded)
    _table(axes, logits)
    return figure


def _stack(axes, x, name, length, boxes, title):
    """Ids, embedding, positions and one framed block; returns the height of its last box."""
    axes.text(x, 0.25, f"{name} ids", ha="center", va="center", fontweight="bold")
    _arrow(axes, (x, 0.42), (x, 0.95), f"(B, {length})")
    _boxes(axes, x, 1.2, (("look up, × √d", "table"), ("+ positions", "norm")))
    _arrow(axes, (x, 1.2 + HEIGHT / 2), (x, 1.2 + STEP - HEIGHT / 2))
    _arrow(axes, (x, 1.2 + STEP + HEIGHT / 2), (x, FIRST_BLOCK - HEIGHT / 2), f"(B, {length}, d)")
    tops = _boxes(axes, x, FIRST_BLOCK, boxes)
    for below, above in itertools.pairwise(tops):
        _arrow(axes, (x, below + HEIGHT / 2), (x, above - HEIGHT / 2))
    for number, (text, _) in enumerate(boxes):
        if text.startswith("add"):
            _residual(axes, x, tops[number - 1], tops[number])
    low, high = FIRST_BLOCK - 0.42, tops[-1] + 0.42
    frame = FancyBboxPatch(
        (x - 2.05, low), 4.1, high - low, boxstyle="round,pad=0,rounding_size=0.15",
        fill=False, edgecolor=GREY, linestyle="--", linewidth=1.2,
    )  # fmt: skip
    axes.add_patch(frame)
    axes.text(x - 2.0, high + 0.1, title, ha="left", va="bottom", color=GREY, fontsize=9.5)
    return tops[-1]


def _boxes(axes, x, y, boxes):
    heights = [y + STEP * number for number in range(len(boxes))]
    for height, (text, kind) in zip(heights, boxes, strict=True):
        box = FancyBboxPatch(
            (x - WIDTH / 2, height - HEIGHT / 2), WIDTH, HEIGHT, facecolor=COLOURS[kind],
            boxstyle="round,pad=0,rounding_size=0.1", edgecolor=INK, linewidth=1,
        )  # fmt: skip
        axes.add_patch(box)
        axes.text(x, height, text, ha="center", va="center", fontsize=9.5)
    return heights


def _arrow(axes, start, end, text="", colour=INK, **style):
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, color=colour,
                            shrinkA=0, shrinkB=0, linewidth=1.2, **style)  # fmt: skip
    axes.add_patch(arrow)
    if text:
        middle = (start[1] + end[1]) / 2
        axes.text(start[0] + 0.12, middle, text, va="center", fontsize=8.5, color=BLUE)


def _residual(axes, x, below, above):
    """The way around a sub-layer, from below it into the addition above it."""
    start, side = below - HEIGHT / 2 - 0.11, x - WIDTH / 2 - 0.3
    axes.plot([x, side, side], [start, start, above], color=GREY, linewidth=1.1)
    _arrow(axes, (side, above), (x - WIDTH / 2, above), colour=GREY)


def _read_by_decoder(axes, encoded):
    """What the encoder gives, on its way to the cross-attention."""
    cross = FIRST_BLOCK + 2 * STEP
    lane = MIDDLE - 0.55
    up = encoded + 0.85
    axes.plot([LEFT, LEFT, lane, lane], [encoded + HEIGHT / 2, up, up, cross], color=ORANGE,
              linewidth=1.8)  # fmt: skip
    _arrow(axes, (lane, cross), (RIGHT - WIDTH / 2, cross), colour=ORANGE)
    axes.text(LEFT + 0.15, up + 0.13, "encoded (B, S, d): keys and values", fontsize=8.5,
              color=INK)  # fmt: skip


def _table(axes, logits):
    """The one table, and its three uses."""
    box = FancyBboxPatch(
        (MIDDLE - 0.75, 0.85), 1.5, 0.75, facecolor=COLOURS["table"], edgecolor=INK, linewidth=1.6,
        boxstyle="round,pad=0,rounding_size=0.1",
    )  # fmt: skip
    axes.add_patch(box)
    axes.text(MIDDLE, 1.22, "one table\n(V, d)", ha="center", va="center", fontsize=9.5)
    use = {"color": PINK, "linewidth": 1.4, "linestyle": (0, (4, 2))}
    axes.plot([MIDDLE - 0.75, LEFT + WIDTH / 2], [1.2, 1.2], **use)
    axes.plot([MIDDLE + 0.75, RIGHT - WIDTH / 2], [1.2, 1.2], **use)
    axes.plot([MIDDLE + 0.25] * 2 + [RIGHT - WIDTH / 2], [1.6, logits, logits], **use)
