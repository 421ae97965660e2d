"""The numbers in the pictures of lesson 10, and those that its text quotes."""

import math
from importlib.resources import files

import keras
import numpy as np
import pytest
from keras import ops

from course import plots
from course.data.pydoc_pieces import corpus
from course.data.pydoc_text import unigram_entropy
from course.plots import decoder, rotation
from course.training import language
from solutions.modern import GroupedQueryAttention, apply_rotary
from solutions.modern_decoder import DecoderOnly
from solutions.position import sinusoidal_table

LESSON = (files("course") / "lessons" / "10-modern.md").read_text(encoding="utf-8")


def test_vectors_are_turned_as_the_reference_turns_them():
    x = np.random.default_rng(0).normal(size=(5, 8))
    places = np.array([0, 3, 9, 2, 40])
    expected = apply_rotary(ops.convert_to_tensor(x.astype("float32")), places)
    np.testing.assert_allclose(rotation.turned(x, places), expected, atol=1e-5)


def test_scores_by_position_are_those_of_lesson_2_and_of_this_one():
    turned, added = rotation.position_scores(12)
    for distance in range(-3, 4):
        assert np.ptp(np.diagonal(turned, distance)) < 1e-12
        assert np.ptp(np.diagonal(added, distance)) > 1.0
    table = ops.convert_to_numpy(sinusoidal_table(12, 64)).astype("float64")
    query, key = rotation.LONG
    np.testing.assert_allclose(added, (query + table) @ (key + table).T, atol=1e-4)


def test_the_pencil_on_the_clock():
    (x, y), (u, v) = rotation.turned([1.0, 0.0], 3), rotation.turned([1.0, 0.0], 1)
    assert [round(number, 3) for number in (x, y, u, v)] == [-0.990, 0.141, 0.540, 0.841]
    assert x * u + y * v == pytest.approx(math.cos(2)) == pytest.approx(-0.416, abs=5e-4)
    assert r"-0.416 = \cos 2" in LESSON


def test_moving_both_moves_no_score():
    for query_at, key_at in ((3, 1), (13, 11)):
        assert "Their score is 0.78" in plots.turning_pairs(query_at, key_at).alt
    assert "Their score is 0.78" not in plots.turning_pairs(4, 1).alt


def test_the_cache_of_a_large_model():
    assert decoder.cache_bytes(1, 64) == 2_621_440 == 2.5 * 2**20
    sizes = [decoder.cache_bytes(131_072, groups) / 2**30 for groups in (64, 8, 1)]
    assert sizes == [320, 40, 5]
    assert pytest.approx(130, abs=1) == decoder.WEIGHTS / 2**30
    for text in (r"2{,}621{,}440", "320 GiB", "40 GiB", "130 GiB"):
        assert text in LESSON


def test_a_cache_is_as_large_as_the_picture_says():
    _, cache = GroupedQueryAttention(num_heads=8, num_groups=2)(ops.ones((1, 5, 32)))
    numbers = sum(math.prod(part.shape) for part in cache)
    assert numbers * decoder.BYTES == decoder.cache_bytes(5, 2, layers=1, head_width=4)


def test_the_gates_of_the_text():
    silu = [1 / (1 + math.exp(-1)), -1 / (1 + math.exp(1))]
    assert [round(value, 3) for value in silu] == [0.731, -0.269]
    assert [round(2 * silu[0], 3), round(-2 * silu[1], 3)] == [1.462, 0.538]
    assert "lowest at z = -1.27, where it is -0.28" in plots.gates().alt
    assert float(ops.silu(-1.275)) == pytest.approx(-0.278, abs=1e-3)


def test_two_thirds_of_llama():
    two_thirds = 2 * 4 * 4096 / 3
    assert round(two_thirds, 2) == 10_922.67
    assert math.ceil(two_thirds / 256) * 256 == 11_008
    assert pytest.approx(2 * 4096 * 4 * 4096, rel=0.01) == 3 * 4096 * 11_008


def test_squares_in_half_precision():
    squares = [float(ops.square(ops.cast(x, "float16"))) for x in (255, 256, 300)]
    assert squares[0] < 65_504
    assert squares[1:] == [math.inf, math.inf]
    assert keras.layers.RMSNormalization().epsilon == 1e-6
    assert keras.layers.LayerNormalization().epsilon == 1e-3
    assert math.sqrt(1e-5) / 1e-5 > 300


def test_the_marks_of_the_text():
    found = language.marks()
    assert f"{found['uniform']:.2f} and 5.42." in LESSON
    assert abs(found["unigram"] - 5.42) < 0.03  # the text differs by the version of Python
    assert round(math.exp(5.42)) == 226
    assert unigram_entropy("abac") == pytest.approx(1.04, abs=5e-3)
    assert math.log(3) == pytest.approx(1.10, abs=5e-3)
    weights = DecoderOnly(corpus().vocabulary_size, **language.Recipe().sizes)
    weights.build((None, 64))
    assert round(weights.count_params(), -3) == 106_000
    recipe = language.Recipe()
    met = recipe.steps * recipe.batch_size * recipe.length / len(corpus().train)
    assert met == pytest.approx(9.6, abs=0.6)  # "some ten times"


def test_the_losses_are_drawn_beside_the_marks():
    history = [{"step": 0, "nats": 7.0}, {"step": 50, "nats": 4.25}]
    picture = plots.language_training({"yours": history}, unigram=5.4, uniform=6.2)
    assert "With yours it falls from 7.00 to 4.25 nats a piece in 50 steps" in picture.alt
    assert "None was measured yet" in plots.language_training({"yours": []}, 5.4, 6.2).alt
