"""Lesson 04 against PyTorch, Keras' own layers, NumPy in float64 and numbers worked by hand."""

import doctest

import keras
import numpy as np
import pytest
from keras import layers, ops

from solutions import masking
from solutions.masking import (
    causal_mask,
    combine_masks,
    masked_attention,
    masked_softmax,
    padding_mask,
    sees_future,
)
from tests.solutions.values import array, close, stored

B, T, S, D_K, D_V = 2, 4, 5, 6, 7
PRECISIONS = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-6}
if keras.backend.backend() != "jax":  # which computes in float32 at most, unless told otherwise
    PRECISIONS["float64"] = 1e-12
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)
# Keras reads tensors of PyTorch in NumPy 1's manner.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture(scope="module")
def torch_values():
    return stored("masking")


def inputs(rng):
    shapes = (B, T, D_K), (B, S, D_K), (B, S, D_V)
    return [ops.array(rng.normal(size=shape), dtype="float32") for shape in shapes]


def allowed(rng, empty=False):
    mask = rng.random((B, T, S)) < 0.5
    mask[..., 2] = True
    if empty:
        mask[:, 1] = False
    return mask


def softmax64(scores, mask):
    """Row by row, over the keys that are there, in float64."""
    weights = np.zeros(scores.shape)
    for place in np.ndindex(scores.shape[:-1]):
        keys = np.flatnonzero(mask[place])
        if len(keys):
            some = scores[place][keys].astype("float64")
            shares = np.exp(some - some.max())
            weights[place][keys] = shares / shares.sum()
    return weights


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(masking)
    assert result.attempted >= 12
    assert result.failed == 0


def test_padding_by_hand():
    mask = padding_mask(ops.array([[7, 3, 0, 0], [4, 0, 5, 1]]))
    assert array(mask).tolist() == [[[True, True, False, False]], [[True, False, True, True]]]
    assert array(padding_mask(ops.array([[0, 2, 1]]), pad=2)).tolist() == [[[True, False, True]]]
    assert keras.backend.standardize_dtype(mask.dtype) == "bool"


@pytest.mark.parametrize("length", [0, 1, 2, 7])
def test_the_causal_mask_is_the_lower_triangle(length):
    np.testing.assert_array_equal(array(causal_mask(length)), np.tri(length, dtype=bool)[None])


def test_half_of_the_pairs_and_half_of_the_diagonal_are_left():
    assert array(causal_mask(9)).sum() == 9 * 10 // 2


def test_masks_are_made_where_batch_and_length_are_unknown():
    ids = keras.Input((None,), dtype="int32")

    class Masks(layers.Layer):
        def call(self, ids):
            return combine_masks(padding_mask(ids), causal_mask(ops.shape(ids)[1]))

    model = keras.Model(ids, Masks()(ids))
    if keras.backend.backend() == "jax":
        pytest.skip("a length that is unknown while tracing cannot be counted up to in JAX")
    for some in ([[3, 4, 0]], [[3, 0, 0, 0], [1, 2, 3, 4]]):
        some = np.array(some)
        expected = (some != 0)[:, None] & np.tri(some.shape[1], dtype=bool)
        np.testing.assert_array_equal(array(model(some)), expected)


def test_combined_is_what_all_allow(rng):
    padding, drawn = rng.random((B, 1, S)) < 0.6, rng.random((1, T, S)) < 0.6
    third = rng.random((B, T, S)) < 0.6
    received = combine_masks(ops.array(padding), None, ops.array(drawn), ops.array(third))
    np.testing.assert_array_equal(array(received), padding & drawn & third)
    assert combine_masks() is None
    assert combine_masks(None, None) is None
    np.testing.assert_array_equal(array(combine_masks(None, padding)), padding)


def test_softmax_by_hand():
    scores = ops.array([[1.0, 2.0, 3.0]])
    received = masked_softmax(scores, ops.array([[True, True, False]]))
    close(received, [[0.26894, 0.73106, 0.0]], 5e-6)
    close(masked_softmax(scores), [[0.09003, 0.24473, 0.66524]], 5e-6)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_softmax_against_numpy_in_every_precision(rng, precision):
    scores, mask = rng.normal(size=(B, 3, T, S)) * 2.0, rng.random((B, 3, T, S)) < 0.6
    mask[0, 0, 0], mask[1, 2, 3] = False, False
    received = masked_softmax(ops.array(scores, dtype=precision), ops.array(mask))
    assert keras.backend.standardize_dtype(received.dtype) == precision
    received = array(received if precision == "float64" else ops.cast(received, "float32"))
    close(received, softmax64(scores, mask), PRECISIONS[precision])
    np.testing.assert_array_equal(received[~mask], 0.0)


