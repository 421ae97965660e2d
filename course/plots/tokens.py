"""What comes after a word of the Zen of Python, and how merges cut its lines into tokens."""

from matplotlib.patches import Rectangle

from course.plots.figure import BLUE, GREY, INK, ORANGE, SKY, Picture, picture
from course.plots.play import Playground
from course.toys import zen

WORDS = ["is", "better", "than", "never", "although", "of", "the", "to", "honking"]
LINES = [
    "Simple is better than complex.",
    "Complex is better than complicated.",
    "Although never is often better.",
    "Attention is all you need.",
]
MOST = 120  # merges


@picture
def next_words(word="is"):
    """Draw what share of the time each word comes next after `word` in the Zen of Python."""
    counts = zen.followers(word)
    total = counts.total()
    rows = [(after.replace("\n", "↵"), number) for after, number in counts.most_common()]
    shares = ", ".join(f"“{after.strip() or after}” {number / total:.2f}" for after, number in rows)
    alt = f"After “{word}”, which occurs {total} times in the Zen of Python, come: {shares}."
    figure = Picture(6.4, 2.9, alt)
    axes = figure.subplots()
    bars = axes.barh(range(len(rows)), [number / total for _, number in rows], color=BLUE)
    axes.bar_label(bars, [f"{number} of {total}" for _, number in rows], padding=4)
    axes.set(
        title=f"What comes after “{word}”",
        xlabel="share of its occurrences",
        ylabel="next word",
        xlim=(0, 1.18),
        ylim=(max(len(rows), 4) - 0.4, -0.6),
        yticks=range(len(rows)),
        yticklabels=[after.strip() for after, _ in rows],
    )
    return figure


def play_with_next_word():
    """Choose a word; the picture shows what comes after it."""
    return Playground(next_words, {"word": WORDS}, {"word": "after the word"})


@picture
def cut_into_tokens(merges=20):
    """Draw some lines cut into tokens after a number of merges, and how many tokens the text has.

    merges: how many of the pairs learned from the Zen of Python are joined, 0 to 120.
    """
    merges = round(merges)
    cuts = [[token for word in _words(line) for token in zen.cut(word, merges)] for line in LINES]
    tokens = "; ".join(f"“{line}” in {len(cut)}" for line, cut in zip(LINES, cuts, strict=True))
    lengths = _lengths()
    alt = (
        f"After {merges} merges: {tokens} tokens. The words of the Zen of Python have "
        f"{lengths[merges]} tokens in all; with no merge it is {lengths[0]}, one a character, and "
        f"with {MOST} it is {lengths[MOST]}."
    )
    figure = Picture(9.6, 3.0, alt)
    left, right = figure.subplots(1, 2, width_ratios=(2.1, 1))
    for row, cut in enumerate(cuts):
        _draw_boxes(left, row, cut)
    left.set(
        title=f"After {merges} merges",
        xlabel="character (· is a space)",
        ylabel="line",
        xlim=(-0.3, max(map(len, LINES)) + 0.3),
        ylim=(len(LINES) - 0.4, -0.6),
        yticks=range(len(LINES)),
        yticklabels=[f"{len(cut)} tokens" for cut in cuts],
    )
    left.spines[:].set_visible(False)
    left.tick_params(length=0)
    right.plot(lengths, color=BLUE)
    right.plot(merges, lengths[merges], "o", color=ORANGE, markeredgecolor=INK, markersize=9)
    right.annotate(f"{lengths[merges]}", (merges, lengths[merges]), (9, 6),
                   textcoords="offset points")  # fmt: skip
    right.set(
        title="Tokens in the whole text",
        xlabel="merges",
        ylabel="tokens",
        xlim=(-6, MOST * 1.12),
        ylim=(0, lengths[0] * 1.12),
    )
    right.grid(True)
    return figure


def play_with_merges():
    """Move the number of merges; the picture follows."""
    return Playground(
        cut_into_tokens, {"merges": (0.0, float(MOST), 1.0, 20.0)}, {"merges": "merges"}
    )


def _words(line):
    """The words and signs of a line, each with the space before it."""
    first, *others = line.removesuffix(".").split(" ")
    return [first, *(f" {word}" for word in others), "."]


def _lengths():
    """How many tokens the words of the text have in all, for each number of merges."""
    counts = {}
    for word in zen.words():
        if word.strip():
            counts[word] = counts.get(word, 0) + 1
    pieces = {word: tuple(word) for word in counts}
    lengths = [sum(counts[word] * len(tokens) for word, tokens in pieces.items())]
    for pair in zen.merges(MOST):
        pieces = {word: zen.merged(tokens, pair) for word, tokens in pieces.items()}
        lengths.append(sum(counts[word] * len(tokens) for word, tokens in pieces.items()))
    return lengths


def _draw_boxes(axes, row, tokens):
    """Draw tokens as boxes of one cell a character, in two colours by turns."""
    place = 0
    for number, token in enumerate(tokens):
        colour = SKY if number % 2 else "white"
        box = Rectangle((place, row - 0.36), len(token), 0.72, facecolor=colour, edgecolor=INK)
        axes.add_patch(box)
        for offset, character in enumerate(token.replace(" ", "·")):
            ink = GREY if character == "·" else INK
            axes.text(place + offset + 0.5, row, character, color=ink, ha="center", va="center",
                      family="DejaVu Sans Mono", fontsize=9.5)  # fmt: skip
        place += len(token)
