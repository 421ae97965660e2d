"""Lesson 03: mistakes as strangers write them, shortcuts, and tables with a wrong column."""

import numpy as np
import pytest

from autograder.exercises import EXERCISES
from autograder.exercises.attention import find_error
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from tests.autograder.exercises.running import verdict_on_program

FORMULA = EXERCISES["attention.scaled_dot_product"]
TABLE = EXERCISES["attention.find_error"]
WHOLE = """
from keras import ops
import math

def scaled_dot_product_attention(query, key, value):
    scores = ops.einsum("...ij,...kj->...ik", query, key)
    {scale}
    weights = ops.softmax(scores, axis={axis})
    return ops.matmul(weights, value), weights
"""
STRANGERS = {
    "softmax over the queries": ("scores /= math.sqrt(key.shape[-1])", -2, "softmax-over-queries"),
    "no scale": ("pass", -1, "missing-scale"),
    "d_k": ("scores = scores / key.shape[-1]", -1, "scale-by-d-k"),
    "width of the values": (
        "scores /= math.sqrt(value.shape[-1])", -1, "scale-by-d-model-of-values",
    ),
    "512": ("scores = scores / 512**0.5", -1, "scale-by-d-model-of-the-paper"),
    "heads times d_k": (
        "scores /= math.sqrt(query.shape[-1] * (query.shape[1] if query.ndim == 4 else 1))",
        -1, "scale-by-d-model",
    ),
    "nothing wrong": ("scores *= query.shape[-1] ** -0.5", -1, None),
}  # fmt: skip


@pytest.mark.parametrize(("scale", "axis", "name"), STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_s_mistake_is_named(scale, axis, name):
    namespace = {}
    exec(WHOLE.format(scale=scale, axis=axis), namespace)
    verdict = verdict_on_program(FORMULA, namespace[FORMULA.name])
    assert verdict.passed if name is None else verdict.diagnosis["id"] == name


@pytest.mark.parametrize(
    ("exercise", "source"),
    [
        ("attention.softmax", "def softmax(x, axis=-1):\n    return ops.softmax(x, axis)"),
        ("attention.softmax", "def softmax(x, axis=-1):\n    return keras.ops.nn.softmax(x, axis)"),
        ("attention.softmax", "from keras.ops import softmax as mine\nsoftmax = mine"),
        ("attention.softmax", "def softmax(x, axis=-1):\n    return keras.layers.Softmax(axis)(x)"),
        ("attention.softmax", "f = keras.activations.get('softmax')"),
        ("attention.softmax", "f = keras.layers.Activation('softmax')"),
        ("attention.softmax", "def f(x, axis):\n    return ops.exp(x - ops.logsumexp(x, axis))"),
        ("attention.scaled_dot_product", "f = keras.layers.Attention()"),
        (
            "attention.scaled_dot_product",
            "def f(q, k, v):\n    return ops.dot_product_attention(q)",
        ),
        ("attention.self_attention", "from keras.layers import MultiHeadAttention as Head"),
        ("attention.self_attention", "f = keras.layers.GroupQueryAttention(2, 1, 1)"),
    ],
)
def test_a_shortcut_is_found(exercise, source):
    assert len(forbidden_uses(source, EXERCISES[exercise].forbidden)) == 1


@pytest.mark.parametrize(
    ("exercise", "source"),
    [
        ("attention.softmax", "def softmax(x, axis=-1):\n    return softmax(x)  # not ops.softmax"),
        ("attention.scaled_dot_product", "weights = softmax(scores) + ops.softmax(scores)"),
        ("attention.self_attention", "output, _ = scaled_dot_product_attention(q, k, v)"),
        ("attention.self_attention", "class SelfAttention(keras.layers.Layer):\n    pass"),
    ],
)
def test_an_honest_name_is_no_shortcut(exercise, source):
    assert forbidden_uses(source, EXERCISES[exercise].forbidden) == []


@pytest.mark.parametrize("column", ["scaled", "exp", "weight", "none"])
def test_a_constant_answer_finds_no_error(column):
    weights = np.array([0.1738, 0.2176, 0.1945, 0.2045, 0.2096], "float32")
    assert verdict_on_program(TABLE, lambda table, d_k: (column, weights)).points == 0


@pytest.mark.parametrize(
    "answer",
    [
        lambda table, d_k: ("scaled", table["score"] / d_k**0.5),
        lambda table, d_k: ("exp", np.exp(table["scaled"])),
        lambda table, d_k: ("weight", table["exp"] / np.sum(table["exp"])),
        lambda table, d_k: ("none", table["exp"] / np.sum(table["exp"])),
    ],
    ids=["scaled", "exp", "weight", "none"],
)
def test_to_recompute_one_column_blindly_earns_less_than_half(answer):
    for seed in range(3):
        assert verdict_on_program(TABLE, answer, seed).points < TABLE.points / 2


def test_a_column_is_plainly_wrong_or_right_to_rounding():
    seen = set()
    for seed in range(200):
        for case in find_error.visible() + find_error.hidden(np.random.default_rng(seed)):
            table, d_k = case.calls[0].args
            off = {
                column: float(np.max(np.abs(table[column] - rule(table, d_k))))
                for column, rule in find_error.RIGHT.items()
            }
            assert all(size < 0.001 or size > 0.02 for size in off.values()), (case.name, off)
            seen.add(tuple(column for column, size in off.items() if size > 0.02))
    assert seen >= {(), ("scaled",), ("exp",), ("weight",), ("scaled", "weight"), ("exp", "weight")}


def test_the_table_in_circulation_sums_to_0_907():
    case = next(case for case in TABLE.visible() if case.name == "the cat sat on the mat")
    table, d_k = case.calls[0].args
    assert d_k == 64
    assert table["weight"].sum() == pytest.approx(0.907, abs=1e-6)
    assert table["exp"].sum() == pytest.approx(5.974, abs=5e-4)
    outcome = probe(TABLE.reference, case)
    column, correct = outcome["values"]["output"]
    assert column == "weight"
    assert correct.round(4).tolist() == pytest.approx([0.1738, 0.2176, 0.1945, 0.2045, 0.2096])


def test_the_worked_example_of_the_formula():
    case = FORMULA.visible()[0]
    output, weights = probe(FORMULA.reference, case)["values"]["output"]
    assert output.round(4).tolist() == [pytest.approx([0.3320, 0.2806, 0.2397, 0.3358])]
    assert weights.round(4).tolist() == [pytest.approx([0.1738, 0.2176, 0.1945, 0.2045, 0.2096])]
