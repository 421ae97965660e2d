"""The numbers in the pictures of lesson 03, and those that its text quotes."""

from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import example, sums, words
from course.plots.recurrence import multiplications

LESSON = (files("course") / "lessons" / "03-attention.md").read_text(encoding="utf-8")


def test_mole_moves_as_the_text_works_out_by_hand():
    weights, new = words.mixture("the mole dug")
    np.testing.assert_allclose(weights, [0.063, 0.468, 0.468], atol=5e-4)
    np.testing.assert_allclose(new, [1.404, 0.468], atol=1e-3)
    assert "The **weights** are 0.063, 0.468 and 0.468" in LESSON


def test_mole_takes_the_plain_average_when_scores_are_multiplied_by_zero():
    weights, new = words.mixture("a mole of salt", sharpness=0.0)
    np.testing.assert_allclose(weights, 0.25)
    np.testing.assert_allclose(new, [0.25, 0.75])


def test_the_worked_example_has_the_weights_and_the_output_of_the_text():
    weights = sums.softmax(example.SCORES / 8)
    np.testing.assert_allclose(weights, [0.1738, 0.2176, 0.1945, 0.2045, 0.2096], atol=5e-5)
    output = weights @ example.VALUES
    np.testing.assert_allclose(output, [0.3320, 0.2806, 0.2397, 0.3358], atol=5e-5)
    assert "[0.332, 0.2806, 0.2397, 0.3358]" in plots.worked_example().alt
    assert "[0.3320, 0.2806, 0.2397, 0.3358]" in LESSON


def test_the_table_in_circulation_is_wrong_in_the_way_the_text_says():
    printed = np.array([0.157, 0.197, 0.176, 0.185, 0.192])
    exponentials = np.exp(example.SCORES / 8)
    assert printed.sum() == pytest.approx(0.907)
    assert exponentials.sum() == pytest.approx(5.974, abs=5e-4)
    np.testing.assert_allclose(exponentials / printed, 6.6, atol=0.1)
    circulated = [0.32, 0.30, 0.25, 0.36]
    for weights in (printed, sums.softmax(example.SCORES / 8)):
        assert np.abs(weights @ example.VALUES - circulated).max() > 0.02


@pytest.mark.parametrize(("mean", "spread", "bits"), [(0.0, 16.0, 3.4), (1.0, 27.7, 3.0)])
def test_scores_spread_with_the_root_of_the_width_and_scaling_keeps_the_entropy(mean, spread, bits):
    alt = plots.score_spread(mean=mean).alt
    numbers = [float(word.strip(").,")) for word in alt.split() if word[0].isdigit()]
    assert numbers[3] == pytest.approx(spread, rel=0.03)
    assert f"the entropy near {bits} bits" in alt


def test_entropy_is_four_bits_for_sixteen_equal_weights_and_none_for_one_key():
    assert sums.entropy(np.full(16, 1 / 16)) == pytest.approx(4.0)
    assert sums.entropy(np.eye(16)[0]) == pytest.approx(0.0)


def test_rows_that_moved_are_found_and_rows_that_changed_are_not():
    rows = np.arange(12.0).reshape(3, 4)
    names = ["the", "cat", "sat"]
    moved = plots.two_orders(names, names[::-1], rows, rows[::-1])
    assert moved.alt.count("3 of 3 rows") == 1
    changed = plots.two_orders(names, names, rows, rows + np.eye(3, 4, -2))
    assert changed.alt.count("2 of 3 rows") == 1


def test_multiplications_are_those_of_the_text():
    assert multiplications(30, 512) == {"attention": 921_600, "recurrence": 7_864_320}
    book = multiplications(100_000, 512)
    assert book["attention"] / book["recurrence"] == pytest.approx(390, abs=1)
    crossing = multiplications(256, 512)
    assert crossing["attention"] == crossing["recurrence"]
    assert "921{,}600" in LESSON
    assert "7{,}864{,}320" in LESSON
