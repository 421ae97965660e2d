"""Lesson 11, tiles: against PyTorch, NumPy in float64, the plain attention and hand numbers."""

import doctest
import math

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.memory import largest_array
from solutions import flash
from solutions.attention import scaled_dot_product_attention
from solutions.flash import online_softmax, tiled_attention
from solutions.masking import causal_mask, masked_attention, padding_mask
from tests.solutions.values import array, close, stored

B, T, S, D_K, D_V = 2, 11, 14, 5, 3
TILES = (1, 3, 4, 7, 11, 14, 100)
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)
COMPILED = pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="its compiler takes minutes on a CPU"
)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture(scope="module")
def torch_values():
    return stored("flash")


def inputs(rng, *leading, scale=1.0):
    shapes = (*leading, T, D_K), (*leading, S, D_K), (*leading, S, D_V)
    return [ops.array(scale * rng.normal(size=shape), "float32") for shape in shapes]


def attention64(query, key, value, allowed=None):
    """Attention in float64; rows that may see nothing are 0."""
    query, key, value = (array(x).astype("float64") for x in (query, key, value))
    scores = query @ np.swapaxes(key, -1, -2) / math.sqrt(query.shape[-1])
    allowed = np.broadcast_to(True if allowed is None else allowed, scores.shape)
    highest = np.where(allowed, scores, -np.inf).max(axis=-1, keepdims=True)
    weights = np.where(allowed, np.exp(np.where(allowed, scores - highest, 0.0)), 0.0)
    return weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1.0) @ value


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(flash)
    assert result.attempted >= 4
    assert result.failed == 0


def test_online_softmax_by_hand():
    scores = np.log([2.0, 8.0, 4.0, 16.0, 4.0]).astype("float32")
    maximum, total = online_softmax(ops.array(scores), 2)
    close(ops.exp(maximum), [8.0, 16.0, 16.0])
    close(total, [1.25, 1.875, 2.125])


def test_online_softmax_against_torch(torch_values):
    maximum, total = online_softmax(ops.array(torch_values["scores"], "float32"), 4)
    close(maximum, torch_values["maximum"])
    close(total, torch_values["total"])


