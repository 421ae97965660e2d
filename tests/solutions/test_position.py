"""Lesson 02 against KerasHub, PyTorch, NumPy in float64 and numbers worked by hand."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import position
from solutions.position import (
    LearnedPositionEmbedding,
    SinusoidalPositionEncoding,
    shift_matrix,
    sinusoidal_table,
)
from tests.solutions.values import array, close, stored

B, T, D_MODEL, ROWS = 2, 5, 6, 9
FAR = 5e-4  # angles near 3000 have steps of 2.4e-4 in float32
HALF = 1e-3  # that, and half a step of float16 near 1
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)


@pytest.fixture
def rng():
    return np.random.default_rng(2)


@pytest.fixture(scope="module")
def oracle():
    return stored("position")


def table64(length, d_model, start=0):
    """Entry by entry, in float64, as the imaginary and real parts of powers of e^(i·angle)."""
    table = np.zeros((length, d_model))
    for row, pair in np.ndindex(length, d_model // 2):
        tip = np.exp(1j * (start + row) / 10000 ** (2 * pair / d_model))
        table[row, 2 * pair : 2 * pair + 2] = tip.imag, tip.real
    return table


def inputs(rng, length=T):
    return rng.normal(size=(B, length, D_MODEL)).astype("float32")


def learned_layer(table):
    layer = LearnedPositionEmbedding(len(table))
    layer.build((None, None, table.shape[1]))
    layer.set_weights([table])
    return layer


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(position)
    assert result.attempted >= 6
    assert result.failed == 0


def test_positions_0_and_1_by_hand():
    zero, one = array(sinusoidal_table(2, d_model=8))
    close(zero, [0, 1, 0, 1, 0, 1, 0, 1], 0.0)
    close(one, [0.84147, 0.5403, 0.09983, 0.995, 0.01, 0.99995, 0.001, 1.0], 1e-5)


@pytest.mark.parametrize(("length", "d_model", "start"), [(40, 512, 0), (7, 2, 11), (3, 10, -4)])
def test_the_table_against_numpy(length, d_model, start):
    table = sinusoidal_table(length, d_model, start_index=start)
    assert keras.backend.standardize_dtype(table.dtype) == "float32"
    close(table, table64(length, d_model, start))


@pytest.mark.parametrize("width", [6, 64])
@pytest.mark.parametrize(("name", "start", "tolerance"), [("near", 0, 1e-5), ("far", 3000, FAR)])
def test_the_table_against_keras_hub(oracle, width, name, start, tolerance):
    close(sinusoidal_table(5, width, start), oracle[f"sines_{name}_{width}"], tolerance)


@pytest.mark.parametrize("d_model", [8, 30])
def test_the_length_of_an_encoding_is_the_root_of_half_its_width(d_model):
    table = array(sinusoidal_table(50, d_model))
    close(np.sum(table**2, axis=-1), np.full(50, d_model / 2))


def test_the_dot_product_of_two_encodings_depends_on_their_distance():
    table = array(sinusoidal_table(60, 8))
    close(np.sum(table[:-5] * table[5:], axis=-1), np.full(55, 3.15998))


def test_the_first_pair_is_the_fast_hand():
    table = array(sinusoidal_table(3, d_model=8))
    turned = np.arctan2(table[1, 0::2], table[1, 1::2])
    close(turned, [1.0, 0.1, 0.01, 0.001], 1e-6)


def test_an_empty_table_has_its_width():
    assert tuple(sinusoidal_table(0, 6).shape) == (0, 6)


@pytest.mark.parametrize("start", [0, 3])
def test_the_layer_adds_the_rows(rng, start):
    x = inputs(rng)
    close(SinusoidalPositionEncoding()(x, start_index=start), x + table64(T, D_MODEL, start))


@pytest.mark.parametrize("layer", [SinusoidalPositionEncoding(), LearnedPositionEmbedding(ROWS)])
def test_a_sequence_in_pieces_is_the_sequence(rng, layer):
    x = inputs(rng)
    pieces = [layer(x[:, :2]), layer(x[:, 2:4], start_index=2), layer(x[:, 4:], start_index=4)]
    close(ops.concatenate(pieces, axis=1), array(layer(x)), 1e-6)


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16"])
def test_far_positions_are_exact_in_half_precision(dtype):
    output = SinusoidalPositionEncoding(dtype=dtype)(np.zeros((1, 8, 64)), start_index=3000)
    assert keras.backend.standardize_dtype(output.dtype) == "float16"
    close(output[0], table64(8, 64, 3000), HALF)


@pytest.mark.parametrize("layer", [SinusoidalPositionEncoding(), LearnedPositionEmbedding(ROWS)])
@pytest.mark.parametrize("shape", [(1, T, D_MODEL), (B, 1, D_MODEL), (B, 0, D_MODEL)])
def test_one_sentence_one_word_and_no_word(layer, shape):
    assert tuple(layer(np.zeros(shape)).shape) == shape


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="runs eagerly: all is known")
@pytest.mark.parametrize("layer", [SinusoidalPositionEncoding(), LearnedPositionEmbedding(ROWS)])
def test_a_start_that_is_known_only_in_a_compiled_run(rng, layer):
    x = inputs(rng)
    expected = array(layer(x, start_index=3))

    def run(x, start):
        return layer(x, start_index=start)

    if keras.backend.backend() == "jax":
        import jax

        close(jax.jit(run)(x, 3), expected, 1e-6)
        return
    import tensorflow as tf

    for compiled in (False, True):
        close(tf.function(run, jit_compile=compiled)(x, tf.constant(3)), expected, 1e-6)


@pytest.mark.parametrize("offset", [-17, -1, 0, 1, 5, 29])
@pytest.mark.parametrize("d_model", [2, 8, 20])
def test_one_matrix_moves_every_position_on(offset, d_model):
    moved = table64(40, d_model) @ array(shift_matrix(offset, d_model)).T
    close(moved, table64(40, d_model, start=offset))


def test_the_matrix_of_k_steps_is_the_power_of_that_of_one():
    one = array(shift_matrix(1, 10)).astype("float64")
    close(shift_matrix(7, 10), np.linalg.matrix_power(one, 7))
    close(shift_matrix(-7, 10), np.linalg.inv(np.linalg.matrix_power(one, 7)))


def test_a_block_by_hand():
    block = array(shift_matrix(1, 4))[:2, :2]
    close(block, [[0.5403, 0.84147], [-0.84147, 0.5403]])
    close(block @ [0.84147, 0.5403], [0.9093, -0.41615], 1e-4)


def test_learned_rows_against_keras_hub_and_torch(oracle):
    layer, x = learned_layer(oracle["table"]), oracle["x"].astype("float32")
    output = layer(x, start_index=3)
    close(output, oracle["output"])
    close(output, oracle["x"] + oracle["encoding"])


@ON_TENSORFLOW
def test_the_gradient_of_the_table_against_torch(oracle):
    import tensorflow as tf

    layer = learned_layer(oracle["table"])
    with tf.GradientTape() as tape:
        output = layer(oracle["x"].astype("float32"), start_index=3)
        total = tf.reduce_sum(output * oracle["slope"].astype("float32"))
    gradient = tape.gradient(total, layer.table.value)
    close(tf.convert_to_tensor(gradient), oracle["table_gradient"])


def test_counts():
    sines, learned = SinusoidalPositionEncoding(), LearnedPositionEmbedding(512)
    for layer in (sines, learned):
        layer.build((None, None, 768))
    assert sines.count_params() == 0
    assert learned.count_params() == 393_216  # BERT's
    assert abs(learned.get_weights()[0].std() - 0.02) < 1e-3


@ON_TENSORFLOW
def test_an_unknown_length_past_the_end_is_an_error_in_the_run():
    import tensorflow as tf

    layer = LearnedPositionEmbedding(3)
    layer.build((None, None, D_MODEL))
    any_length = [tf.TensorSpec((None, None, D_MODEL))]
    run = tf.function(layer, input_signature=any_length)
    assert run(tf.zeros((1, 3, D_MODEL))).shape == (1, 3, D_MODEL)
    with pytest.raises(tf.errors.InvalidArgumentError, match="not in"):
        run(tf.zeros((1, 4, D_MODEL)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sinusoidal_table(4, 7), "even.*d_model=7"),
        (lambda: sinusoidal_table(4, 0), "even.*d_model=0"),
        (lambda: shift_matrix(1, 5), "even.*d_model=5"),
        (lambda: SinusoidalPositionEncoding()(np.zeros((2, 3, 5))), "even.*d_model=5"),
        (lambda: SinusoidalPositionEncoding()(np.zeros((3, 4))), "expected ndim=3, found ndim=2"),
        (lambda: LearnedPositionEmbedding(4)(np.zeros((3, 4))), "expected ndim=3, found ndim=2"),
        (lambda: LearnedPositionEmbedding(0), "above 0.*max_length=0"),
        (
            lambda: LearnedPositionEmbedding(4)(np.zeros((2, 5, 6))),
            "0 to 3, as max_length=4. Received: positions 0 to 4",
        ),
        (
            lambda: LearnedPositionEmbedding(4)(np.zeros((2, 3, 6)), start_index=2),
            "max_length=4. Received: positions 2 to 4",
        ),
        (
            lambda: LearnedPositionEmbedding(4)(np.zeros((2, 3, 6)), start_index=-1),
            "max_length=4. Received: positions -1 to 1",
        ),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_sinusoidal_layer_keeps_the_contract_of_a_layer(rng, assert_layer_contract):
    assert_layer_contract(SinusoidalPositionEncoding, {}, inputs(rng))


def test_the_learned_layer_keeps_the_contract_of_a_layer(rng, assert_layer_contract):
    assert_layer_contract(LearnedPositionEmbedding, {"max_length": ROWS}, inputs(rng))
