import numpy as np
import pytest

from course.toys import lookup
from solutions.attention import SelfAttention


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(lookup, "STEPS", 4)
    monkeypatch.setattr(lookup, "ROUND", 2)


def test_a_sequence_asks_for_a_pair_that_it_holds_once():
    some = lookup.draw(50, np.random.default_rng(1))
    for row in range(50):
        *pairs, question = some.cells(row)
        assert len(pairs) == lookup.PAIRS
        found = [pair for pair in pairs if pair[0] == question[0]]
        assert found == [f"{question[0]}{some.answers[row]}"]
        assert pairs.index(found[0]) == some.places[row]
        assert question[1] == "?"


@pytest.mark.parametrize("head", [None, SelfAttention(key_dim=8, value_dim=6)])
def test_a_head_of_keras_and_one_of_a_student_are_trained_and_looked_into(few_steps, capsys, head):
    result = lookup.train(head)
    assert result.steps == [0, 2, 4]
    assert len(result.accuracy) == 3
    for weights in (result.before, result.after):
        assert weights.shape == (len(result.guesses), lookup.PAIRS + 1)
        np.testing.assert_allclose(weights.sum(axis=-1), 1.0, rtol=1e-5)
    assert np.abs(result.after - result.before).max() > 0
    assert "Training: 4 of 4" in capsys.readouterr().out


def test_the_weights_of_a_students_head_are_those_it_attends_with(few_steps, capsys):
    head = SelfAttention(key_dim=8, value_dim=6)
    result = lookup.train(head)
    names = result.sequences
    embed = np.random.default_rng(2).normal(size=(len(names.keys), lookup.PAIRS + 1, lookup.WIDTH))
    weights = lookup._question_weights(head, lambda _: embed.astype("float32"), names)
    _, _, value = head.projections(embed)
    mixed = np.einsum("bs,bsv->bv", weights, np.asarray(value))
    np.testing.assert_allclose(mixed, np.asarray(head(embed))[:, -1], atol=1e-5)


@pytest.mark.exhaustive
def test_a_head_learns_to_look_up(capsys):
    result = lookup.train()
    assert result.accuracy[-1] >= 0.99
    rows = np.arange(len(result.guesses))
    pair, itself = result.after[rows, result.sequences.places], result.after[:, -1]
    assert pair.mean() > 0.4
    assert (pair + itself).mean() > 0.85
