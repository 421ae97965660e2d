"""Lesson 05 against PyTorch, Keras' own layer, NumPy in float64 and numbers worked by hand."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import multihead
from solutions.masking import causal_mask, padding_mask, sees_future
from solutions.multihead import (
    CrossAttention,
    MultiHeadAttention,
    count_parameters,
    merge_heads,
    split_heads,
)
from tests.solutions.values import array, close, stored

B, T, S, D_MODEL, D_SOURCE, H = 2, 4, 5, 6, 7, 3
GRADIENT = 1e-4  # a gradient sums over all outputs, in float32
ROLES = ("query", "key", "value", "output")
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def torch_values():
    return stored("multihead")


def inputs(rng, width=D_MODEL, source_width=D_SOURCE):
    query, value = rng.normal(size=(B, T, width)), rng.normal(size=(B, S, source_width))
    return query.astype("float32"), value.astype("float32")


def allowed(rng):
    mask = rng.random((B, T, S)) < 0.5
    mask[..., 2] = True  # no row is empty: there Keras' paths differ
    return mask


def kernels(layer):
    return [getattr(layer, f"{role}_projection").kernel.numpy() for role in ROLES]


def attention64(query, value, matrices, heads, mask):
    """Head by head and query by query, in float64: output and weights."""
    q, k, v, out = (np.asarray(matrix, "float64") for matrix in matrices)
    width = q.shape[1] // heads
    output = np.zeros((*query.shape[:2], out.shape[1]))
    weights = np.zeros((len(query), heads, query.shape[1], value.shape[1]))
    for b, h, t in np.ndindex(weights.shape[:3]):
        own = slice(h * width, (h + 1) * width)
        scores = (value[b] @ k[:, own]) @ (query[b, t] @ q[:, own]) / np.sqrt(width)
        shares = np.where(mask[b, t], np.exp(scores), 0.0)
        weights[b, h, t] = shares / shares.sum()
        output[b, t] += weights[b, h, t] @ value[b] @ v[:, own] @ out[own]
    return output, weights


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(multihead)
    assert result.attempted >= 5
    assert result.failed == 0


def test_split_and_merge_by_hand():
    x = np.array([[[1.1, 1.2, 1.3, 1.4], [2.1, 2.2, 2.3, 2.4], [3.1, 3.2, 3.3, 3.4]]])
    heads = [[[[1.1, 1.2], [2.1, 2.2], [3.1, 3.2]], [[1.3, 1.4], [2.3, 2.4], [3.3, 3.4]]]]
    close(split_heads(ops.array(x), 2), heads)
    close(merge_heads(ops.array(heads)), x)


@pytest.mark.parametrize(("heads", "width"), [(1, 12), (3, 4), (12, 1)])
def test_merge_undoes_split(rng, heads, width):
    x = rng.normal(size=(B, T, heads * width)).astype("float32")
    split = split_heads(x, heads)
    assert tuple(split.shape) == (B, heads, T, width)
    for h in range(heads):
        close(split[:, h], x[..., h * width : (h + 1) * width], 0.0)
    close(merge_heads(split), x, 0.0)


def test_an_empty_sequence_stays_empty():
    assert tuple(split_heads(ops.zeros((2, 0, 6)), 3).shape) == (2, 3, 0, 2)
    assert tuple(merge_heads(ops.zeros((2, 3, 0, 2))).shape) == (2, 0, 6)


@pytest.mark.parametrize("head_dim", [None, 5])
def test_attention_against_numpy(rng, head_dim):
    query, value = inputs(rng)
    mask = allowed(rng)
    layer = MultiHeadAttention(H, head_dim)
    received = layer(query, value, attention_mask=mask, return_weights=True)
    expected = attention64(query, value, kernels(layer), H, mask)
    for one, other in zip(received, expected, strict=True):
        close(one, other)


def test_attention_against_torch(torch_values):
    some = {name: values for name, values in torch_values.items() if name != "versions"}
    layer = MultiHeadAttention(H)
    query, value = (some[name].astype("float32") for name in ("query", "value"))
    layer.build(query.shape, value.shape)
    layer.set_weights([some[f"{name}_kernel"] for name in ("q", "k", "v", "out")])
    output, weights = layer(query, value, some["allowed"], return_weights=True)
    close(output, some["output"], 5e-5)  # outputs above 10, summed in float32
    close(weights, some["weights"])


@ON_TENSORFLOW
def test_gradients_against_torch(torch_values):
    import tensorflow as tf

    layer = MultiHeadAttention(H)
    query, value = (tf.constant(torch_values[name], "float32") for name in ("query", "value"))
    layer.build(query.shape, value.shape)
    layer.set_weights([torch_values[f"{name}_kernel"] for name in ("q", "k", "v", "out")])
    with tf.GradientTape() as tape:
        tape.watch(query)
        output = layer(query, value, tf.constant(torch_values["allowed"]))
        total = tf.reduce_sum(output * torch_values["slope"].astype("float32"))
    found = tape.gradient(total, [query, *(weight.value for weight in layer.trainable_weights)])
    for name, gradient in zip(("query", "q", "k", "v", "out"), found, strict=True):
        expected = torch_values[f"{name}_gradient"]
        close(gradient, expected, GRADIENT * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize("masked", [False, True])
def test_attention_against_keras(rng, masked):
    query, value = inputs(rng)
    mask = allowed(rng) if masked else None
    layer = MultiHeadAttention(H)
    received = layer(query, value, attention_mask=mask, return_weights=True)
    width = D_MODEL // H
    oracle = keras.layers.MultiHeadAttention(H, key_dim=width, use_bias=False)
    oracle(query, value)
    *three, out = kernels(layer)
    oracle.set_weights(
        [kernel.reshape(-1, H, width) for kernel in three] + [out.reshape(H, width, -1)]
    )
    expected = oracle(query, value, attention_mask=mask, return_attention_scores=True)
    for one, other in zip(received, expected, strict=True):
        close(one, array(other))


def test_the_output_is_the_sum_of_what_each_head_adds(rng):
    query, value = inputs(rng)
    layer = MultiHeadAttention(H)
    whole = array(layer(query, value))
    *three, out = kernels(layer)
    total = np.zeros_like(whole)
    for h in range(H):
        rows = np.zeros_like(out)
        rows[h * 2 : h * 2 + 2] = out[h * 2 : h * 2 + 2]  # d_k = 2
        layer.set_weights([*three, rows])
        total += array(layer(query, value))
    close(total, whole)


def test_merged_heads_times_w_o_by_hand():
    found, mixer = np.array([1.0, 2.0, 3.0, -1.0]), [[1, 0, 2], [0, 1, 1], [1, 1, -1], [2, 0, 1]]
    close(found @ mixer, [2.0, 5.0, 0.0])
    close(merge_heads(ops.reshape(ops.array(found), (1, 2, 1, 2))), [[found]])


def test_a_causal_mask_hides_the_future_from_all_heads(rng):
    x, _ = inputs(rng)
    layer = MultiHeadAttention(H)
    assert sees_future(lambda some: layer(some, some), ops.array(x))
    assert not sees_future(lambda some: layer(some, some, causal_mask(T)), ops.array(x))


def test_a_row_that_may_see_nothing_gets_0(rng):
    query, value = inputs(rng)
    mask = allowed(rng)
    mask[0, 1] = False
    output, weights = MultiHeadAttention(H)(query, value, mask, return_weights=True)
    close(output[0, 1], np.zeros(D_MODEL), 0.0)
    close(weights[0, :, 1], np.zeros((H, S)), 0.0)


def test_padding_of_the_source_changes_nothing(rng):
    x, source = inputs(rng)
    ids = np.array([[4, 5, 6, 7, 8], [4, 5, 6, 0, 0]])
    layer, mask = CrossAttention(H), padding_mask(ops.array(ids))
    before = array(layer(x, source, mask))
    other = np.where(ids[..., None] == 0, 9.0, source).astype("float32")
    close(layer(x, other, mask), before)
    longer = np.concatenate([source, rng.normal(size=(B, 2, D_SOURCE))], axis=1, dtype="float32")
    wider = padding_mask(ops.array(np.pad(ids, ((0, 0), (0, 2)))))
    close(layer(x, longer, wider), before)


def test_cross_attention_is_multi_head_attention_to_the_source(rng):
    x, source = inputs(rng)
    mask = allowed(rng)[:, :1]
    layer = CrossAttention(H)
    received = layer(x, source, source_mask=mask)
    expected, _ = attention64(
        x, source, kernels(layer.attention), H, np.broadcast_to(mask, (B, T, S))
    )
    close(received, expected)


def test_a_keras_mask_of_the_source_is_used(rng):
    x, source = inputs(rng)
    source[:, -1] = 0.0
    layer, mask = CrossAttention(H), np.ones((B, 1, S), bool)
    mask[..., -1] = False
    given = layer(x, source, source_mask=mask)
    close(layer(x, keras.layers.Masking()(source)), array(given))


def test_the_counts_of_gpt_3():
    assert count_parameters(d_model=12288, num_heads=96, head_dim=128, layers=96) == {
        "matrix": 1_572_864, "head": 6_291_456, "layer": 603_979_776, "model": 57_982_058_496
    }  # fmt: skip


@pytest.mark.parametrize(("d_model", "heads", "head_dim"), [(12, 3, 4), (10, 3, 7), (64, 1, 64)])
def test_counts_are_those_of_the_layer_and_of_keras(d_model, heads, head_dim):
    counts = count_parameters(d_model, heads, head_dim, layers=3)
    layer = MultiHeadAttention(heads, head_dim)
    oracle = keras.layers.MultiHeadAttention(heads, key_dim=head_dim, use_bias=False)
    for some in (layer, oracle):
        some.build((None, None, d_model), (None, None, d_model))
        assert some.count_params() == counts["layer"] == counts["model"] / 3
    assert counts["head"] == 4 * counts["matrix"] == 4 * d_model * head_dim


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split_heads(ops.ones((2, 5, 7)), 3), r"H=3.*\(2, 5, 7\)"),
        (lambda: split_heads(ops.ones((5, 6)), 3), r"\(B, T, H·d\).*\(5, 6\)"),
        (lambda: merge_heads(ops.ones((2, 5, 6))), r"\(B, H, T, d\).*\(2, 5, 6\)"),
        (
            lambda: MultiHeadAttention(3)(ops.ones((2, 4, 11)), ops.ones((2, 5, 6))),
            "num_heads=3, d_model=11",
        ),
        (lambda: CrossAttention(3)(ops.ones((2, 4, 11)), ops.ones((2, 5, 6))), "d_model=11"),
        (lambda: split_heads(ops.ones((2, 5, 6)), 0), "H=0"),
        (
            lambda: MultiHeadAttention(0)(ops.ones((2, 4, 6)), ops.ones((2, 5, 6))),
            "positive.*num_heads=0",
        ),
        (
            lambda: MultiHeadAttention(-2, 4)(ops.ones((2, 4, 6)), ops.ones((2, 5, 6))),
            "positive.*num_heads=-2",
        ),
        (lambda: CrossAttention(0)(ops.ones((2, 4, 6)), ops.ones((2, 5, 6))), "num_heads=0"),
        (
            lambda: MultiHeadAttention(3)(
                ops.ones((2, 4, 6)), ops.ones((2, 5, 6)), ops.ones((4, 5), dtype="bool")
            ),
            r"three axes.*\(4, 5\)",
        ),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_attention_keeps_the_contract_of_a_layer(rng, assert_layer_contract):
    assert_layer_contract(MultiHeadAttention, {"num_heads": H, "head_dim": 5}, *inputs(rng))


def test_cross_attention_keeps_the_contract_of_a_layer(rng, assert_layer_contract):
    assert_layer_contract(CrossAttention, {"num_heads": H}, *inputs(rng))
