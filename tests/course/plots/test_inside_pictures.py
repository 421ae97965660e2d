"""The numbers in the pictures of lesson 11, and those that its text quotes."""

import math
from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import induction, tiles
from course.toys import memory, repeats
from solutions.flash import online_softmax
from solutions.inside import ablate_head, induction_score

LESSON = (files("course") / "lessons" / "11-inside.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("tile_size", [1, 2, 3, 4, 7])
def test_the_running_numbers_are_those_of_the_solution(tile_size):
    maximum, total = online_softmax(tiles.SCORES.astype("float32"), tile_size)
    steps = tiles.running(tiles.SCORES, tile_size)
    np.testing.assert_allclose(steps[:, 0], maximum, rtol=1e-6)
    np.testing.assert_allclose(steps[:, 1], total, rtol=1e-6)


def test_forgetting_to_rescale_ends_where_the_lesson_says():
    right, wrong = (tiles.running(tiles.SCORES, 2, forget)[-1, 1] for forget in (False, True))
    assert f"ends at {wrong:.3f} where it should be {right:.3f}" in LESSON
    assert "it should be 2.094" in plots.tile_by_tile(4, 2, forget=True).alt


def test_the_pencil_s_five_scores_are_the_first_of_the_picture():
    np.testing.assert_allclose(np.exp(tiles.SCORES[:5]), [2, 8, 4, 16, 4])
    assert r"$\ln 2, \ln 8, \ln 4, \ln 16, \ln 4$" in LESSON
    weights = np.array([2, 8, 4, 16, 4]) / 34
    assert weights @ [0, 3, 1, 2, 2] == pytest.approx(2.0)


def test_more_tiles_than_there_are_is_all_of_them():
    assert plots.tile_by_tile(9, 3).alt.startswith("After 3 of 3 tiles of 3 scores")


def test_the_sizes_of_a_book():
    table, output = 4 * 100_000**2, 4 * 100_000 * 64
    assert (table / 1e9, round(output / 1e6)) == (40, 26)
    assert table / output == pytest.approx(1500, rel=0.05)
    assert "40 GB" in LESSON
    assert "26 MB" in LESSON


def test_tiles_behind_a_causal_mask_are_counted():
    alt = plots.cut_into_tiles(length=14, tile_size=4).alt
    assert "4 tiles lie on the diagonal" in alt
    assert "6 lie in the future" in alt


def test_memory_is_told_in_megabytes():
    one = memory.Measured("plain", 2048, 66 * 2**20, 0.4, None)
    assert "plain, 2,048 tokens: 66.0 MB in 0.4 s" in plots.memory_by_length([one]).alt


@pytest.mark.parametrize("middle", [0.0, 0.3, 1.0])
def test_three_values_on_a_line_hide_where_a_head_looks(middle):
    assert "the output (1, 1)" in plots.same_output(middle).alt


def test_a_value_in_the_null_space_adds_nothing():
    w_o = np.array([[1.0, 2.0], [1.0, 2.0]])
    assert ([3.0, -3.0] @ w_o == 0).all()
    assert ([1.0, 1.0] @ w_o).tolist() == [2.0, 4.0]
    assert 1000 - 64 - 1 == 935
    assert "has 935 directions" in LESSON


def test_directions_that_leave_the_output_are_as_many_as_the_lesson_says():
    values = np.random.default_rng(0).normal(size=(20, 6))
    equations = np.concatenate([values, np.ones((20, 1))], axis=1)
    assert 20 - np.linalg.matrix_rank(equations) == 20 - 6 - 1


def test_places_after_earlier_copies():
    places = induction._after_copies(9, 3)
    found = {(int(q), int(k)) for q, k in zip(*np.nonzero(places), strict=True)}
    sequence = "abcabcabc"
    expected = {
        (query, key)
        for query in range(9)
        for key in range(1, query + 1)
        if key - 1 < query and sequence[key - 1] == sequence[query] and (query - key + 1) % 3 == 0
    }
    assert found == expected
    assert (3, 1) in found
    assert (2, 0) not in found


def test_the_chance_level_and_the_table_of_scores():
    assert math.log(repeats.LETTERS) == pytest.approx(3.0, abs=5e-3)
    rows = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0.75, 0.25, 0], [0, 0, 0.25, 0.75]]
    assert float(induction_score(np.array([[rows]], "float32"))[0]) == 0.5


def test_the_table_of_ablations():
    found = np.array([[[[1.0], [3.0]], [[5.0], [5.0]]]], "float32")
    kernel = np.ones((2, 1), "float32")
    for head, mean, row in ((0, False, "| 5 | 5 |"), (0, True, "| 7 | 7 |")):
        numbers = np.asarray(ablate_head(found, kernel, head, mean))[0, :, 0]
        assert "| {:g} | {:g} |".format(*numbers) == row
        assert row in LESSON
