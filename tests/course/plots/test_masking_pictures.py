"""The numbers in the pictures of lesson 04, and those that its text quotes."""

import math
from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import leaks, masks
from course.toys import leak
from solutions.masking import causal_mask, combine_masks, masked_softmax, padding_mask

LESSON = (files("course") / "lessons" / "04-masking.md").read_text(encoding="utf-8")
X = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")


@pytest.mark.parametrize("sentence", masks.SENTENCES)
def test_the_masks_drawn_are_those_of_the_course(sentence):
    words = np.array(sentence.split())
    padding, causal = padding_mask((words != "PAD")[None].astype("int32")), causal_mask(len(words))
    drawn = masks.masks_of(sentence)
    rights = None, padding, causal, combine_masks(padding, causal)
    for kind, right in zip(masks.KINDS, rights, strict=True):
        expected = np.ones(drawn[kind].shape) if right is None else np.asarray(right)[0]
        np.testing.assert_array_equal(drawn[kind], np.broadcast_to(expected, drawn[kind].shape))


def test_the_picture_counts_what_may_be_seen():
    alt = plots.mask_tables("the cat sat PAD PAD").alt
    assert "padding: 3, 3, 3, 3, 3; causal: 1, 2, 3, 4, 5; padding and causal: 1, 2, 3, 3, 3" in alt
    assert "2 rows that may see nothing" in plots.masked_weights("PAD PAD the cat sat").alt
    assert "nothing" not in plots.masked_weights("PAD PAD the cat sat", "padding").alt


def test_the_ways_to_hide_are_those_of_the_text():
    alt = plots.ways_to_hide().alt
    for told in ("0.09, 0.24, 0.67", "0.09, 0.24, 0.00", "0.24, 0.67, 0.09", "0.27, 0.73, 0.00"):
        assert told in alt
    right = masked_softmax(np.array([1.0, 2.0, 3.0], "float32"), np.array([True, True, False]))
    np.testing.assert_allclose(right, [0.269, 0.731, 0.0], atol=5e-4)
    one, two, three = np.exp([1.0, 2.0, 3.0])
    for number in (one, two, three, one + two):
        assert f"{number:.3f}" in LESSON
    assert (one + two) / (one + two + three) == pytest.approx(0.335, abs=5e-4)
    assert "They sum to 0.335" in LESSON


@pytest.mark.parametrize(
    ("layer", "table"),
    [
        (lambda x: 2.0 * x, np.eye(5)),
        (lambda x: np.cumsum(x, axis=1), np.tri(5)),
        (lambda x: x - x.mean(axis=1, keepdims=True), np.ones((5, 5))),
        (lambda x: np.roll(x, 1, axis=1), np.roll(np.eye(5), -1, axis=1)),
        (lambda x: 0.0 * x, np.zeros((5, 5))),
    ],
)
def test_influence_is_who_moves_with_whom(layer, table):
    np.testing.assert_array_equal(leaks._moved(layer, X), table.astype(bool))
    ahead = int(np.triu(table, k=1).sum())
    told = f"{ahead} outputs move" if ahead else "none moves with a later input"
    assert told in plots.influence({"layer": layer}, X).alt


def test_a_model_that_knows_nothing_has_the_loss_that_the_lesson_tells():
    assert len(leak.LETTERS) == 30
    assert math.log(30) == pytest.approx(3.40, abs=5e-3)
    assert r"$\ln 30 = 3.40$" in LESSON
    assert f"a window of {leak.LENGTH} letters" in LESSON
    assert f"in {leak.STEPS} steps" in LESSON
