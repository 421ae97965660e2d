"""The numbers in the pictures of lesson 05, and those that its text quotes."""

import math
from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import heads
from solutions.multihead import count_parameters

LESSON = (files("course") / "lessons" / "05-multi-head.md").read_text(encoding="utf-8")


def test_the_rows_of_every_head_sum_to_one():
    for sharpness in (0.0, 2.0, 8.0):
        weights = heads.head_weights("no no no yes", sharpness)
        assert weights.shape == (3, 4, 4)
        np.testing.assert_allclose(weights.sum(axis=-1), 1.0)


def test_the_heads_look_where_the_lesson_says():
    before, same, alike = heads.head_weights()
    assert before.argmax(axis=-1).tolist() == [0, 0, 1, 2, 3, 4]
    assert same[0, [0, 4]] == pytest.approx([0.48, 0.48], abs=5e-3)
    assert alike == pytest.approx(np.full((6, 6), 1 / 6))
    assert "finds two of *the* and gives each 0.48" in LESSON


def test_the_score_at_which_one_word_outweighs_five():
    assert math.log(5) == pytest.approx(1.61, abs=5e-3)
    assert (
        heads.head_weights(sharpness=1.5)[0, 1, 0] < 0.5 < heads.head_weights(sharpness=2)[0, 1, 0]
    )
    assert r"$\ln 5 = 1.61$" in LESSON


def test_contributions_add_up_to_the_product_with_w_o():
    alt = plots.head_contributions().alt
    assert "head 1: [1.0, 2.0, 4.0]; head 2: [1.0, 3.0, -4.0]" in alt
    assert str((heads.FOUND.reshape(-1) @ heads.MIXER).tolist()) in alt
    assert "[1.0, 2.0, 4.0], which is also" in plots.head_contributions(volumes=(1, 0)).alt


def test_the_counts_that_the_lesson_tells():
    gpt3 = count_parameters(d_model=12288, num_heads=96, head_dim=128, layers=96)
    base = count_parameters(d_model=512, num_heads=8, head_dim=64, layers=6)
    assert base["model"] == gpt3["head"]
    for number in (*gpt3.values(), base["matrix"]):
        assert f"{number:,}" in LESSON
    assert list(count_parameters(6, 2, 3, 2).values()) == [18, 72, 144, 288]
    assert gpt3["model"] / 175e9 == pytest.approx(1 / 3, abs=0.01)
