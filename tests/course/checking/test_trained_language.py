"""A language model is judged by its loss on text that it has not seen."""

import re

import numpy as np
import pytest

from course import given
from course.checking import library, trained_language
from course.checking.notebook import CheckFailed, check
from course.checking.trained import check_weights, hidden_draw, judge_weights
from course.checking.trained_language import BANDS, diagnose, visible_windows
from course.data.dates import DATES
from course.data.pydoc_pieces import corpus
from course.training.kinds import DECODER
from course.training.nats import Nats
from course.training.weights import WeightsError, read_weights
from solutions.modern_decoder import DecoderOnly
from tests.course.training import trained
from tests.course.training.trained import LANGUAGE as TRAINED

NAME, POINTS = "modern.language_model", 5.0


def judged(path, seed=3):
    drawn, texts = hidden_draw(NAME, seed), library.texts(NAME)
    return judge_weights(NAME, POINTS, path, DecoderOnly, drawn, texts, visible=False)


def checked(path, own=DecoderOnly):
    return check_weights(NAME, POINTS, path, library.texts(NAME), own)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_trained_model_gets_full_points(seed):
    verdict = judged(TRAINED.right, seed)
    assert (verdict.status, verdict.points, verdict.hints) == ("passed", POINTS, [])
    assert [case.points for case in verdict.cases] == [1.0] * 5
    assert verdict.message == "modern.language_model: passed."


@pytest.mark.parametrize(
    ("strength", "reached"), [(0.13, 4), (0.16, 3), (0.2, 2), (0.25, 1), (0.3, 0)]
)
def test_a_weaker_model_gets_the_bands_that_it_reaches(tmp_path, strength, reached):
    verdict = judged(TRAINED.shaken(tmp_path / "w.npz", strength))
    assert verdict.status == "failed"
    assert verdict.points == reached
    assert [case.passed for case in verdict.cases] == [True] * reached + [False] * (5 - reached)
    loss, far, side = re.match(
        r"modern.language_model: ([\d.]+) nats a piece on unseen text, ([\d.]+) (below|above)",
        verdict.message,
    ).groups()
    below = float(far) if side == "below" else -float(far)
    assert sum(below >= band for band in BANDS.values()) == reached
    assert f"received: {loss}. Knowing how frequent each piece is gives 5." in verdict.message
    assert "taking all for equally likely 6.22" in verdict.message
    assert "expected: at least 1.75 below it" in verdict.message


def test_the_check_gives_no_points(tmp_path):
    verdict = checked(TRAINED.shaken(tmp_path / "w.npz", 0.2))
    assert all(case.visible and case.max_points == 0 for case in verdict.cases)
    assert checked(TRAINED.right).passed


def test_a_missing_file_is_not_answered_yet(tmp_path):
    for verdict in (judged(tmp_path / "language.npz"), checked(tmp_path / "language.npz")):
        assert verdict.message.startswith(f"{NAME}: not answered yet.")
        assert "there is no `language.npz` beside the notebook" in verdict.message
        assert (verdict.status, verdict.points) == ("failed", 0.0)


RIGHT_SIZES = {
    "d_model": 48, "num_layers": 2, "num_heads": 4, "num_groups": 2, "d_ff": 96, "parallel": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"task": "dates"}, "of the task `Python's documentation` .* Received: those of `dates`"),
        (
            {"alphabet": "abc"},
            "of the task `Python's documentation` and its pieces, in their order",
        ),
        ({"version": 7}, "version must be 1"),
        (
            {"weights": {}},
            "must be those of the `DecoderOnly` of lesson 10. Received: without `blo",
        ),
        ({"model": {**RIGHT_SIZES, "num_groups": 3}}, "`num_groups` must divide `num_heads`"),
        (
            {"model": {**RIGHT_SIZES, "d_model": 44}},
            "even share of `d_model`. Received: d_model=44",
        ),
        ({"model": {**RIGHT_SIZES, "d_ff": 95}}, r"must have shape \(48, 95\). Received: \(48, 96"),
        ({"model": {**RIGHT_SIZES, "d_ff": 10**9}}, "`d_ff` must be a whole number from 1 to 1024"),
        ({"model": {**RIGHT_SIZES, "parallel": 1}}, "`parallel` must be true or false"),
        (
            {"model": {**RIGHT_SIZES, "parallel": True}},
            "with a strange `blocks.0.feed_forward_norm",
        ),
    ],
)
def test_weights_that_cannot_be_used_are_told(tmp_path, change, reason):
    assert read_weights(TRAINED.right, DECODER)["model"] == RIGHT_SIZES
    path = TRAINED.changed(tmp_path / "w.npz", **change)
    with pytest.raises(WeightsError, match=reason):
        judged(path)
    verdict = checked(path)
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert re.search(f"unusable weights.\n  reason:   .*{reason}", verdict.message)


