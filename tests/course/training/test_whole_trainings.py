"""A training from the data to the file: it learns, ends when it may, survives an interruption."""

from dataclasses import replace

import keras
import pytest

from course import device
from course.training import run, watch
from course.training.budget import BUDGETS, Budget, choose_budget
from course.training.exam import Exam
from course.training.run import train
from course.training.weights import read_weights
from solutions.training import PairBatches, fit, smoothed_cross_entropy
from solutions.transformer import Transformer
from tests.course.training.models import COPY, draw

# Keras saves a backup by a conversion that NumPy 2.4 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SMALL = Budget(
    "CPU", "float32", "", d_model=16, num_layers=1, num_heads=2, hidden_dim=16, batch_size=32,
    steps=240, round_steps=40, warmup_steps=20, peak_rate=2e-2,
)  # fmt: skip
SHORT = replace(SMALL, steps=9, round_steps=3)


def quick(model, batches, budget, callbacks):
    """A `fit` that compiles nothing and learns little."""
    model.compile("adam", smoothed_cross_entropy, run_eagerly=True)
    rounds = {"epochs": budget.rounds, "steps_per_epoch": budget.round_steps}
    model.fit(batches, **rounds, callbacks=callbacks, verbose=0)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "LOOK", 20)
    monkeypatch.setattr(run, "CONFIRM", 30)


def short(fit=quick, **options):
    return train(fit, Transformer, PairBatches, task=COPY, **{"budget": SHORT, **options})


def test_the_reference_learns_to_copy_words():
    model, history = train(fit, Transformer, PairBatches, task=COPY, budget=SMALL, resume=False)
    assert Exam(model, COPY).exact_match(draw("test", 200, seed=9)) > 0.85
    assert history[0]["exact_match"] < history[-1]["exact_match"]
    assert history[0]["loss"] > history[-1]["loss"]
    assert history[-1]["token_accuracy"] > 0.9


def test_every_round_is_measured_and_shown(capsys):
    _, history = short()
    assert [round["step"] for round in history] == [3, 6, 9]
    assert all(0 <= round["exact_match"] <= 1 and round["loss"] > 0 for round in history)
    assert "Training: 9 of 9" in capsys.readouterr().out


def test_enough_is_enough(monkeypatch):
    monkeypatch.setattr(watch, "ENOUGH", 0.0)
    _, history = short()
    assert [round["step"] for round in history] == [3]


def test_the_same_seed_gives_the_same_training():
    one, same, other = (short(resume=False, seed=seed)[1] for seed in (4, 4, 5))
    assert one == same
    assert one != other


class Interruption(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == 5:
            raise KeyboardInterrupt


def interrupted(model, batches, budget, callbacks):
    quick(model, batches, budget, [*callbacks, Interruption()])


def test_an_interrupted_training_goes_on(tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt):
        short(interrupted)
    assert list((tmp_path / run.BACKUPS).glob("*/latest.weights.h5"))
    _, history = short()
    told = capsys.readouterr().out
    assert "this one goes on after step 3. `resume=False` starts afresh." in told
    assert [round["step"] for round in history] == [6, 9]
    assert not list((tmp_path / run.BACKUPS).iterdir())


def test_another_size_starts_afresh(capsys):
    with pytest.raises(KeyboardInterrupt):
        short(interrupted)
    _, history = short(budget=replace(SHORT, d_model=8))
    assert [round["step"] for round in history] == [3, 6, 9]
    assert "goes on" not in capsys.readouterr().out


def test_without_resume_nothing_is_kept(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        short(interrupted, resume=False)
    assert not (tmp_path / run.BACKUPS).exists()


def test_the_weights_are_written_at_the_end():
    short(path="training.npz")
    assert read_weights("training.npz")["task"] == "words"


def test_a_change_is_made_before_the_training():
    changed = []
    short(change=changed.append)
    assert [type(model) for model in changed] == [Transformer]


def test_both_budgets_are_printed(capsys, monkeypatch):
    assert choose_budget() is BUDGETS["CPU"]
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("→ CPU: d_model=64")
    assert second.startswith("  GPU: ")
    assert "mixed_float16" in second
    monkeypatch.setattr(device, "kind", lambda: "GPU")
    assert choose_budget() is BUDGETS["GPU"]
    assert capsys.readouterr().out.splitlines()[1].startswith("→ GPU")


def test_a_budget_holds_whole_rounds():
    for budget in BUDGETS.values():
        assert budget.rounds * budget.round_steps == budget.steps
        assert set(budget.sizes) == {"d_model", "num_layers", "num_heads", "hidden_dim"}
