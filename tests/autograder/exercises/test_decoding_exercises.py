"""Lesson 09: constant answers, the drawn models, and the numbers of the lesson in the cases."""

import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.decoding.models import between_sums, endless, planned, shares
from course.checking.probe import probe
from course.checking.standins import fill
from solutions.decoding import greedy_decode
from solutions.decoding_cache import CachedTransformer
from solutions.embedding import END, PAD, START
from tests.autograder.exercises.running import verdict_on_program


def even(probabilities, *args, **kwargs):
    return ops.ones_like(probabilities) / probabilities.shape[-1]


class Zeros(CachedTransformer):
    def decode_step(self, ids, encoded, source, cache=None):
        return ops.zeros((*ids.shape, self.embedding.vocabulary_size)), cache


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("decoding.greedy", lambda model, start, max_length: start, 0.0),
        ("decoding.temperature", lambda logits, temperature=1.0: even(logits), 0.0),
        ("decoding.sample", lambda probabilities, uniform: ops.zeros(uniform.shape, "int32"), 0.0),
        ("decoding.top_k", even, 0.0),
        ("decoding.top_k", lambda probabilities, k: probabilities, 0.1),  # k beyond the vocabulary
        ("decoding.nucleus", lambda probabilities, p: probabilities, 0.1),  # p = 1
        ("decoding.beam", lambda model, start, **sizes: ([END], 0.0), 0.0),
        ("decoding.cache", lambda attention, x, cache=None: (0 * x, cache), 0.0),
        ("decoding.cross", lambda attention, x, source, **more: (0 * x, None), 0.0),
        ("decoding.step", Zeros, 0.0),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


@pytest.mark.parametrize("seed", range(10))
def test_a_planned_model_writes_texts_of_the_planned_lengths(seed):
    lengths = (4, 2, 6, 8)
    model = fill(planned(np.random.default_rng(seed), lengths, 12))
    written = np.asarray(greedy_decode(model, np.full((4, 1), START), 9))[:, 1:]
    assert [list(row).index(END) + 1 for row in written] == list(lengths)
    assert [int((row != PAD).sum()) for row in written] == list(lengths)


@pytest.mark.parametrize("seed", range(10))
def test_in_an_endless_model_no_row_ends_and_old_tokens_count(seed):
    model = fill(endless(np.random.default_rng(seed), 3, 9))
    written = np.asarray(greedy_decode(model, np.full((3, 1), START), 6))
    assert END not in written
    alone = [np.asarray(model(written[:, [place]])).argmax(-1) for place in range(written.shape[1])]
    assert (np.asarray(model(written)).argmax(-1) != np.concatenate(alone, axis=1)).any()


def test_drawn_probabilities_have_no_ties_and_p_is_never_near_a_sum():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = shares(rng, 3, 8)
        np.testing.assert_allclose(rows.sum(axis=-1), 1.0, atol=1e-6)
        assert all(len(set(row.tolist())) == 8 for row in rows)
        p = between_sums(rng, rows, 0.4, 0.8)
        sums = np.cumsum(np.sort(rows, axis=-1)[:, ::-1], axis=-1)
        assert np.abs(sums - p).min() > 1e-3


@pytest.mark.parametrize("seed", range(5))
def test_every_mistake_of_the_beam_is_seen_whatever_the_seed(seed):
    exercise = EXERCISES["decoding.beam"]
    cases = exercise.hidden(np.random.default_rng(100 + seed))
    steered = [case for case in cases if case.name.startswith(("a short text", "two beams from"))]
    right = [probe(exercise.reference, case)["values"]["output"] for case in steered]
    mistakes = {m.id: m.program for m in exercise.misconceptions}
    for name in ("stops-at-the-first-end", "best-token-of-each-beam"):
        wrong = [probe(mistakes[name], case)["values"]["output"] for case in steered]
        assert [one[0] for one in wrong] != [one[0] for one in right], name


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    def outputs(name):
        exercise = EXERCISES[name]
        return [probe(exercise.reference, case)["values"] for case in exercise.visible()]

    np.testing.assert_array_equal(
        outputs("decoding.greedy")[0]["output"], [[1, 4, 3, END], [3, END, PAD, PAD]]
    )
    np.testing.assert_allclose(
        outputs("decoding.temperature")[0]["output"], [2 / 3, 1 / 6, 1 / 6], atol=1e-6
    )
    for name in ("decoding.top_k", "decoding.nucleus"):
        np.testing.assert_allclose(outputs(name)[0]["output"], [0, 2 / 3, 0, 1 / 3], atol=1e-6)
    tokens, score = outputs("decoding.beam")[0]["output"]
    assert tokens == [4, END]
    assert np.exp(score) == pytest.approx(0.36, abs=1e-4)
    np.testing.assert_allclose(outputs("decoding.cache")[0]["output"][0], [[[4.0, 3.0]]], atol=1e-6)
