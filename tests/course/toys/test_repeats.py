import keras
import numpy as np
import pytest

from course.toys import repeats
from solutions.inside import ablate_head, induction_score


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(repeats, "STEPS", 4)
    monkeypatch.setattr(repeats, "ROUND", 2)


@pytest.fixture
def untrained():
    keras.utils.set_random_seed(1)
    ids, _ = repeats.draw(5, np.random.default_rng(1), repeats.HALF)
    model = repeats.Repeater(2)
    model(ids)
    return repeats.Result(ids, ["two layers"], [0], model=model)


def test_sequences_repeat_themselves_after_their_period():
    ids, periods = repeats.draw(200, np.random.default_rng(2))
    assert set(periods) == set(range(repeats.SHORTEST, repeats.HALF + 1))
    for sequence, period in zip(ids, periods, strict=True):
        np.testing.assert_array_equal(sequence[period:], sequence[:-period])
    halves, _ = repeats.draw(3, np.random.default_rng(2), repeats.HALF)
    np.testing.assert_array_equal(halves[:, : repeats.HALF], halves[:, repeats.HALF :])
    assert repeats.spell([0, 19]) == ["a", "t"]


def test_a_letter_is_asked_for_only_where_it_can_be_known():
    ids, targets = repeats._examples(50, np.random.default_rng(3))
    _, periods = repeats.draw(50, np.random.default_rng(3))
    for sequence, target, period in zip(ids, targets, periods, strict=True):
        assert (target[:period] == repeats.NOTHING).all()
        np.testing.assert_array_equal(target[period:-1], sequence[period + 1 :])
        assert target[-1] == repeats.NOTHING


def test_scores_are_those_of_the_solution(untrained):
    after, before = repeats.head_scores(untrained.model, untrained.sequences)
    weights = untrained.model.weights_on(untrained.sequences)
    assert weights.shape == (2, 5, repeats.HEADS, repeats.LENGTH, repeats.LENGTH)
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, rtol=1e-5)
    for layer in range(2):
        np.testing.assert_allclose(after[layer], induction_score(weights[layer]), rtol=1e-5)
    positions = np.arange(1, repeats.LENGTH)
    expected = weights[..., positions, positions - 1].mean(axis=(1, 3))
    np.testing.assert_allclose(before, expected, rtol=1e-5)


def test_losses_without_a_head_are_the_same_by_both_ways(untrained):
    loss, own = repeats.losses_without(untrained)
    same, given = repeats.losses_without(untrained, ablate_head)
    assert loss == same
    assert list(own) == ["0"]
    assert list(given) == ["0", "its mean"]
    np.testing.assert_allclose(own["0"], given["0"], atol=1e-5)
    assert np.abs(given["0"] - given["its mean"]).max() > 1e-6


def test_the_loss_is_that_of_keras(untrained):
    ids, half = untrained.sequences, repeats.HALF
    logits = untrained.model(ids)
    loss, _ = repeats.losses_without(untrained)
    each = keras.losses.sparse_categorical_crossentropy(
        ids[:, half + 1 :], logits[:, half:-1], from_logits=True
    )
    assert loss == pytest.approx(float(np.mean(each)), rel=1e-5)


def test_the_future_has_no_part_in_an_answer(untrained):
    ids = untrained.sequences
    other = ids.copy()
    other[:, 13:] = (other[:, 13:] + 1) % repeats.LETTERS
    before, after = (np.asarray(untrained.model(some))[:, :13] for some in (ids, other))
    np.testing.assert_allclose(before, after, atol=1e-5)


def test_both_models_are_trained_and_measured(few_steps, capsys):
    result = repeats.train()
    assert result.names == ["one layer", "two layers"]
    assert result.steps == [0, 2, 4]
    assert [len(accuracy) for accuracy in result.accuracy] == [3, 3]
    assert [scores.shape for scores in result.scores] == [(2, 2, repeats.HEADS)] * 3
    assert len(result.model.attention) == 2
    assert "Training: " in capsys.readouterr().out


@pytest.mark.exhaustive
def test_two_layers_grow_an_induction_head_and_one_cannot(capsys):
    result = repeats.train()
    one, two = result.accuracy
    assert max(one) < 0.35
    assert two[-1] >= 0.95
    after, before = result.scores[-1]
    assert before[0].max() > 0.85
    assert after[1].max() > 0.85
    assert after[0].max() < 0.1
    _, rises = repeats.losses_without(result)
    assert rises["0"].argmax() == before[0].argmax()  # of layer 0, the head that looks one back
    assert rises["0"].max() > 2.0
