"""Weights are judged by what the right model writes with them."""

import re

import numpy as np
import pytest

from course.checking import library, trained_dates
from course.checking.notebook import CheckFailed, check
from course.checking.trained import check_weights, hidden_draw, judge_weights
from course.checking.trained_dates import BANDS, visible_pairs
from course.data.dates import days
from course.training.weights import WeightsError, read_weights
from solutions.transformer import Transformer
from tests.course.training.trained import DATES as TRAINED

NAME, POINTS = "training.fit", 10.0
TEXTS = {
    "title": "", "hints": ["What is it fed?", "Look."], "goes_wrong": "", "forbidden": {},
    "misconceptions": {}, "attachment": "training.npz",
}  # fmt: skip


def judged(path, seed=3):
    pairs = hidden_draw(NAME, seed)
    return judge_weights(NAME, POINTS, path, Transformer, pairs, TEXTS, visible=False)


def checked(path):
    return check_weights(NAME, POINTS, path, TEXTS)


def test_a_trained_model_gets_full_points():
    verdict = judged(TRAINED.right)
    assert (verdict.status, verdict.points, verdict.hints) == ("passed", POINTS, [])
    assert [case.points for case in verdict.cases] == [2.0] * 5
    assert verdict.message == "training.fit: passed."


@pytest.mark.parametrize(
    ("strength", "reached"), [(0.1, 4), (0.13, 3), (0.15, 2), (0.19, 1), (0.3, 0)]
)
def test_a_weaker_model_gets_the_bands_that_it_reaches(tmp_path, strength, reached):
    verdict = judged(TRAINED.shaken(tmp_path / "w.npz", strength))
    assert verdict.status == "failed"
    assert verdict.points == 2.0 * reached
    assert [case.passed for case in verdict.cases] == [True] * reached + [False] * (5 - reached)
    share = float(re.search(r"fit: ([\d.]+) % of 2,000 unseen dates", verdict.message)[1]) / 100
    assert sum(share >= band for band in BANDS.values()) == reached
    assert "example" not in verdict.message  # of days that are graded
    assert "hint:     What is it fed?" in verdict.message
    assert ("are told" in verdict.message) == (reached == 0)


def test_the_check_shows_a_wrong_date_and_gives_no_points(tmp_path):
    verdict = checked(TRAINED.shaken(tmp_path / "w.npz", 0.12))
    assert re.search(r"example:  “.+” became [\d-]+, not \d{4}-\d\d-\d\d\n", verdict.message)
    assert all(case.visible and case.max_points == 0 for case in verdict.cases)


def test_a_missing_file_is_not_answered_yet(tmp_path):
    for verdict in (judged(tmp_path / "training.npz"), checked(tmp_path / "training.npz")):
        assert verdict.message.startswith("training.fit: not answered yet.")
        assert "there is no `training.npz` beside the notebook" in verdict.message
        assert (verdict.status, verdict.points) == ("failed", 0.0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"task": "words"}, "of the task `dates` .* Received: those of `words`"),
        ({"alphabet": "abc"}, "of the task `dates` and its characters"),
        ({"version": 7}, "version must be 1"),
        ({"weights": {}}, "Received: without `decoder.blocks.0"),
    ],
)
def test_weights_that_cannot_be_used_are_told(tmp_path, change, reason):
    path = TRAINED.changed(tmp_path / "w.npz", **change)
    with pytest.raises(WeightsError, match=reason):
        judged(path)
    verdict = checked(path)
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert re.search(f"unusable weights.\n  reason:   .*{reason}", verdict.message)


def test_one_file_does_not_colour_the_next(tmp_path):
    """The compiled model is shared by all files of the same sizes."""
    zeros = {name: np.zeros_like(a) for name, a in read_weights(TRAINED.right)["weights"].items()}
    nothing = TRAINED.changed(tmp_path / "w.npz", weights=zeros)
    assert [judged(path).points for path in (TRAINED.right, nothing, TRAINED.right)] == [
        POINTS,
        0.0,
        POINTS,
    ]


def test_the_same_seed_asks_for_the_same_days_and_none_that_training_saw():
    assert hidden_draw(NAME, 5) == hidden_draw(NAME, 5)
    assert hidden_draw(NAME, 5) != hidden_draw(NAME, 6)
    hidden, visible = (set(pairs.targets) for pairs in (hidden_draw(NAME, 5), visible_pairs()))
    trained_on = {day.isoformat() for day in days("training")}
    assert not hidden & visible
    assert not (hidden | visible) & trained_on


@pytest.fixture
def registered(monkeypatch):
    """The exercise, whether its lesson is there or not."""
    key = {"exercise": NAME, "points": POINTS, "cases": [], "expected": [], "returns": []}
    monkeypatch.setattr(library, "key", lambda exercise: key)
    monkeypatch.setattr(library, "texts", lambda exercise: TEXTS)


@pytest.mark.usefixtures("registered")
def test_check_takes_the_name_of_the_file(tmp_path, capsys):
    check(NAME, str(TRAINED.right))
    assert "✓ training.fit: 5 of 5 cases" in capsys.readouterr().out
    with pytest.raises(CheckFailed, match=r"of 1,000 unseen dates are exactly right"):
        check(NAME, TRAINED.shaken(tmp_path / "w.npz", 0.12))
    with pytest.raises(CheckFailed, match=r"not answered yet"):
        check(NAME, "training.npz")
    with pytest.raises(ValueError, match=r"name of a file. Received: <function"):
        check(NAME, lambda: None)


def test_a_share_is_never_shown_as_a_band_it_does_not_reach():
    assert trained_dates._percent(0.98999) == "98.9 %"
    assert trained_dates._percent(0.99) == "99.0 %"
