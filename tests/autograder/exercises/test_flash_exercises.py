"""Lesson 11, tiles: shortcuts, right numbers by too large arrays, and the numbers of the lesson."""

import math

import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.flash.attention import hide
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions.masking import masked_attention
from tests.autograder.exercises.running import verdict_on_program

ATTENTION = EXERCISES["flash.attention"]
SMALL = "no array larger than twice the input"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("flash.attention", "output = keras.ops.dot_product_attention(q, k, v)"),
        ("flash.attention", "layer = keras.layers.MultiHeadAttention(1, 4)"),
        ("flash.online_softmax", "weights = ops.softmax(scores)"),
        ("flash.online_softmax", "total = ops.logsumexp(scores[..., :3], axis=-1)"),
    ],
)
def test_a_shortcut_is_found(name, source):
    assert len(forbidden_uses(source, EXERCISES[name].forbidden)) == 1


def plain(query, key, value, mask=None, causal=False, tile_size=512):
    """The attention of lesson 4, whose numbers are right."""
    past = ops.arange(query.shape[-2])[:, None] >= ops.arange(key.shape[-2])
    allowed = past if causal else ops.ones_like(past)
    if mask is not None:
        allowed = ops.logical_and(allowed, mask)
    return masked_attention(query, key, value, allowed)[0]


def test_the_plain_way_is_told_by_the_array_it_makes_and_earns_little():
    verdict = verdict_on_program(ATTENTION, plain)
    assert verdict.diagnosis["id"] == "whole-table"
    assert "an array of shape (2, 24, 40)" in verdict.message
    assert SMALL in verdict.message
    assert verdict.points <= 0.15 * ATTENTION.points


@pytest.mark.parametrize("name", ["queries-in-tiles-only", "keys-in-tiles-only"])
def test_half_way_houses_earn_little(name):
    program = next(m.program for m in ATTENTION.misconceptions if m.id == name)
    assert verdict_on_program(ATTENTION, program).points <= 0.15 * ATTENTION.points


def test_tiles_may_be_handled_one_query_and_one_key_at_a_time():
    def by_ones(query, key, value, mask=None, causal=False, tile_size=512):
        return ATTENTION.reference(query, key, value, mask, causal, tile_size=8)

    assert verdict_on_program(ATTENTION, by_ones).passed


@pytest.mark.parametrize(
    "program",
    [
        lambda query, key, value, **options: ops.zeros((*query.shape[:-1], value.shape[-1])),
        lambda query, key, value, **options: (
            ops.zeros((*query.shape[:-1], 1)) + ops.mean(value, axis=-2, keepdims=True)
        ),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(program):
    assert verdict_on_program(ATTENTION, program).points <= 0.05 * ATTENTION.points


def test_softmax_of_the_whole_row_only_earns_nothing():
    def last(scores, tile_size):
        highest = ops.max(scores, axis=-1)
        total = ops.sum(ops.exp(scores - highest[..., None]), axis=-1)
        return highest[..., None], total[..., None]

    exercise = EXERCISES["flash.online_softmax"]
    assert verdict_on_program(exercise, last).points <= 0.1 * exercise.points  # one tile is all


def test_sizes_tell_a_tile_from_a_row_of_tiles():
    """A tile of scores is within the limit, a whole row or column of tiles is beyond it."""
    cases = [*ATTENTION.visible(), *ATTENTION.hidden(np.random.default_rng(0))]
    watched = [c for case in cases for c in case.calls if "memory" in c.observe]
    assert len(watched) >= 8
    for call in watched:
        batch = call.args[0].shape[:-2]
        queries, keys, tile = (
            call.args[0].shape[-2],
            call.args[1].shape[-2],
            call.kwargs["tile_size"],
        )
        limit = 2 * max(array.size for array in call.args) / math.prod(batch)
        assert tile * tile <= limit < min(queries, keys) * tile
        assert queries % tile
        assert keys % tile


def test_hidden_keys_stand_at_the_end_or_at_the_front():
    np.testing.assert_array_equal(hide(1, keys=3), [[[True, True, False]]])
    np.testing.assert_array_equal(hide(2, 0, keys=3, front=True)[0], [[False, False, True]])
    assert hide(2, 0, keys=3)[1].all()


def test_a_front_padded_case_hides_a_whole_tile_and_a_whole_sentence():
    for cases in (ATTENTION.visible(), ATTENTION.hidden(np.random.default_rng(3))):
        call = next(c.calls[0] for c in cases if "at the front" in c.name or "a tile" in c.name)
        mask, tile = call.kwargs["mask"], call.kwargs["tile_size"]
        assert (~mask[..., :tile]).all(axis=-1).sum() >= 2
        assert (~mask).all(axis=-1).sum() == 1


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    [case, *_] = EXERCISES["flash.online_softmax"].visible()
    maximum, total = probe(EXERCISES["flash.online_softmax"].reference, case)["values"]["output"]
    np.testing.assert_allclose(np.exp(maximum), [8, 16, 16], rtol=1e-6)
    np.testing.assert_allclose(total, [1.25, 1.875, 2.125], rtol=1e-6)
    [case, *_] = ATTENTION.visible()
    np.testing.assert_allclose(
        probe(ATTENTION.reference, case)["values"]["output"], [[2.0]], rtol=1e-6
    )


def test_the_average_of_tiles_that_the_lesson_tells():
    [case, *_] = ATTENTION.visible()
    program = next(m.program for m in ATTENTION.misconceptions if m.id == "tiles-averaged")
    output = probe(program, case)["values"]["output"]
    np.testing.assert_allclose(output, [[(2.4 + 1.8 + 2) / 3]], rtol=1e-6)
