"""What holds for every picture of the course."""

import io
import subprocess
import sys

import numpy as np
import pytest

from course import plots
from course.plots.figure import Picture
from course.toys import company, language, lookup, twofold


def a_lookup():
    """A training's result, made up: no training runs here."""
    sequences = lookup.draw(40, np.random.default_rng(0))
    weights = np.full((40, lookup.PAIRS + 1), 1 / 9)
    return lookup.Result(
        sequences=sequences,
        before=weights,
        after=weights,
        guesses=sequences.answers,
        steps=[0, 20],
        accuracy=[0.1, 1.0],
    )


def learned_words():
    """Vectors of words, made up: no training runs here."""
    tables = np.random.default_rng(0).normal(size=(3, len(company.WORDS), company.WIDTH))
    return company.Result(steps=[0, 20, 40], vectors=list(tables), losses=[3.4, 3.0, 2.7])


def two_heads():
    """Two trained layers, made up: no training runs here."""
    sequences = twofold.draw(9, np.random.default_rng(0))
    weights = np.full((9, 2, twofold.PAIRS), 1 / twofold.PAIRS)
    accuracy = [[0.0, 0.2], [0.0, 1.0]]
    return twofold.Result(sequences, ["one head", "two heads"], weights, [0, 20], accuracy)


def a_language():
    """A trained language model's losses, made up: no training runs here."""
    return language.Result(5.4, 6.2, 2.4, steps=[0, 50, 100], losses=[7.0, 4.5, 3.9])


ROWS = np.arange(12.0).reshape(3, 4)
WORDS = ["one", "two", "three"]
PICTURES = {
    "cache_sizes": plots.cache_sizes,
    "costs": plots.costs,
    "cut_into_tokens": plots.cut_into_tokens,
    "gates": plots.gates,
    "gradient_reach": lambda: plots.gradient_reach({"attention": np.ones(9), "LSTM": np.ones(9)}),
    "head_contributions": plots.head_contributions,
    "head_tables": plots.head_tables,
    "heads_training": lambda: plots.heads_training(two_heads()),
    "language_training": lambda: plots.language_training(a_language()),
    "lookup_training": lambda: plots.lookup_training(a_lookup()),
    "moved_by_context": plots.moved_by_context,
    "next_words": plots.next_words,
    "play_with_context": lambda: plots.play_with_context().still(),
    "play_with_contributions": lambda: plots.play_with_contributions().still(),
    "play_with_heads": lambda: plots.play_with_heads().still(),
    "play_with_merges": lambda: plots.play_with_merges().still(),
    "play_with_next_word": lambda: plots.play_with_next_word().still(),
    "play_with_rotation": lambda: plots.play_with_rotation().still(),
    "play_with_shares": lambda: plots.play_with_shares().still(),
    "play_with_word_map": lambda: plots.play_with_word_map(learned_words()).still(),
    "rotary_scores": plots.rotary_scores,
    "score_spread": plots.score_spread,
    "turning_pairs": plots.turning_pairs,
    "two_orders": lambda: plots.two_orders(WORDS, WORDS[::-1], ROWS, ROWS[::-1]),
    "vote_shares": plots.vote_shares,
    "word_map": lambda: plots.word_map(learned_words()),
    "worked_example": plots.worked_example,
}


def test_every_picture_is_tested_here():
    assert sorted(PICTURES) == plots.__all__


@pytest.mark.parametrize("name", PICTURES)
def test_it_has_alt_text_and_says_what_its_axes_are(name):
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt) > 60
    for axes in picture.axes:
        if not axes.axison:
            continue
        if axes.get_subplotspec() is None:  # a colour bar
            assert axes.get_ylabel()
            continue
        row = [other for other in picture.axes if _row(other) == _row(axes)]
        shared = axes.get_shared_x_axes().get_siblings(axes)
        assert any(other.get_xlabel() for other in shared)
        assert any(other.get_ylabel() for other in row if other.axison)


def _row(axes):
    place = axes.get_subplotspec()
    return place and place.rowspan


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_the_same_picture_each_time(name):
    assert pixels(PICTURES[name]()) == pixels(PICTURES[name]())


def pixels(picture):
    buffer = io.BytesIO()
    picture.savefig(buffer, format="rgba", dpi=40)
    return buffer.getvalue()


def test_an_unknown_picture_is_answered_with_those_there_are():
    with pytest.raises(
        AttributeError, match=r"one of cache_sizes, costs, .*worked_example. Received: 'chart'"
    ):
        plots.chart  # noqa: B018


def test_matplotlib_waits_for_the_first_picture_and_pyplot_is_never_loaded():
    code = (
        "import sys; from course import plots; before = 'matplotlib' in sys.modules; "
        "plots.worked_example().to_html(); print(before, 'matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "False False\n"