def test_softmax_against_keras(rng):
    scores, mask = rng.normal(size=(B, T, S)).astype("float32"), allowed(rng)
    oracle = layers.Softmax()(ops.array(scores), mask=ops.array(mask))
    close(masked_softmax(ops.array(scores), ops.array(mask)), array(oracle), 1e-6)


@pytest.mark.parametrize("size", [1e4, 1e30, -1e30])
def test_scores_of_any_size(rng, size):
    mask = np.array([[True, False, True, False]])
    scores = np.array([[size, 2 * size, size, 0.0]], "float32")
    close(masked_softmax(ops.array(scores), ops.array(mask)), [[0.5, 0.0, 0.5, 0.0]], 1e-6)
    half = np.array([[60000.0, -60000.0, 60000.0, 0.0]]) * np.sign(size)
    received = masked_softmax(ops.array(half, dtype="float16"), ops.array(mask))
    close(received, [[0.5, 0.0, 0.5, 0.0]], 1e-3)


def test_along_another_axis(rng):
    scores, mask = rng.normal(size=(T, S)).astype("float32"), rng.random((T, S)) < 0.5
    received = masked_softmax(ops.array(scores), ops.array(mask), axis=0)
    close(received, softmax64(scores.T, mask.T).T)


def test_a_mask_of_fewer_axes_broadcasts(rng):
    scores, mask = rng.normal(size=(B, 3, T, S)).astype("float32"), rng.random((T, S)) < 0.5
    expected = softmax64(scores, np.broadcast_to(mask, scores.shape))
    close(masked_softmax(ops.array(scores), ops.array(mask)), expected)


@ON_TENSORFLOW
@pytest.mark.parametrize("precision", ["float16", "float32"])
def test_gradients_of_an_empty_row_are_0_and_those_of_others_are_right(rng, precision):
    import tensorflow as tf

    mask = allowed(rng, empty=True)
    scores = tf.constant(rng.normal(size=mask.shape), precision)
    slope = rng.normal(size=mask.shape)
    with tf.GradientTape() as tape:
        tape.watch(scores)
        total = tf.reduce_sum(masked_softmax(scores, tf.constant(mask)) * slope)
    weights = softmax64(scores.numpy(), mask)
    expected = weights * (slope - (weights * slope).sum(axis=-1, keepdims=True))
    received = array(tape.gradient(total, scores))
    close(received, expected, 10 * PRECISIONS[precision])
    np.testing.assert_array_equal(received[:, 1], 0.0)


@pytest.mark.parametrize("name", ["padding", "causal", "both", "drawn"])
def test_attention_against_torch(torch_values, name):
    parts = [ops.array(torch_values[part], "float32") for part in ("query", "key", "value")]
    mask = ops.array(torch_values[f"{name}_mask"])
    output, weights = masked_attention(*parts, mask)
    close(output, torch_values[f"{name}_output"])
    close(ops.sum(weights, axis=-1), 1.0)


@ON_TENSORFLOW
@pytest.mark.parametrize("name", ["padding", "both", "drawn"])
def test_gradients_of_attention_against_torch(torch_values, name):
    import tensorflow as tf

    parts = {part: tf.constant(torch_values[part]) for part in ("query", "key", "value")}
    with tf.GradientTape() as tape:
        tape.watch(list(parts.values()))
        output, _ = masked_attention(*parts.values(), tf.constant(torch_values[f"{name}_mask"]))
        slope = np.cos(np.arange(tf.size(output))).reshape(output.shape)
        total = tf.reduce_sum(output * slope)
    for part, gradient in zip(parts, tape.gradient(total, list(parts.values())), strict=True):
        close(gradient, torch_values[f"{name}_{part}_gradient"], 1e-10)


def test_attention_against_keras(rng):
    query, key, value = inputs(rng)
    value = value[..., :D_K]  # Keras wants one width
    mask = ops.array(allowed(rng))
    alone = [ops.expand_dims(part, axis=2) for part in (query, key, value)]  # one head
    oracle = ops.dot_product_attention(*alone, mask=ops.expand_dims(mask, axis=1))
    close(masked_attention(query, key, value, mask)[0], array(oracle)[:, :, 0])


def test_a_query_that_may_see_nothing_gets_0(rng):
    mask = ops.array(allowed(rng, empty=True))
    output, weights = masked_attention(*inputs(rng), mask)
    np.testing.assert_array_equal(array(output)[:, 1], 0.0)
    np.testing.assert_array_equal(array(weights)[:, 1], 0.0)


