"""A trained model from a file, where it looks, and how fast it writes."""

import shutil

import numpy as np
import pytest

from course.data.characters import Pairs
from course.data.dates import DATES
from course.data.number_words import NUMBER_WORDS
from course.training import ready
from course.training.alignment import align
from course.training.exam import Exam
from course.training.pace import measure_pace
from course.training.weights import save_weights
from solutions.decoding_cache import CachedTransformer
from solutions.transformer import Transformer
from tests.course.training.trained import DATES as TRAINED

SOME = Pairs(["jeudi 24 septembre 1987", "24.09.1987"], ["1987-09-24"] * 2)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("ready") / "training.npz"
    shutil.copyfile(TRAINED.right, path)
    return ready.ready_model(CachedTransformer, path=path)


def test_the_weights_of_a_file_are_used(model, capsys):
    assert Exam(model, DATES).answers(SOME) == SOME.targets
    with pytest.raises(ValueError, match=r"weights for number words. Received: dates"):
        ready.ready_model(Transformer, task=NUMBER_WORDS, path=TRAINED.right)
    assert "weights of an earlier training" in capsys.readouterr().out


def test_without_a_file_a_model_is_trained_once_and_kept(tmp_path, monkeypatch, capsys):
    budgets = []

    def train(fit, transformer, batches, task, budget, path):
        budgets.append(budget)
        made = transformer(len(task.characters), **budget.sizes)
        made.build({"source": (1, task.source_length), "target": (1, task.target_length)})
        save_weights(made, path, task)

    monkeypatch.setattr(ready, "train", train)
    path = tmp_path / "words.npz"
    first = ready.ready_model(Transformer, task=NUMBER_WORDS, path=path)
    again = ready.ready_model(Transformer, task=NUMBER_WORDS, path=path)
    assert [budget.steps for budget in budgets] == [ready.SHORTER]
    np.testing.assert_array_equal(first.embedding.table.numpy(), again.embedding.table.numpy())
    assert "There is no" in capsys.readouterr().out


def test_alignments_are_weights_of_what_was_written(model):
    calls = [block.cross_attention.attention.call for block in model.decoder.blocks]
    found = align(model, DATES, SOME)
    for one, source in zip(found, SOME.sources, strict=True):
        assert (one.source, one.written, one.target) == (source, "1987-09-24", "1987-09-24")
        assert one.weights.shape == (1, 4, 11, len(source))
        np.testing.assert_allclose(one.mean.sum(axis=-1), 1.0, atol=1e-5)
    after = [block.cross_attention.attention.call for block in model.decoder.blocks]
    assert after == calls  # the layers are as they were


def test_a_trained_model_looks_at_what_it_writes(model):
    """More than half of the weight of the day's and the year's digits is on theirs, in digits."""
    [one] = align(model, DATES, Pairs(["24.09.1987"], ["1987-09-24"]))
    day, year = one.source.index("24"), one.source.index("1987")
    assert one.mean[8:10, day : day + 2].sum(axis=-1).mean() > 0.4
    assert one.mean[2:4, year : year + 4].sum(axis=-1).mean() > 0.4


def test_the_pace_is_measured_both_ways():
    pace = measure_pace(CachedTransformer, places=(1, 5), repeats=1)
    assert pace.places == [1, 5]
    assert all(seconds > 0 for seconds in (*pace.plain, *pace.cached))
    assert pace.difference < 1e-4


def test_without_an_answer_nothing_is_measured_and_that_is_said(capsys):
    class Unanswered(CachedTransformer):
        def decode_step(self, ids, encoded, source, cache=None):
            raise NotImplementedError()

    assert measure_pace(Unanswered, places=(1,)) is None
    assert "is not answered yet: nothing was timed" in capsys.readouterr().out
