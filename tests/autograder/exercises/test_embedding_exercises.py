"""Lesson 01: shortcuts, constant answers, and the numbers of the lesson in the visible cases."""

import numpy as np
import pytest

from autograder.exercises import EXERCISES
from autograder.exercises.embedding import analogy
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    ("exercise", "source"),
    [
        ("embedding.token_embedding", "self.table = keras.layers.Embedding(9, 4)"),
        ("embedding.token_embedding", "from keras.layers import Embedding as Table"),
        ("embedding.similarity", "x = ops.normalize(x)"),
        ("embedding.similarity", "f = keras.losses.cosine_similarity(x, y)"),
        ("embedding.similarity", "f = keras.metrics.CosineSimilarity()"),
    ],
)
def test_a_shortcut_is_found(exercise, source):
    assert len(forbidden_uses(source, EXERCISES[exercise].forbidden)) == 1


def test_the_class_s_own_name_is_no_shortcut():
    source = "class TokenEmbedding(keras.layers.Layer):\n    pass\nx = TokenEmbedding(9, 4)"
    assert forbidden_uses(source, EXERCISES["embedding.token_embedding"].forbidden) == []


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("embedding.merge_pair", lambda tokens, left, right: tokens, 0.2),
        ("embedding.train_bpe", lambda words, num_merges: [], 0.1),
        ("embedding.similarity", lambda x, y: np.zeros((*x.shape[:-1], y.shape[-2])), 0.0),
        ("embedding.analogy", lambda table, a, b, c, count=1: np.arange(count), 0.0),
    ],
)
def test_an_answer_that_looks_at_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


def test_the_candidates_of_a_drawn_analogy_are_far_apart():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        table, a, b, c, count = analogy.drawn(rng, 12, 5, 3)
        target = (table[b] - table[a] + table[c]).astype("float64")
        cosines = table @ target / np.linalg.norm(table, axis=1) / np.linalg.norm(target)
        best = np.sort(np.delete(cosines, [a, b, c]))[::-1]
        assert np.all(-np.diff(best[: count + 1]) > analogy.GAP)


def test_the_rose_and_the_papers_words_stand_in_the_visible_cases():
    [case, *_] = EXERCISES["embedding.vocabulary"].visible()
    values = probe(EXERCISES["embedding.vocabulary"].reference, case)["values"]
    assert values["output of call 2, encode"] == [1, 7, 4, 5, 6, 3, 2]
    [case, *_] = EXERCISES["embedding.train_bpe"].visible()
    merges = probe(EXERCISES["embedding.train_bpe"].reference, case)["values"]["output"]
    assert merges[:4] == [["e", "s"], ["es", "t"], ["l", "o"], ["lo", "w"]]
