"""Each mistake of `modern.language_model` is made, trained for a while, and told by its weights."""

from dataclasses import replace

import pytest

from autograder.exercises.modern.language_model import EXERCISE
from course.checking import library
from course.checking.trained import hidden_draw, judge_weights
from course.training.language import Recipe, train
from solutions.modern_decoder import DecoderOnly

SHORT = replace(
    Recipe(), d_model=32, num_layers=1, num_heads=2, num_groups=1, d_ff=64, batch_size=16,
    steps=150, round_steps=150, warmup_steps=20, peak_rate=1e-2,
)  # fmt: skip


def verdict_on(program, recipe, path):
    train(program, DecoderOnly, recipe, path=path)
    drawn, texts = hidden_draw(EXERCISE.id, 0), library.texts(EXERCISE.id)
    return judge_weights(EXERCISE.id, 5.0, path, DecoderOnly, drawn, texts, visible=False)


@pytest.mark.parametrize(
    "recipe", [SHORT, pytest.param(Recipe(), marks=pytest.mark.exhaustive)], ids=["short", "whole"]
)
@pytest.mark.parametrize(
    "mistake", [pytest.param(mistake, id=mistake.id) for mistake in EXERCISE.misconceptions]
)
def test_a_mistake_is_named_and_earns_nothing(mistake, recipe, tmp_path):
    verdict = verdict_on(mistake.program, recipe, tmp_path / "language.npz")
    assert verdict.points == 0, verdict.message
    assert verdict.diagnosis == {"id": mistake.id, "title": mistake.title}, verdict.message
    assert f"{mistake.hint}  [{mistake.id}]" in verdict.message


def test_a_right_training_that_is_short_is_no_mistake(tmp_path):
    verdict = verdict_on(EXERCISE.reference, SHORT, tmp_path / "language.npz")
    assert 0 < verdict.points < 5
    assert verdict.diagnosis is None


@pytest.mark.exhaustive
def test_the_reference_gets_full_points(tmp_path):
    verdict = verdict_on(EXERCISE.reference, Recipe(), tmp_path / "language.npz")
    assert verdict.points == 5, verdict.message
