"""The toy translation of lesson 07: one sentence on its way, and how the model learned."""

import numpy as np

from course.plots.figure import BLUE, GREY, INK, ORANGE, Picture, picture, weight_table
from course.plots.play import Playground

SIGNED = "PuOr"  # colour map of vectors: orange below 0, white at 0, purple above
SHOWN_WORDS = 5


@picture
def translation_walk(trace):
    """Draw what becomes of one sentence: vectors, the weights of all three attentions, next words.

    trace: a `course.toys.translate.Trace`.
    """
    source, target, arrays = trace.source, trace.target, trace.arrays
    figure = Picture(10.2, 7.6, _alt(trace))
    panels = figure.subplots(3, 3, height_ratios=(1, 1, 1.15))
    vectors = (
        (panels[0, 0], "embedded source", source), (panels[0, 2], "encoded", source),
        (panels[1, 0], "embedded target", target), (panels[2, 1], "decoded", target),
    )  # fmt: skip
    for axes, name, tokens in vectors:
        _vectors(axes, arrays[name][0], tokens, name)
    tables = (
        (panels[0, 1], "encoder weights", source, source),
        (panels[1, 1], "decoder weights", target, target),
        (panels[2, 0], "cross weights", target, source),
    )
    for axes, name, rows, columns in tables:
        weight_table(axes, arrays[name][0].mean(axis=0), digits=1)
        axes.set(title=f"{name} {arrays[name].shape}", xlabel="key", ylabel="query")
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), rows)
    panels[1, 2].set_axis_off()
    panels[1, 2].text(0, 0.5, "Tables of weights are averages\nover four heads; vectors are\n"
                      "drawn by sign and size.", color=GREY, va="center")  # fmt: skip
    _next_words(panels[2, 2], trace)
    return figure


@picture
def next_french_words(trace):
    """Draw the likeliest next words behind what is written so far, as bars.

    trace: a `course.toys.translate.Trace`.
    """
    words = trace.next_words(SHOWN_WORDS)[-1]
    told = ", ".join(f"{word} {share:.3f}" for word, share in words)
    written = " ".join(trace.target[1:]) or "nothing"
    alt = f"Source “{' '.join(trace.source[:-1])}”, written so far: {written}. Next: {told}."
    figure = Picture(7.4, 2.8, alt)
    axes = figure.subplots()
    _next_words(axes, trace)
    axes.set_title(f"“{' '.join(trace.source[:-1])}” → {' '.join(trace.target)} …")
    return figure


def play_with_translation(result):
    """Choose an English sentence and how much of its translation is written; see what comes next.

    result: a `course.toys.translate.Result` of the toy's own model.
    """
    sentences = {english: french for english, french, _ in result.examples[:12]}
    sentences = {"the cat sat": "le chat s'assit", **sentences}

    def draw(english, written):
        words = sentences[english].split()[: int(written)]
        return next_french_words(result.trace(english, " ".join(words)))

    return Playground(
        draw,
        {"english": list(sentences), "written": (0, 4, 1, 2)},
        {"english": "English", "written": "words written"},
    )


@picture
def translation_training(result):
    """Draw the share of held-out sentences translated right, and a few of them.

    result: a `course.toys.translate.Result`.
    """
    some = result.examples[:6]
    told = "; ".join(f"“{english}”: “{ours}”" for english, _, ours in some)
    alt = (
        f"After {result.steps[-1]} steps {result.right[-1]:.0%} of the sentences it was not "
        f"trained on are translated right, word for word. {told}."
    )
    figure = Picture(9.4, 4.0, alt)
    axes, table = figure.subplots(1, 2, width_ratios=(1, 1.1))
    axes.plot(result.steps, 100 * np.array(result.right), "o-", color=BLUE, markersize=4)
    axes.set(
        title="Sentences it was not trained on",
        xlabel="training step (32 sentences each)",
        ylabel="written right, word for word (%)",
        ylim=(-3, 105),
    )
    axes.grid(True)
    table.set_axis_off()
    for line, (english, french, ours) in enumerate(some):
        mark = "✓" if ours == french else f"✗ ({french})"
        height = 0.93 - 0.17 * line
        table.text(0, height, english, transform=table.transAxes, color=INK)
        table.text(0.04, height - 0.075, f"{ours}  {mark}", transform=table.transAxes, color=GREY)
    return figure


def _vectors(axes, rows, tokens, name):
    largest = np.abs(rows).max()
    axes.imshow(rows, cmap=SIGNED, vmin=-largest, vmax=largest, aspect="auto")
    axes.set(title=f"{name} (1, {len(tokens)}, {rows.shape[1]})", xlabel="feature", ylabel="token")
    axes.set_yticks(range(len(tokens)), tokens)
    axes.set_xticks([0, rows.shape[1] - 1], ["1", str(rows.shape[1])])
    axes.spines[:].set_visible(False)


def _next_words(axes, trace):
    words = trace.next_words(SHOWN_WORDS)[-1]
    axes.barh(range(len(words)), [share for _, share in words], color=ORANGE, edgecolor="white")
    for place, (_, share) in enumerate(words):
        axes.text(share, place, f" {share:.3f}", va="center", fontsize=9)
    axes.set_yticks(range(len(words)), [word for word, _ in words])
    axes.invert_yaxis()
    axes.set(
        title=f"after “{trace.target[-1]}”", xlabel="probability (share of 1)",
        ylabel="next word", xlim=(0, 1.18),
    )  # fmt: skip


def _alt(trace):
    words = trace.next_words(2)
    after = "; ".join(
        f"after {token} comes {best[0][0]} with {best[0][1]:.3f}"
        for token, best in zip(trace.target, words, strict=True)
    )
    cross = trace.arrays["cross weights"][0].mean(axis=0)
    looks = ", ".join(
        f"{token} most at {trace.source[place]}"
        for token, place in zip(trace.target, cross.argmax(axis=-1), strict=True)
    )
    return (
        f"“{' '.join(trace.source)}” and {' '.join(trace.target)} on their way through the model, "
        f"as tables of numbers. In cross-attention, averaged over heads, {looks}. Then {after}."
    )
