import numpy as np
import pytest

from course.toys import lookback
from solutions.position import LearnedPositionEmbedding, SinusoidalPositionEncoding

KINDS = ["no positions", "sines and cosines", "learned"]


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(lookback, "STEPS", 4)
    monkeypatch.setattr(lookback, "ROUND", 2)


@pytest.mark.parametrize("length", [lookback.LENGTH, 40])
def test_the_answer_is_the_letter_three_places_before_the_mark(length):
    some = lookback.draw(50, np.random.default_rng(1), length)
    for row in range(50):
        letters = some.text(row).split()
        assert len(letters) == length
        assert letters.count("?") == 1
        answer = chr(ord("a") + some.answers[row])
        assert letters[letters.index("?") - 3] == answer
        assert letters.index("?") == some.places[row]


def test_the_commonest_letter_is_the_answer_as_often_as_the_lesson_says():
    letters = np.random.default_rng(0).integers(0, lookback.LETTERS, (20_000, 15))
    counts = np.stack([(letters == letter).sum(axis=1) for letter in range(lookback.LETTERS)])
    assert counts.max(axis=0).mean() / 15 == pytest.approx(0.24, abs=5e-3)


def test_the_toy_s_own_positions_are_those_of_the_lesson():
    x = np.zeros((1, 40, lookback.WIDTH), "float32")
    ours = np.array(lookback._Sines()(x))
    np.testing.assert_allclose(ours, np.array(SinusoidalPositionEncoding()(x)), atol=1e-5)


@pytest.mark.parametrize(
    "layer", [None, SinusoidalPositionEncoding(), LearnedPositionEmbedding(lookback.LONGER)]
)
def test_the_toy_s_layers_and_a_student_s_are_trained_and_looked_into(few_steps, capsys, layer):
    result = lookback.train(layer)
    assert result.names == (["yours"] if layer else KINDS)
    assert result.steps == [0, 2, 4]
    for shares, weights, places in zip(
        result.accuracy, result.weights, result.by_place, strict=True
    ):
        assert len(shares) == 3
        assert weights.shape == (6,)
        assert 0 < weights.sum() <= 1 + 1e-5
        assert places.shape == (lookback.LONGER - lookback.BACK,)
        assert np.isfinite(places).all()
    assert len(result.by_place) == len(result.names)
    assert "Training: " in capsys.readouterr().out


@pytest.mark.exhaustive
def test_only_positions_solve_it_and_none_of_them_reaches_far_beyond_its_training(capsys):
    result = lookback.train()
    bag, sines, learned = range(3)
    ends = [accuracy[-1] for accuracy in result.accuracy]
    assert ends[bag] < 0.3
    assert min(ends[sines:]) > 0.98
    assert result.weights[learned][3] > 0.9
    assert 0.5 < result.weights[sines][3] < 0.9
    beyond = [places[lookback.LENGTH - lookback.BACK :].mean() for places in result.by_place]
    assert beyond[learned] < 0.2
    assert beyond[sines] < 0.7
