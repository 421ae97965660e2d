"""What is measured of a language model, against models whose answers are known."""

import numpy as np
import pytest
from keras import ops

from course.data.pydoc_text import unigram_entropy
from course.training.nats import PLACES, cut, draw, measure

V, T = 7, 5
IDS = np.random.default_rng(0).integers(0, V, 400)


def says(step, sure=9.0):
    """A model that is sure of the piece `step` places from the one it reads, in all windows."""
    windows = cut(IDS, T)

    def layer(ids):
        rows = [np.flatnonzero((windows[:, 1:-2] == row).all(axis=1))[0] for row in np.asarray(ids)]
        named = windows[rows][:, 1 + step : 1 + step + T]
        return ops.one_hot(named, V) * sure

    return layer, windows


def test_windows_hold_the_text():
    ids = np.arange(100)
    windows = cut(ids, T)
    assert windows.shape == (19, T + 3)
    np.testing.assert_array_equal(np.diff(windows), 1)
    assert windows[:, 1:-2].reshape(-1).tolist() == list(range(1, 96))
    drawn = draw(ids, 500, np.random.default_rng(1), T)
    np.testing.assert_array_equal(np.diff(drawn), 1)
    assert (drawn.min(), drawn.max()) == (0, 99)  # both ends are drawn, and nothing beyond
    assert (drawn == draw(ids, 500, np.random.default_rng(1), T)).all()


@pytest.mark.parametrize("name", PLACES)
def test_a_model_is_good_at_the_piece_it_names(name):
    found = measure(*says(PLACES[name]))
    losses = {place: getattr(found, place) for place in PLACES}
    assert losses[name] == pytest.approx(np.log1p((V - 1) * np.exp(-9.0)))
    assert all(loss > 5 for place, loss in losses.items() if place != name)
    assert found.entropy < 0.01
    assert found.used > 1.5


def test_a_model_that_looks_at_nothing():
    scores = np.log(np.arange(1.0, V + 1))
    layer = lambda ids: (ops.convert_to_tensor(np.tile(scores, (*ids.shape, 1))), "a cache")  # noqa: E731
    windows = cut(IDS, T)
    found = measure(layer, windows)
    shares = np.arange(1.0, V + 1) / np.arange(1.0, V + 1).sum()
    asked = windows[:, 2:-1]
    assert found.next == pytest.approx(-np.log(shares[asked]).mean(), rel=1e-6)
    assert found.entropy == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-6)
    assert found.used == pytest.approx(0.0, abs=1e-6)
    assert found.unigram == unigram_entropy(asked.reshape(-1))
    assert found.below == found.unigram - found.next < 0


def test_many_windows_are_measured_as_few_are():
    layer, windows = says(1, sure=2.0)
    halves = [measure(layer, part) for part in np.split(windows[:78], 2)]
    whole = measure(layer, windows[:78])
    assert whole.next == pytest.approx(np.mean([half.next for half in halves]))
    assert whole.entropy == pytest.approx(np.mean([half.entropy for half in halves]))


def test_large_scores_and_impossible_pieces_are_numbers():
    layer = lambda ids: ops.one_hot(ids, V) * 1e5  # noqa: E731
    found = measure(layer, cut(IDS, T))
    assert np.isfinite([found.next, found.entropy, found.used]).all()
    assert found.next > 1e4