def test_the_file_of_the_other_training_is_told_by_its_task():
    with pytest.raises(WeightsError, match=r"documentation` and its pieces.*those of `dates`"):
        judged(trained.DATES.right)
    with pytest.raises(WeightsError, match=r"`dates` and its characters.*those of `Python's docu"):
        read_weights(TRAINED.right, task=DATES)


def test_one_file_does_not_colour_the_next(tmp_path):
    """The built model is shared by all files of the same sizes."""
    weights = read_weights(TRAINED.right, DECODER)["weights"]
    zeros = {name: np.zeros_like(array) for name, array in weights.items()}
    nothing = TRAINED.changed(tmp_path / "w.npz", weights=zeros)
    assert [judged(path).points for path in (TRAINED.right, nothing, TRAINED.right)] == [
        POINTS,
        0.0,
        POINTS,
    ]


def test_a_model_that_knows_only_how_frequent_pieces_are_gets_nothing(monkeypatch):
    """The best of them: its loss is the unigram entropy."""
    monkeypatch.setattr(trained_language, "diagnose", lambda layer, found: None)
    windows = hidden_draw(NAME, 3)
    asked = windows[:, 2:-1].reshape(-1)
    counts = np.bincount(asked, minlength=corpus().vocabulary_size)
    scores = np.log(np.maximum(counts / counts.sum(), 1e-12))
    finding = trained_language._examine(
        lambda ids: np.tile(scores, (*ids.shape, 1)), windows, visible=False
    )
    assert not any(finding.reached.values())
    assert "0.00 " in finding.first


def test_the_same_seed_draws_the_same_windows_and_none_that_training_saw():
    one, same, other = (hidden_draw(NAME, seed) for seed in (5, 5, 6))
    assert (one == same).all()
    assert (one != other).any()
    rows = np.lib.stride_tricks.sliding_window_view(corpus().train, 50)
    trained_on = {row.tobytes() for row in rows}
    for windows in (one, visible_windows()):
        assert not trained_on & {row[:50].tobytes() for row in windows}
    assert corpus().train[7:57].tobytes() in trained_on


def nats(**change):
    right = {
        "before": 6.4, "given": 4.3, "next": 4.5, "second": 6.1, "entropy": 4.7, "used": 0.9,
        "unigram": 5.4,
    }  # fmt: skip
    return Nats(**{**right, **change})


@pytest.fixture(scope="module")
def moved():
    """A decoder whose norms are not as they began."""
    layer = DecoderOnly(9, d_model=8, num_layers=1, num_heads=2, num_groups=1, d_ff=4)
    layer.build((None, 3))
    layer.final_norm.scale.assign(np.full(8, 1.2))
    return layer


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({}, None),
        ({"given": 0.1, "next": 12.0}, "labels-not-shifted"),
        ({"before": 2.5, "next": 7.2}, "shifted-backwards"),
        ({"second": 5.0, "next": 5.6}, "shifted-twice"),
        ({"next": 9.7, "entropy": 2.3, "before": 10.2, "second": 10.1}, "same-few-windows"),
        ({"next": 5.97, "entropy": 5.5, "used": 0.06}, "scores-taken-for-chances"),
        (
            {"next": 7.17, "entropy": 5.34, "before": 7.16, "second": 7.14},
            "scores-taken-for-chances",
        ),
        ({"next": 5.45, "second": 5.45, "used": 0.001}, "pieces-out-of-order"),
        ({"next": 5.65, "second": 5.64, "used": 0.1}, "pieces-out-of-order"),
        ({"next": 5.25, "second": 5.4, "used": 0.1}, None),  # it has begun to learn
    ],
)
def test_what_is_measured_names_the_mistake(moved, change, mistake):
    """Figures of real trainings; `test_language_model.py` trains each."""
    assert diagnose(moved, nats(**change)) == mistake


def test_norms_as_they_began_are_told_before_all_else():
    layer = DecoderOnly(9, d_model=8, num_layers=1, num_heads=2, num_groups=1, d_ff=4)
    layer.build((None, 3))
    assert diagnose(layer, nats(given=0.1, next=9.0)) == "weights-hardly-moved"


def test_check_takes_the_file_and_the_own_class(tmp_path, capsys, monkeypatch):
    check(NAME, str(TRAINED.right), DecoderOnly)
    assert "✓ modern.language_model: 5 of 5 cases" in capsys.readouterr().out
    with pytest.raises(CheckFailed, match=r"not answered yet"):
        check(NAME, "language.npz", DecoderOnly)
    with pytest.raises(ValueError, match=r"name of a file. Received: <class"):
        check(NAME, DecoderOnly)
    monkeypatch.setattr(given, "_places", dict)
    with pytest.raises(CheckFailed, match=r"put into the `DecoderOnly` of lesson 10: its check mu"):
        check(NAME, str(TRAINED.right), None)