def test_padding_changes_nothing(rng):
    query, key, value = inputs(rng)
    mask = padding_mask(ops.array([[4, 5, 6, 7, 8], [4, 5, 6, 0, 0]]))
    before, _ = masked_attention(query, key, value, mask)
    loud = [ops.where(ops.swapaxes(mask, 1, 2), part, 1000.0) for part in (key, value)]
    close(masked_attention(query, *loud, mask)[0], array(before))
    longer = [ops.pad(part, ((0, 0), (0, 3), (0, 0)), constant_values=9.0) for part in (key, value)]
    wider = ops.pad(mask, ((0, 0), (0, 0), (0, 3)), constant_values=False)
    close(masked_attention(query, *longer, wider)[0], array(before))


def test_values_that_are_all_one_stay_one(rng):
    query, key, value = inputs(rng)
    output, _ = masked_attention(query, key, ops.ones_like(value), ops.array(allowed(rng)))
    close(output, np.ones((B, T, D_V)))


def test_attention_compiles_for_unknown_sizes(rng):
    class Attending(layers.Layer):
        def call(self, x, ids):
            return masked_attention(x, x, x, padding_mask(ids))[0]

    x, ids = keras.Input((None, D_K)), keras.Input((None,), dtype="int32")
    model = keras.Model([x, ids], Attending()(x, ids))
    model.compile("sgd", "mse", jit_compile=keras.backend.backend() != "torch")
    for length in (3, 5):
        some = rng.normal(size=(B, length, D_K)).astype("float32")
        tokens = np.ones((B, length), "int32")
        tokens[1, -1] = 0
        expected, _ = masked_attention(*[ops.array(some)] * 3, padding_mask(ops.array(tokens)))
        close(model.predict_on_batch([some, tokens]), array(expected))


HONEST = {
    "LSTM": lambda: layers.LSTM(3, return_sequences=True),
    "causal convolution": lambda: layers.Conv1D(3, 3, padding="causal"),
    "Dense": lambda: layers.Dense(3),
    "LayerNormalization": lambda: layers.LayerNormalization(),
    "BatchNormalization at rest": lambda: layers.BatchNormalization(),
    "causal attention": lambda: Attention(use_causal_mask=True),
}
LEAKING = {
    "backwards LSTM": lambda: layers.LSTM(3, return_sequences=True, go_backwards=True),
    "bidirectional LSTM": lambda: layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
    "centred convolution": lambda: layers.Conv1D(3, 3, padding="same"),
    "normalised over positions": lambda: layers.LayerNormalization(axis=[1, 2]),
    "attention": lambda: Attention(),
    "attention with its mask as fourth argument": lambda: Fourth(),
}


class Attention(layers.Layer):
    def __init__(self, **options):
        super().__init__()
        self.attention, self.options = layers.MultiHeadAttention(2, 3), options

    def call(self, x):
        return self.attention(x, x, **self.options)


class Fourth(Attention):
    def call(self, x):
        return self.attention(x, x, x, causal_mask(x.shape[1]))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", [*HONEST, *LEAKING])
def test_layers_of_keras_are_seen_for_what_they_are(rng, name, batch):
    keras.utils.set_random_seed(4)
    layer = {**HONEST, **LEAKING}[name]()
    x = ops.array(rng.normal(size=(batch, 6, 5)), dtype="float32")
    assert sees_future(layer, x) is (name in LEAKING)


@pytest.mark.parametrize(
    "x", [np.zeros((2, 4, 3)), np.full((2, 4, 3), 0.8), np.full((1, 4, 1), 1e6)]
)
def test_a_leak_is_seen_from_any_input(x):
    x = ops.array(x, dtype="float32")
    assert sees_future(lambda x: ops.flip(x, axis=1), x) is True
    assert sees_future(lambda x: ops.mean(x, axis=1, keepdims=True) + 0 * x, x) is True
    assert sees_future(lambda x: ops.cumsum(x, axis=1), x) is False


@pytest.mark.parametrize("length", [0, 1])
def test_there_is_no_future_in_fewer_than_two_positions(length):
    assert sees_future(lambda x: ops.flip(x, axis=1), ops.ones((2, length, 3))) is False


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: padding_mask(ops.array([1, 2])), r"\(B, S\). Received: shape \(2,\)"),
        (lambda: combine_masks(causal_mask(2), ops.ones((1, 2, 2))), "boolean.*float32"),
        (lambda: combine_masks(np.ones((1, 2, 2), "int32")), "boolean.*int32"),
        (lambda: masked_softmax(ops.ones((2, 3)), ops.ones((2, 3))), "boolean.*float32"),
        (
            lambda: masked_attention(*[ops.ones((2, 3))] * 3, ops.ones((2, 2), dtype="int32")),
            "boolean.*int32",
        ),
        (lambda: sees_future(lambda x: x, ops.ones((4, 3))), r"\(B, T, d\).*\(4, 3\)"),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()
