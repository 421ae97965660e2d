"""A program's source is what a student would type, whichever way it was stated."""
# ruff: noqa: F811

import keras
import pytest

from autograder.exercises import EXERCISES, program_source
from solutions import attention


def collect(program):
    COLLECTED.append(program)
    return program


COLLECTED = []


@collect
class Twice:
    def call(self):
        return 1


@collect
class Twice:
    def call(self):
        return 2


@collect
class SelfAttention(attention.SelfAttention):
    def call(self, x):
        return x

    def compute_output_shape(self, x_shape):
        return x_shape


@collect
class SelfAttention(keras.layers.Layer):
    def call(self, x):
        return x


def test_a_function_comes_without_its_decorators():
    program = EXERCISES["attention.scale"].misconceptions[0].program
    assert program_source(program) == "def scale_scores(scores, query):\n    return scores\n"


@pytest.mark.parametrize("number", [1, 2])
def test_each_of_two_classes_of_one_name_has_its_own_source(number):
    expected = f"class Twice:\n    def call(self):\n        return {number}\n"
    assert program_source(COLLECTED[number - 1]) == expected


def test_methods_take_the_place_of_those_of_the_reference():
    source = program_source(COLLECTED[2])
    reference = program_source(attention.SelfAttention)
    before, after = reference.split("    def call(self, x):\n")
    assert source.startswith(
        f"{before}    def call(self, x):\n        return x\n\n    def get_config"
    )
    assert source.endswith("    def compute_output_shape(self, x_shape):\n        return x_shape\n")
    assert "scaled_dot_product_attention" in after
    assert "scaled_dot_product_attention" not in source


def test_a_class_of_its_own_is_left_as_it_is():
    assert program_source(COLLECTED[3]) == (
        "class SelfAttention(keras.layers.Layer):\n    def call(self, x):\n        return x\n"
    )
