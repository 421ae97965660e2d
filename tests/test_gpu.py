"""What only a GPU can show: lessons use it without an edit, and it computes the same."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from autograder.exercises import EXERCISES
from course import device
from course.training.budget import BUDGETS, choose_budget
from course.training.run import train
from solutions.training import PairBatches, fit
from solutions.transformer import Transformer
from tests.autograder.exercises.running import verdict_on_program

pytestmark = pytest.mark.gpu


def test_lessons_take_it_and_its_budget():
    assert device.kind() == "GPU"
    assert choose_budget() is BUDGETS["GPU"]


def test_the_model_computes_there_what_the_processor_does():
    inputs = {"source": np.array([[5, 6, 7, 0]]), "target": np.array([[1, 8, 9]])}
    keras.utils.set_random_seed(0)
    with keras.device("cpu"):
        model = Transformer(11, 64, 2, 4, 128)
        expected = keras.ops.convert_to_numpy(model(inputs))
    there = Transformer(11, 64, 2, 4, 128)
    there(inputs)
    there.set_weights(model.get_weights())
    # products of a GPU may be rounded to TensorFloat-32, which keeps 10 bits of a number
    np.testing.assert_allclose(keras.ops.convert_to_numpy(there(inputs)), expected, atol=1e-2)


def test_a_training_by_its_budget_learns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    budget = replace(BUDGETS["GPU"], steps=100, round_steps=50, warmup_steps=20)
    _, history = train(fit, Transformer, PairBatches, budget=budget, resume=False)
    first, last = (look["loss"] for look in (history[0], history[-1]))
    assert last < first


@pytest.mark.parametrize("name", ["attention.scaled_dot_product", "transformer.model"])
def test_a_check_passes_as_it_does_on_the_processor(name):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, exercise.reference, seed=None).passed
