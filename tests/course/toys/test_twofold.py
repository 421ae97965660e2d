import numpy as np
import pytest

from course.toys import twofold
from solutions.multihead import MultiHeadAttention


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(twofold, "STEPS", 4)
    monkeypatch.setattr(twofold, "ROUND", 2)


def test_a_question_names_two_keys_of_its_sequence():
    some = twofold.draw(50, np.random.default_rng(1))
    for row in range(50):
        cells = some.cells(row)
        assert len({cell[0] for cell in cells}) == twofold.PAIRS
        first, second = some.question(row).removesuffix("?").split(", ")
        assert first != second
        found = [next(cell for cell in cells if cell[0] == key) for key in (first, second)]
        assert [int(cell[1]) for cell in found] == some.answers[row].tolist()
        assert [cells.index(cell) for cell in found] == some.places[row].tolist()


@pytest.mark.parametrize("layer", [None, MultiHeadAttention(num_heads=2, head_dim=5)])
def test_a_layer_of_keras_and_one_of_a_student_are_trained_and_looked_into(
    few_steps, capsys, layer
):
    result = twofold.train(layer)
    assert result.names == (["yours"] if layer else ["one head", "two heads"])
    assert result.steps == [0, 2, 4]
    assert [len(accuracy) for accuracy in result.accuracy] == [3] * len(result.names)
    assert result.weights.shape == (500, 2, twofold.PAIRS)
    np.testing.assert_allclose(result.weights.sum(axis=-1), 1.0, rtol=1e-5)
    assert "Training: " in capsys.readouterr().out


def test_both_layers_have_the_same_number_of_weights():
    layers = [twofold._Keras(1), twofold._Keras(2)]
    for layer in layers:
        layer.build((None, 1, twofold.WIDTH), (None, twofold.PAIRS, twofold.WIDTH))
    assert len({layer.count_params() for layer in layers}) == 1


@pytest.mark.exhaustive
def test_two_heads_share_the_work_and_one_cannot_do_it(capsys):
    result = twofold.train()
    one, two = result.accuracy
    assert max(one) < 0.3
    assert two[-1] >= 0.99
    shares = [
        np.take_along_axis(result.weights[:, h], result.sequences.places, axis=1).mean(axis=0)
        for h in (0, 1)
    ]
    assert {int(np.argmax(share)) for share in shares} == {0, 1}
    assert min(share.max() for share in shares) > 0.9
