"""Lesson 03 against NumPy in float64, Keras' own layers and numbers worked by hand."""

import doctest
import math

import keras
import numpy as np
import pytest
from keras import ops

from solutions import attention
from tests.solutions.values import close

B, T, S, D_MODEL, D_K, D_V = 2, 3, 5, 7, 4, 6
LEADING = pytest.mark.parametrize("leading", [(), (B,), (B, 8)], ids=["table", "batch", "heads"])
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)
SAT = {
    "score": [0.3, 2.1, 1.2, 1.6, 1.8],
    "scaled": [0.0375, 0.2625, 0.15, 0.2, 0.225],
    "exp": [1.0382, 1.3002, 1.1618, 1.2214, 1.2523],
    "weight": [0.1738, 0.2176, 0.1945, 0.2045, 0.2096],
}
SAT_VALUES = [
    [0.1, 0.0, 0.2, 0.0],
    [0.6, 0.1, 0.3, 0.5],
    [0.2, 0.8, 0.4, 0.1],
    [0.3, 0.3, 0.2, 0.4],
    [0.4, 0.2, 0.1, 0.6],
]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def inputs(rng, leading, dtype="float32"):
    shapes = ((*leading, T, D_K), (*leading, S, D_K), (*leading, S, D_V))
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def softmax64(x, axis=-1):
    exponentials = np.exp(np.asarray(x, "float64"))
    return exponentials / exponentials.sum(axis, keepdims=True)


def attention64(query, key, value):
    """The formula in float64, one query at a time."""
    query, key, value = (np.asarray(x, "float64") for x in (query, key, value))
    if query.ndim > 2:
        parts = [attention64(*rows) for rows in zip(query, key, value, strict=True)]
        return tuple(np.stack(part) for part in zip(*parts, strict=True))
    rows = [softmax64([q @ k / math.sqrt(len(q)) for k in key]) for q in query]
    return np.stack([row @ value for row in rows]), np.stack(rows)


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(attention)
    assert result.attempted > 10
    assert result.failed == 0


@LEADING
def test_scores_are_all_dot_products(rng, leading):
    query, key, _ = inputs(rng, leading)
    expected = np.einsum("...td,...sd->...ts", query.astype("float64"), key)
    close(attention.dot_product_scores(query, key), expected)


def test_scaled_scores_have_the_variance_of_one_product(rng):
    for width in (16, 256):
        query, key = rng.normal(size=(2, 300, width)).astype("float32")
        scores = attention.scale_scores(attention.dot_product_scores(query, key), query)
        assert np.var(ops.convert_to_numpy(scores)) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_softmax_along_any_axis(rng, axis):
    x = rng.normal(size=(2, 3, 5)).astype("float32")
    close(attention.softmax(ops.array(x), axis=axis), softmax64(x, axis))


@pytest.mark.parametrize("shift", [-30_000.0, -1000.0, 1000.0, 30_000.0])
def test_softmax_does_not_feel_a_shift(rng, shift):
    x = np.round(rng.normal(size=(3, 5)) * 8) / 8  # exact beside the largest shift
    close(attention.softmax(ops.array(x + shift, "float32")), softmax64(x))


def test_softmax_of_infinities_is_their_limit():
    close(attention.softmax(ops.array([-np.inf, 0.0, 0.0])), [0.0, 0.5, 0.5])


@LEADING
def test_attention_against_numpy(rng, leading):
    query, key, value = inputs(rng, leading)
    output, weights = attention.scaled_dot_product_attention(query, key, value)
    expected = attention64(query, key, value)
    close(output, expected[0])
    close(weights, expected[1])


@LEADING
def test_attention_in_float16(rng, leading):
    query, key, value = inputs(rng, leading, "float16")
    output, weights = attention.scaled_dot_product_attention(query, key, value)
    assert {keras.backend.standardize_dtype(x.dtype) for x in (output, weights)} == {"float16"}
    expected = attention64(query, key, value)
    close(output, expected[0], 1e-2)
    close(weights, expected[1], 1e-2)