@pytest.mark.parametrize("tile_size", TILES)
def test_the_last_of_the_running_numbers_give_keras_softmax(rng, tile_size):
    scores = ops.array(rng.normal(size=(2, 3, 14)) * 4, "float32")
    maximum, total = online_softmax(scores, tile_size)
    assert tuple(maximum.shape) == tuple(total.shape) == (2, 3, -(-14 // tile_size))
    weights = ops.exp(scores - maximum[..., -1:]) / total[..., -1:]
    close(weights, array(ops.softmax(scores)))


@pytest.mark.parametrize("offset", [1000.0, -1000.0])
def test_an_offset_of_all_scores_changes_no_sum(rng, offset):
    scores = np.round(rng.normal(size=(2, 9)), 2).astype("float32")
    _, total = online_softmax(ops.array(scores), 4)
    maximum, moved = online_softmax(ops.array(scores + np.float32(offset)), 4)
    close(moved, array(total), 1e-3)  # steps of 2^-14 near 1000
    assert np.isfinite(array(maximum)).all()


@pytest.mark.parametrize("tile_size", [2, 4, 11, 64])
@pytest.mark.parametrize("kind", ["plain", "causal", "padded"])
def test_attention_against_torch(torch_values, kind, tile_size):
    tensors = [ops.array(torch_values[name], "float32") for name in ("query", "key", "value")]
    options = {
        "plain": {},
        "causal": {"causal": True},
        "padded": {"mask": ops.array(torch_values["mask"])},
    }
    output = tiled_attention(*tensors, **options[kind], tile_size=tile_size)
    close(output, torch_values[f"{kind}_output"])


@ON_TENSORFLOW
@pytest.mark.parametrize("kind", ["plain", "causal", "padded"])
def test_gradients_against_torch(torch_values, kind):
    import tensorflow as tf

    names = ("query", "key", "value")
    tensors = [tf.constant(torch_values[name], "float32") for name in names]
    mask = tf.constant(torch_values["mask"]) if kind == "padded" else None
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        output = tiled_attention(*tensors, mask=mask, causal=kind == "causal", tile_size=4)
        total = tf.reduce_sum(output * torch_values["slope"].astype("float32"))
    for name, gradient in zip(names, tape.gradient(total, tensors), strict=True):
        close(gradient, torch_values[f"{kind}_{name}_gradient"], 1e-4)  # sums over all outputs


@pytest.mark.parametrize("tile_size", TILES)
@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_attention_is_that_of_lesson_3(rng, leading, tile_size):
    some = inputs(rng, *leading)
    expected, _ = scaled_dot_product_attention(*some)
    close(tiled_attention(*some, tile_size=tile_size), array(expected))


@pytest.mark.parametrize("tile_size", TILES)
def test_masked_attention_is_that_of_lesson_4(rng, tile_size):
    some = inputs(rng, B)
    ids = np.array([[0] * 8 + [5] * 6, [3] * 13 + [0]])
    padding = padding_mask(ops.array(ids))
    expected, _ = masked_attention(*some, padding)
    close(tiled_attention(*some, mask=padding, tile_size=tile_size), array(expected))
    square = [some[0], some[1][:, :T], some[2][:, :T]]
    expected, _ = masked_attention(*square, causal_mask(T))
    close(tiled_attention(*square, causal=True, tile_size=tile_size), array(expected))


@pytest.mark.parametrize("tile_size", TILES)
def test_causal_and_padded_at_once_against_numpy(rng, tile_size):
    some = inputs(rng, B)
    mask = np.arange(S) >= np.array([6, 0])[:, None, None]  # the first queries of 0 see nothing
    past = np.arange(T)[:, None] >= np.arange(S)
    output = tiled_attention(*some, mask=ops.array(mask), causal=True, tile_size=tile_size)
    close(output, attention64(*some, mask & past))
    close(output[0, :6], np.zeros((6, D_V)), 0.0)


def test_a_mask_broadcasts_over_heads(rng):
    some = inputs(rng, 2, 3)
    mask = np.arange(S) < np.array([9, 14])[:, None, None, None]
    output = tiled_attention(*some, mask=ops.array(mask), tile_size=4)
    close(output, attention64(*some, mask))


def test_attention_by_hand():
    key = ops.array(np.log([[2.0], [8.0], [4.0], [16.0], [4.0]]), "float32")
    value = ops.array([[0.0], [3.0], [1.0], [2.0], [2.0]])
    close(tiled_attention(ops.ones((1, 1)), key, value, tile_size=2), [[2.0]])


def test_large_scores_and_a_long_row(rng):
    some = inputs(rng, B, scale=60.0)
    close(tiled_attention(*some, tile_size=4), attention64(*some), 1e-2)  # scores above 10,000
    ones = ops.zeros((1, 2)), ops.zeros((3000, 2)), ops.ones((3000, 1))
    close(tiled_attention(*ones, tile_size=512), [[1.0]])


def test_padding_changes_nothing_whatever_it_holds(rng):
    query, key, value = inputs(rng, B)
    mask = ops.array(np.arange(S) < np.array([9, 12])[:, None, None])
    before = array(tiled_attention(query, key, value, mask, tile_size=4))
    hidden = ~np.swapaxes(array(mask), -1, -2)
    other = [ops.array(np.where(hidden, 50.0, array(x)), "float32") for x in (key, value)]
    close(tiled_attention(query, *other, mask, tile_size=4), before)


def test_the_future_changes_no_output(rng):
    query, key, value = inputs(rng, B)
    before = array(tiled_attention(query, key, value, causal=True, tile_size=4))
    for t in range(T - 1):
        future = np.arange(S)[None, :, None] > t
        other = [ops.array(np.where(future, 9.0, array(x)), "float32") for x in (key, value)]
        after = array(tiled_attention(query, *other, causal=True, tile_size=4))
        np.testing.assert_array_equal(after[:, : t + 1], before[:, : t + 1])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_the_type_of_the_query_is_kept_and_sums_are_precise(rng, dtype):
    halves = [ops.cast(x, dtype) for x in inputs(rng, B)]
    output = tiled_attention(*halves, tile_size=4)
    assert keras.backend.standardize_dtype(output.dtype) == dtype
    expected = attention64(*(ops.cast(x, "float32") for x in halves))
    step = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-5}[dtype]  # of the last rounding
    close(ops.cast(output, "float32"), expected, step)
    ones = [ops.ones(shape, dtype) for shape in ((1, 2), (5000, 2), (5000, 1))]
    close(ops.cast(tiled_attention(*ones, tile_size=8), "float32"), [[1.0]], step)


@ON_TENSORFLOW
def test_float64_stays_float64(rng):
    some = [rng.normal(size=shape) for shape in ((T, D_K), (S, D_K), (S, D_V))]
    output = tiled_attention(*some, causal=True, tile_size=4)
    assert output.dtype == "float64"
    close(output, attention64(*some, np.arange(T)[:, None] >= np.arange(S)), 1e-13)


def test_no_array_is_larger_than_the_input():
    n, tile = 64, 8
    some = [ops.ones((n, 4))] * 3
    assert math.prod(largest_array(tiled_attention, some, {"tile_size": tile})) <= n * 4
    plain = largest_array(scaled_dot_product_attention, some, {})
    assert math.prod(plain) == n * n


@COMPILED
@pytest.mark.parametrize("causal", [False, True])
def test_it_compiles_with_known_lengths_and_an_unknown_batch(rng, causal):
    some = inputs(rng, B)
    mask = np.arange(S) < np.array([9, 14])[:, None, None]
    symbols = [keras.Input(x.shape[1:]) for x in some]
    allowed = keras.Input((1, S), dtype="bool")
    output = tiled_attention(*symbols, mask=allowed, causal=causal, tile_size=4)
    model = keras.Model([*symbols, allowed], output)
    model.compile(jit_compile=True)
    expected = array(tiled_attention(*some, ops.array(mask), causal=causal, tile_size=4))
    close(model.predict_on_batch([*map(array, some), mask]), expected)


LONG = ops.ones((2, 8, 4))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: online_softmax(ops.ones((2, 5)), 0), "tile_size=0"),
        (lambda: online_softmax(ops.ones((2, 0)), 3), r"at least 1.*\(2, 0\)"),
        (lambda: online_softmax(ops.array(1.0), 3), r"known number.*\(\)"),
        (lambda: online_softmax(keras.Input((None,)), 3), r"known number.*\(None, None\)"),
        (lambda: tiled_attention(LONG, LONG, LONG, tile_size=0), "tile_size=0"),
        (lambda: tiled_attention(ops.ones((2, 0, 4)), LONG, LONG), r"known lengths.*\(2, 0, 4\)"),
        (lambda: tiled_attention(LONG, ops.ones((2, 0, 4)), ops.ones((2, 0, 4))), r"\(2, 0, 4\)"),
        (lambda: tiled_attention(keras.Input((None, 4)), LONG, LONG), r"\(None, None, 4\)"),
        (lambda: tiled_attention(ops.ones((4,)), LONG, LONG), r"shapes \[\(4,\)"),
        (lambda: tiled_attention(LONG, LONG, ops.ones((2, 9, 4))), r"the same.*\(2, 9, 4\)"),
        (lambda: tiled_attention(LONG, LONG, LONG, ops.ones((2, 8, 8), "bool")), r"1, 8.*2, 8, 8"),
        (lambda: tiled_attention(LONG, LONG, LONG, ops.ones((2, 1, 7), "bool")), r"1, 8.*2, 1, 7"),
        (lambda: tiled_attention(LONG, LONG, LONG, ops.ones((2, 1, 8))), "boolean.*float32"),
        (lambda: tiled_attention(LONG, LONG, LONG, ops.ones((2, 1, 8), "int32")), "int32"),
        (lambda: tiled_attention(LONG, LONG, LONG, ops.ones((8,), "bool")), r"boolean.*\(8,\)"),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_batch_of_one_and_none_for_a_mask(rng):
    some = inputs(rng, 1)
    close(tiled_attention(*some, mask=None, tile_size=4), attention64(*some))
