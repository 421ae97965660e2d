import pytest
from keras.layers import Layer

from autograder.exercises import Exercise


def exercise(**change):
    return Exercise(
        **{"id": "a.b", "title": "", "kind": "function", "points": 1, "reference": len, **change}
    )


def test_another_kind_is_an_error():
    with pytest.raises(ValueError, match=r"a.b: kind must be one of .* Received: 'essay'"):
        exercise(kind="essay")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "training"},
        {"kind": "training", "attachment": "training.npz"},
        {"kind": "training", "model": Layer},
        {"kind": "layer", "attachment": "training.npz"},
        {"kind": "layer", "model": Layer},
    ],
)
def test_a_training_and_nothing_else_has_an_attachment_and_a_model(change):
    with pytest.raises(ValueError, match=r"a training, and nothing else, has an attachment and a"):
        exercise(**change)


def test_a_training_has_no_cases():
    training = exercise(kind="training", attachment="training.npz", model=Layer)
    assert training.visible() == training.hidden(None) == []
