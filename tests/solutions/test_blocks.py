"""Lesson 06 against PyTorch, KerasHub, Keras' own layers, NumPy in float64 and hand numbers."""

import doctest
import math

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.observe import input_gradient
from course.checking.weights import assign
from solutions import blocks
from solutions.blocks import DecoderBlock, EncoderBlock, FeedForward, LayerNorm, Residual
from solutions.masking import causal_mask, sees_future
from tests.solutions.values import array, close, stored

# Keras reads tensors of PyTorch in NumPy 1's manner; PyTorch wants to be told of a lost gradient.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad:UserWarning"),
]
IN_FLOAT64 = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="JAX has no float64 here, and Keras takes means of PyTorch's in float32",
)

B, T, S, D_MODEL, D_FF, H = 2, 4, 5, 6, 8, 3
BLOCK = 5e-5  # outputs up to 30, in float32
ARRANGEMENTS = ["post relu", "pre relu", "post gelu"]


@pytest.fixture
def rng():
    return np.random.default_rng(6)


@pytest.fixture(scope="module")
def oracle():
    return stored("blocks")


def under(oracle, place):
    """The values of the oracles under a name, without it."""
    return {
        name.removeprefix(f"{place}/"): values
        for name, values in oracle.items()
        if name.startswith(f"{place}/")
    }


def inputs(rng):
    x, source = rng.normal(size=(B, T, D_MODEL)), rng.normal(size=(B, S, D_MODEL))
    return x.astype("float32"), source.astype("float32")


def double(x):
    return 2.0 * x


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(blocks)
    assert result.attempted >= 7
    assert result.failed == 0


# LayerNorm


def test_layer_norm_by_hand():
    x = ops.array([[1.0, 2.0, 3.0, 4.0]])
    close(LayerNorm(epsilon=1e-3)(x), [[-1.34110, -0.44703, 0.44703, 1.34110]])
    close(LayerNorm()(ops.array([1, 2, 3, 4])), np.array([-3, -1, 1, 3]) / math.sqrt(5), 1e-4)


@pytest.mark.parametrize("epsilon", [1e-5, 1e-3])
def test_layer_norm_against_torch(oracle, epsilon):
    some = under(oracle, "norm")
    layer = LayerNorm(epsilon)
    layer.build(some["x"].shape)
    layer.set_weights([some["gamma"], some["beta"]])
    output = array(layer(some["x"].astype("float32")))
    close(output[0], some[f"output {epsilon}"][0])
    close(output[1], some[f"output {epsilon}"][1], 1e-3)  # 3 ± 0.01 in float32 has 5 digits left


@IN_FLOAT64
@pytest.mark.parametrize("epsilon", [1e-5, 1e-3])
def test_layer_norm_is_that_of_torch_to_the_last_digit_in_float64(oracle, epsilon):
    some = under(oracle, "norm")
    layer = LayerNorm(epsilon, dtype="float64")
    layer.build(some["x"].shape)
    layer.set_weights([some["gamma"], some["beta"]])
    close(layer(ops.array(some["x"], "float64")), some[f"output {epsilon}"], 1e-12)


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (2, 4, 3, 5)])
def test_layer_norm_against_keras_for_any_number_of_axes(rng, shape):
    x = rng.normal(size=shape).astype("float32")
    if len(shape) > 1:  # Keras' layer needs a batch
        close(LayerNorm()(x), array(keras.layers.LayerNormalization(epsilon=1e-5)(x)))
    mean, spread = x.mean(axis=-1, keepdims=True), x.std(axis=-1, keepdims=True)
    close(LayerNorm()(x), (x - mean) / np.sqrt(spread**2 + 1e-5))


def test_layer_norm_does_not_see_offset_and_scale(rng):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    close(LayerNorm()(3.0 * x + 7.0), array(LayerNorm()(x)), 1e-4)
    output = array(LayerNorm()(x))
    close(output.mean(axis=-1), 0.0)
    close(output.var(axis=-1), 1.0, 1e-3)


def test_features_all_alike_become_beta():
    layer = LayerNorm()
    layer.build((2, 3))
    layer.beta.assign([1.0, 2.0, 3.0])
    close(layer(ops.full((2, 3), 7.0)), [[1.0, 2.0, 3.0]] * 2, 0.0)


