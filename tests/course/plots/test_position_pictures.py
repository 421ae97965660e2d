"""The numbers in the pictures of lesson 02, and those that its text quotes."""

from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import places
from course.toys import clocks
from solutions.position import shift_matrix

LESSON = (files("course") / "lessons" / "02-position.md").read_text(encoding="utf-8")
SENTENCES = ["the", "cat", "sat", "on", "the", "mat"], ["the", "mat", "sat", "on", "the", "cat"]


def quoted(text):
    assert text in LESSON, text


@pytest.fixture
def vectors():
    rng = np.random.default_rng(1)
    return {word: rng.normal(size=8) for word in ("the", "cat", "sat", "on", "mat")}


@pytest.mark.parametrize("positions", [None, clocks.table(6, 8)])
def test_another_order_has_the_same_average_with_and_without_positions(vectors, positions):
    alt = plots.same_average(*SENTENCES, vectors, positions).alt
    assert "2 of 6 rows differ" in alt
    assert float(alt.split("at most ")[1].rstrip(".")) < 1e-12


def test_an_average_of_other_words_is_told(vectors):
    alt = plots.same_average(SENTENCES[0], ["the", "cat", "sat", "on", "the", "cat"], vectors).alt
    assert "1 of 6 rows differ" in alt
    assert float(alt.split("at most ")[1].rstrip(".")) > 0.1


def test_position_20_by_hand():
    cat, mat = np.array([0.5, -1.2]), np.array([-0.8, 0.6])

    def cosine(one, other):
        return one @ other / np.linalg.norm(one) / np.linalg.norm(other)

    assert cosine(cat, mat) == pytest.approx(-0.86, abs=5e-3)
    assert (cat + 20) @ (mat + 20) == pytest.approx(780.88)
    assert cosine(cat + 20, mat + 20) == pytest.approx(0.997, abs=5e-4)
    quoted(r"\frac{780.88}{783.3} = 0.997")


def test_the_position_from_which_two_words_can_hardly_be_told_apart():
    words = np.random.default_rng(0).normal(size=(200, 2, 32))
    alike = places._cosine_of_pairs(words, np.repeat(np.arange(9.0)[:, None], 32, axis=1))
    assert alike[2] < 0.9 < alike[3]
    quoted("From position 3 on.")


def test_the_hands_that_the_lesson_tells():
    one, two = clocks.table(2, 8, start=1)
    assert one == pytest.approx([0.8415, 0.5403, 0.0998, 0.995, 0.01, 1, 0.001, 1], abs=6e-5)
    assert two[:3] == pytest.approx([0.9093, -0.4161, 0.1987], abs=6e-5)
    assert clocks.table(1, 8, start=44)[0, :4] == pytest.approx(
        [0.018, 1.0, -0.95, -0.31], abs=5e-3
    )
    assert 44 / (2 * np.pi) == pytest.approx(7.003, abs=5e-4)
    for d_model, told in ((8, r"1{,}000 \cdot 2\pi"), (512, r"9{,}647 \cdot 2\pi")):
        rounds = 1 / clocks.speeds(d_model)[-1]
        assert f"{rounds:,.0f}".replace(",", "{,}") == told.split()[0]
        quoted(told)
    assert "35,333 positions" in plots.position_table().alt
    quoted("takes 35,333 positions")


def test_the_alt_text_of_the_clocks_tells_their_hands():
    alt = plots.clock_hands(1, 4).alt
    assert "2 clocks at position 1, the fastest first" in alt
    assert "6.3, 628.3 positions" in alt
    assert "(0.841, 0.540), (0.010, 1.000)" in alt


def test_dot_products_depend_on_the_distance():
    assert clocks.likeness(5, 8) == pytest.approx(3.16, abs=5e-5)
    quoted("= 3.1600$")
    for start in (0, 7, 1000):
        rows = clocks.table(6, 8, start)
        assert rows[0] @ rows[5] == pytest.approx(clocks.likeness(5, 8))
        assert rows[0] @ rows[0] == pytest.approx(4.0)


def test_the_head_that_looks_back_uses_the_shift_matrix():
    weights = places.look_back_weights(3, 24.0)
    assert weights[3:].argmax(axis=-1).tolist() == list(range(7))
    assert weights[:3].argmax(axis=-1).tolist() == [0, 0, 0]
    assert places.look_back_weights(3, 0.0) == pytest.approx(np.full((10, 10), 0.1))
    queries = clocks.table(10, 64) @ np.array(shift_matrix(-3, 64)).T
    assert queries == pytest.approx(clocks.table(10, 64, start=-3), abs=1e-5)
