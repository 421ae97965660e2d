"""The numbers in the pictures of lesson 09, and those that its text quotes."""

from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import beams, sampling
from course.training.alignment import Alignment
from course.training.pace import Pace
from solutions.decoding import keep_nucleus, keep_top_k, with_temperature

LESSON = (files("course") / "lessons" / "09-decoding.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize(("k", "p"), [(10, 1.0), (4, 1.0), (10, 0.6), (5, 0.85)])
def test_what_is_drawn_from_is_what_the_exercises_make(temperature, k, p):
    chances = with_temperature(sampling.LOGITS, temperature)
    expected = np.asarray(keep_nucleus(keep_top_k(chances, k), p))
    received = sampling.decode(temperature=temperature, k=k, p=p)
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_the_sliders_move_the_picture():
    play = plots.play_with_sampling()
    assert "p = 0.9: 5 of 10 words are left" in play.still().alt
    hot = play.draw(temperature=2.0, k=10.0, p=0.9)
    cold = play.draw(temperature=0.0, k=10.0, p=0.9)
    assert "6 of 10 words are left" in hot.alt
    assert "1 of 10 words are left. mat 1.000" in cold.alt


def test_the_tree_of_the_lesson():
    assert all(sum(c for _, c in after) == pytest.approx(1.0) for after in beams.STEPS.values())
    assert beams.texts()[0] == (("a", "END"), pytest.approx(0.36))
    assert "Greedy takes “the”, then END: 0.20" in plots.beam_tree().alt
    assert "finds “a END”: 0.36" in plots.beam_tree().alt
    assert "finds “the END”: 0.20" in plots.beam_tree(width=1).alt
    assert r"$0.4 \cdot 0.9 = 0.36$" in LESSON


def test_the_counts_that_the_lesson_tells():
    assert sum(range(1, 257)) == 32_896
    assert pytest.approx(128.5) == 32_896 / 256
    assert 64 * 4 * 256 == 65_536
    assert pytest.approx(0.077, abs=1e-3) == 0.95**50
    for length, text in ((2, "1.0969"), (5, "1.3587"), (8, "1.5903"), (20, "2.3544")):
        assert f"{((5 + length) / 6) ** 0.6:.4f}" == text
        assert text in LESSON
    assert pytest.approx(-4.13, abs=5e-3) == -2.6 * ((5 + 8) / 6) ** 0.6
    assert pytest.approx(-2.19, abs=5e-3) == -2.0 * ((5 + 2) / 6) ** 0.6


def an_alignment():
    weights = np.zeros((2, 3, 3, 4))
    weights[..., 0, 2] = weights[..., 1, 0] = weights[..., 2, 3] = 1.0
    weights[0, 1] = 0.25
    return Alignment("a b.", "xy", "xy", weights)


def test_alignments_tell_where_each_character_looks():
    alt = plots.alignment_maps([an_alignment()]).alt
    assert "averaged over all blocks and heads" in alt
    assert "“a b.” became “xy”, looking most: x at 'b', y at 'a'" in alt
    figure = plots.alignment_maps([an_alignment()] * 3, head=(0, 1))
    assert "block 0, head 1" in figure.alt
    drawn = [axes.images[0].get_array() for axes in figure.axes[:3]]
    np.testing.assert_array_equal(drawn[0], np.full((3, 4), 0.25))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["x", "y", "END"]


def test_the_pace_is_told_in_milliseconds():
    pace = Pace([1, 64], [0.004, 0.02], [0.003, 0.0035], 1e-6)
    figure = plots.writing_pace(pace)
    assert "after 64 tokens 20.0 ms without a cache and 3.5 ms with one" in figure.alt
    assert [line.get_ydata().tolist() for line in figure.axes[0].lines] == [[4, 20], [3, 3.5]]
    assert "Nothing was measured yet" in plots.writing_pace(None).alt