def test_layer_norm_in_half_precision_does_not_overflow():
    x = 4000.0 * np.array([[1.0, -1.0, 2.0, -2.0]])
    output = array(LayerNorm(dtype="mixed_float16")(x))
    assert output.dtype == "float16"
    close(output, x / 4000.0 / math.sqrt(2.5), 2e-3)


def test_the_trap_of_keras_default_epsilon():
    x = ops.array([[-0.005, 0.005]])  # variance 2.5e-5
    close(keras.layers.LayerNormalization()(x)[0, 1], 0.1562, 1e-4)
    close(LayerNorm()(x)[0, 1], 0.8452, 1e-4)
    close(keras.layers.LayerNormalization(epsilon=1e-6)(x)[0, 1], 0.9806, 1e-4)


# FeedForward


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_feed_forward_against_numpy(rng, activation):
    x, _ = inputs(rng)
    layer = FeedForward(D_FF, activation)
    layer.build(x.shape)
    w1, b1, w2, b2 = (rng.normal(size=weight.shape) for weight in layer.weights)
    layer.set_weights([w1, b1, w2, b2])
    erf = np.vectorize(math.erf)
    bend = {
        "relu": lambda h: np.maximum(h, 0.0),
        "gelu": lambda h: h * (1.0 + erf(h / math.sqrt(2.0))) / 2.0,
        "tanh": np.tanh,
    }[activation]
    close(layer(x), bend(x @ w1 + b1) @ w2 + b2, 2e-5)


def test_gelu_is_the_exact_one():
    layer = FeedForward(1, "gelu")
    layer.build((1, 1, 1))
    layer.set_weights(list(map(np.array, ([[1.0]], [0.0], [[1.0]], [0.0]))))
    close(layer(ops.ones((1, 1, 1))), [[[0.84134]]])
    close(ops.gelu(ops.array(1.0)), 0.84119)  # the form with tanh, Keras' default of the function
    close(keras.activations.gelu(ops.array(1.0)), 0.84134)


def test_feed_forward_works_on_each_position_alone(rng):
    x, _ = inputs(rng)
    layer, order = FeedForward(D_FF), rng.permutation(T)
    close(layer(x[:, order]), array(layer(x))[:, order], 1e-6)


# Residual


@pytest.mark.parametrize("norm_first", [False, True])
def test_residual_against_numpy(rng, norm_first):
    x, _ = inputs(rng)
    layer = Residual(norm_first)
    layer.build(x.shape)
    gamma, beta = rng.normal(size=(2, D_MODEL))
    layer.set_weights([gamma, beta])

    def norm(some):
        centred = some - some.mean(axis=-1, keepdims=True)
        return gamma * centred / np.sqrt(some.var(axis=-1, keepdims=True) + 1e-5) + beta

    expected = x + np.tanh(norm(x)) if norm_first else norm(x + np.tanh(x))
    close(layer(x, sublayer=ops.tanh), expected)


def test_a_sub_layer_that_adds_nothing_leaves_x_or_its_norm(rng):
    x, _ = inputs(rng)
    close(Residual(norm_first=True)(x, sublayer=ops.zeros_like), x, 0.0)
    close(Residual(norm_first=False)(x, sublayer=ops.zeros_like), array(LayerNorm()(x)), 0.0)


@pytest.mark.parametrize("norm_first", [False, True])
def test_dropout_is_of_what_is_added_and_in_training_only(rng, norm_first):
    x, _ = inputs(rng)
    layer = Residual(norm_first, dropout=1.0)
    kept = x if norm_first else array(LayerNorm()(x))
    close(layer(x, sublayer=double, training=True), kept, 0.0)
    close(layer(x, sublayer=double), array(Residual(norm_first)(x, sublayer=double)), 0.0)