def test_attention_against_keras_attention(rng):
    query, key, value = inputs(rng, (B,))
    oracle = keras.layers.Attention()  # dot products without a scale
    scaled = query / np.float32(math.sqrt(D_K))
    expected = oracle([scaled, value, key], return_attention_scores=True)
    received = attention.scaled_dot_product_attention(query, key, value)
    for left, right in zip(received, expected, strict=True):
        close(left, ops.convert_to_numpy(right))


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="Keras' layer fails there where d_k and d_v differ"
)
def test_self_attention_against_keras_multi_head_attention(rng):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    layer = attention.SelfAttention(D_K, D_V)
    received = layer(x)
    oracle = keras.layers.MultiHeadAttention(
        num_heads=1, key_dim=D_K, value_dim=D_V, use_bias=False, output_shape=D_V
    )
    oracle(x, x)
    projections = layer.projections
    kernels = [
        part.kernel.numpy() for part in (projections.query, projections.key, projections.value)
    ]
    identity = np.eye(D_V, dtype="float32")[None]
    oracle.set_weights([*(kernel[:, None, :] for kernel in kernels), identity])
    close(received, ops.convert_to_numpy(oracle(x, x)))


def test_the_sat_example_by_hand():
    """Scores through d_k = 64; the numbers were worked with a pencil."""
    query, key = np.zeros((1, 64), "float32"), np.zeros((5, 64), "float32")
    query[0, 0], key[:, 0] = 1.0, SAT["score"]
    close(attention.dot_product_scores(query, key), [SAT["score"]])
    close(attention.scale_scores(np.array([SAT["score"]], "float32"), query), [SAT["scaled"]])
    output, weights = attention.scaled_dot_product_attention(
        query, key, np.array(SAT_VALUES, "float32")
    )
    close(weights, [SAT["weight"]], 5e-5)
    close(output, [[0.3320, 0.2806, 0.2397, 0.3358]], 5e-5)


@pytest.mark.parametrize(
    ("changes", "column", "correct"),
    [
        ({}, "none", SAT["weight"]),
        ({"weight": [0.157, 0.197, 0.176, 0.185, 0.192]}, "weight", SAT["weight"]),
        ({"weight": [0.2176, 0.1738, 0.1945, 0.2045, 0.2096]}, "weight", SAT["weight"]),
        ({"exp": [1.0, 1.3, 1.16, 1.22, 1.25], "weight": [0.2] * 5}, "exp", SAT["exp"]),
        ({"scaled": [0.0047, 0.0328, 0.0188, 0.025, 0.0281]}, "scaled", SAT["scaled"]),
        ({"exp": [1.04, 1.3, 1.16, 1.22, 1.25]}, "none", SAT["weight"]),
    ],
)
def test_find_error_in_the_sat_table(changes, column, correct):
    table = {name: ops.array(numbers) for name, numbers in {**SAT, **changes}.items()}
    found, right = attention.find_error(table, 64)
    assert found == column
    close(right, correct, 1e-3)


def test_values_of_one_give_one(rng):
    query, key, value = inputs(rng, (B,))
    close(attention.scaled_dot_product_attention(query, key, np.ones_like(value))[0], 1.0)


def test_self_attention_is_permutation_equivariant(rng):
    x = rng.normal(size=(B, S, D_MODEL)).astype("float32")
    layer, order = attention.SelfAttention(D_K, D_V), rng.permutation(S)
    close(layer(x[:, order]), ops.convert_to_numpy(layer(x))[:, order])


def test_self_attention_keeps_sequences_apart(rng):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    layer = attention.SelfAttention(D_K, D_V)
    close(layer(x)[:1], ops.convert_to_numpy(layer(x[:1])))


@ON_TENSORFLOW
@LEADING
def test_functions_compile(rng, leading):
    import tensorflow as tf

    query, key, value = map(tf.constant, inputs(rng, leading))
    compiled = tf.function(attention.scaled_dot_product_attention, jit_compile=True)
    for left, right in zip(
        compiled(query, key, value), attention64(query, key, value), strict=True
    ):
        close(left, right)


@ON_TENSORFLOW
def test_the_slope_of_softmax_is_its_jacobian(rng):
    import tensorflow as tf

    x = tf.constant(rng.normal(size=S), "float32")
    with tf.GradientTape() as tape:
        tape.watch(x)
        weights = attention.softmax(x)
    w = softmax64(x)
    close(tape.jacobian(weights, x), np.diag(w) - np.outer(w, w))


def test_projections_keep_the_contract_of_a_layer(rng, assert_layer_contract):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    assert_layer_contract(attention.Projections, {"key_dim": D_K, "value_dim": D_V}, x)


def test_self_attention_keeps_the_contract_of_a_layer(rng, assert_layer_contract):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    assert_layer_contract(attention.SelfAttention, {"key_dim": D_K, "value_dim": D_V}, x)
