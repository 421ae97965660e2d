"""A training from data to file: what it does around the `fit` of a student."""

from dataclasses import replace

import numpy as np
import pytest

from course.data.dates import DATES
from course.plots.live import LiveCurves
from course.training import run
from course.training.budget import BUDGETS
from course.training.watch import Watch
from course.training.weights import read_weights
from solutions.training import PairBatches
from solutions.transformer import Transformer

TINY = replace(
    BUDGETS["CPU"], d_model=8, num_layers=1, num_heads=2, hidden_dim=8, batch_size=4, steps=2
)


def train(fit, batches=PairBatches, **options):
    return run.train(fit, Transformer, batches, budget=TINY, resume=False, **options)


def unanswered(model, batches, budget, callbacks=()):
    raise NotImplementedError()


class Unanswered(PairBatches):
    def draw_batches(self):
        raise NotImplementedError()


@pytest.mark.parametrize(
    ("fit", "batches", "place"),
    [
        (unanswered, PairBatches, "`unanswered`"),
        (lambda *args: None, Unanswered, "`Unanswered.draw_batches`"),
    ],
)
def test_what_is_not_answered_is_named(capsys, tmp_path, fit, batches, place):
    path = tmp_path / "training.npz"
    assert train(fit, batches, path=path) == (None, [])
    assert f"{place} is not answered yet: nothing was trained." in capsys.readouterr().out
    assert not path.exists()


def test_fit_is_given_the_model_the_data_and_what_watches_it(tmp_path):
    given = {}

    def fit(model, batches, budget, callbacks):
        given.update(model=model, budget=budget)
        inputs, labels = batches[0]
        assert inputs["source"].shape == (4, DATES.source_length)
        assert labels.shape == (4, DATES.target_length - 1)
        watch, curves = callbacks
        assert isinstance(watch, Watch)
        assert isinstance(curves, LiveCurves)
        watch.history.append({"step": 2, "exact_match": 0.5})
        assert curves.history is watch.history

    model, history = train(fit, path=tmp_path / "training.npz")
    assert model is given["model"]
    assert given["budget"] is TINY
    assert history == [{"step": 2, "exact_match": 0.5}]
    saved = read_weights(tmp_path / "training.npz")
    np.testing.assert_array_equal(saved["weights"]["embedding.table"], model.embedding.table)