def test_the_share_that_dropout_drops_and_the_size_of_the_rest():
    keras.utils.set_random_seed(6)
    layer = Residual(norm_first=True, dropout=0.25)
    layer.build((None, None, 5))
    layer.norm.beta.assign(np.ones(5))  # equal features become 1, to which 2 is added
    added = array(layer(ops.ones((40, 50, 5)), sublayer=double, training=True)) - 1.0
    assert np.mean(added == 0.0) == pytest.approx(0.25, abs=0.02)  # of 10,000: five deviations
    close(added[added != 0.0], 2.0 / 0.75)


# The blocks


def block_of(kind, arrangement, oracle):
    norm_first, activation = arrangement.startswith("pre"), arrangement.split()[1]
    block = {"encoder": EncoderBlock, "decoder": DecoderBlock}[kind](
        H, D_FF, norm_first=norm_first, activation=activation
    )
    shapes = [(B, T, D_MODEL)] if kind == "encoder" else [(B, T, D_MODEL), (B, S, D_MODEL)]
    block.build(*shapes)
    for path, values in under(oracle, f"{kind}/weights").items():
        assign(block, path, values)
    return block


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_encoder_against_torch_and_keras_hub(oracle, arrangement):
    some, expected = under(oracle, "inputs"), under(oracle, f"encoder/{arrangement}")
    block = block_of("encoder", arrangement, oracle)
    output = block(some["x"].astype("float32"), attention_mask=some["allowed"])
    close(output, expected["output"], BLOCK)
    close(output, expected["hub"], BLOCK)


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_decoder_against_torch_and_keras_hub(oracle, arrangement):
    some, expected = under(oracle, "inputs"), under(oracle, f"decoder/{arrangement}")
    block = block_of("decoder", arrangement, oracle)
    x, source = some["x"].astype("float32"), some["source"].astype("float32")
    output = block(x, source, attention_mask=some["allowed"], source_mask=some["real"])
    close(output, expected["output"], BLOCK)
    close(output, expected["hub"], BLOCK)


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_gradients_against_torch(oracle, kind, arrangement):
    some, expected = under(oracle, "inputs"), under(oracle, f"{kind}/{arrangement}")
    block = block_of(kind, arrangement, oracle)
    allowed = ops.array(some["allowed"])
    order = ops.reshape(ops.cos(ops.arange(B * T * D_MODEL, dtype="float32")), (B, T, D_MODEL))
    tilt = ops.array(some["slope"], "float32") / order  # `input_gradient` multiplies by `order`
    x, source = (ops.array(some[name], "float32") for name in ("x", "source"))

    def of_x(x):
        if kind == "encoder":
            return tilt * block(x, attention_mask=allowed)
        return tilt * block(x, source, attention_mask=allowed, source_mask=ops.array(some["real"]))

    def of_source(source):
        real = ops.array(some["real"])
        return tilt * block(x, source, attention_mask=allowed, source_mask=real)

    functions = {"x_gradient": (of_x, x)}
    if kind == "decoder":
        functions["source_gradient"] = (of_source, source)
    for name, (function, where) in functions.items():
        found = input_gradient(function, ([where], {}), None)
        close(found, expected[name], 1e-4 * max(1.0, np.abs(expected[name]).max()))


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_causal_mask_hides_the_future_through_the_whole_block(rng, norm_first):
    x, source = inputs(rng)
    encoder, decoder = EncoderBlock(H, D_FF, norm_first), DecoderBlock(H, D_FF, norm_first)
    assert sees_future(encoder, ops.array(x))
    assert not sees_future(lambda some: encoder(some, causal_mask(T)), ops.array(x))
    assert not sees_future(lambda some: decoder(some, source, causal_mask(T)), ops.array(x))


def test_positions_without_order_are_exchanged_with_their_outputs(rng):
    x, _ = inputs(rng)
    block, order = EncoderBlock(H, D_FF), rng.permutation(T)
    close(block(x[:, order]), array(block(x))[:, order])


def test_padding_of_the_source_changes_nothing(rng):
    x, source = inputs(rng)
    block, mask = DecoderBlock(H, D_FF), np.array([[[1, 1, 1, 1, 0]]] * B, bool)
    before = array(block(x, source, source_mask=mask))
    source[:, -1] = 9.0
    close(block(x, source, source_mask=mask), before, 1e-6)
    source[:, -1] = 0.0
    close(block(x, keras.layers.Masking()(source)), before, 1e-6)  # Keras fills the mask in


def test_counts_of_the_paper_s_base_size():
    d, f = 512, 2048
    attention, feed_forward, norm = 4 * d * d, 2 * d * f + f + d, 2 * d
    counts = {}
    for name, layer, shapes in (
        ("feed-forward", FeedForward(f), [(None, None, d)]),
        ("norm", LayerNorm(), [(None, None, d)]),
        ("encoder", EncoderBlock(8, f), [(None, None, d)]),
        ("decoder", DecoderBlock(8, f), [(None, None, d)] * 2),
    ):
        layer.build(*shapes)
        counts[name] = layer.count_params()
    assert counts["feed-forward"] == feed_forward == 2_099_712
    assert counts["norm"] == norm == 1_024
    assert counts["encoder"] == attention + feed_forward + 2 * norm == 3_150_336
    assert counts["decoder"] == 2 * attention + feed_forward + 3 * norm == 4_199_936
    assert feed_forward / counts["encoder"] == pytest.approx(2 / 3, abs=1e-3)
    assert feed_forward / counts["decoder"] == pytest.approx(1 / 2, abs=1e-3)


def test_dropout_reaches_every_sub_layer_in_training(rng):
    x, source = inputs(rng)
    close(EncoderBlock(H, D_FF, True, dropout=1.0)(x, training=True), x, 0.0)
    close(DecoderBlock(H, D_FF, True, dropout=1.0)(x, source, training=True), x, 0.0)
    half = EncoderBlock(H, D_FF, True, dropout=0.5)
    close(half(x), array(half(x, training=False)), 0.0)
    assert np.abs(array(half(x, training=True)) - array(half(x))).max() > 0.1


def test_no_positions_at_all_are_normalised_and_thought_over_to_none():
    empty = ops.ones((2, 0, D_MODEL))
    for layer in (LayerNorm(), FeedForward(D_FF)):
        assert tuple(layer(empty).shape) == (2, 0, D_MODEL)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LayerNorm(epsilon=0.0), "`epsilon` must be positive. Received: epsilon=0.0"),
        (lambda: LayerNorm(epsilon=-1e-5), "Received: epsilon=-1e-05"),
        (lambda: EncoderBlock(4, D_FF)(ops.ones((2, 3, 6))), "num_heads=4, d_model=6"),
        (
            lambda: DecoderBlock(4, D_FF)(ops.ones((2, 3, 6)), ops.ones((2, 5, 6))),
            "num_heads=4, d_model=6",
        ),
        (
            lambda: EncoderBlock(3, D_FF)(ops.ones((2, 4, 6)), ops.ones((4, 4), dtype="bool")),
            r"three axes.*\(4, 4\)",
        ),
        (lambda: EncoderBlock(3, D_FF)(ops.ones((4, 6))), r"\(B, T, H·d\).*\(4, 6\)"),
        (lambda: FeedForward(D_FF, "bent")(ops.ones((2, 3, 6))), "bent"),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# The contract of a layer


class AroundTanh(Residual):
    """A residual whose sub-layer is chosen, so that it is called on an input alone."""

    def call(self, x):
        return super().call(x, sublayer=ops.tanh)


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_contract_of_the_parts(rng, assert_layer_contract, norm_first):
    x, _ = inputs(rng)
    config = {"norm_first": norm_first, "dropout": 0.0}
    assert_layer_contract(AroundTanh, config, x)


def test_the_contract_of_layer_norm_and_feed_forward(rng, assert_layer_contract):
    x, _ = inputs(rng)
    assert_layer_contract(LayerNorm, {"epsilon": 1e-3}, x)
    assert_layer_contract(FeedForward, {"hidden_dim": D_FF, "activation": "gelu"}, x)


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_contract_of_the_blocks(rng, assert_layer_contract, norm_first):
    x, source = inputs(rng)
    config = {"num_heads": H, "hidden_dim": D_FF, "norm_first": norm_first}
    config |= {"activation": "gelu", "dropout": 0.0}
    assert_layer_contract(EncoderBlock, config, x)
    assert_layer_contract(DecoderBlock, config, x, source)
