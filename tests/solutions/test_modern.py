"""Lesson 10's parts against PyTorch, KerasHub, Keras' own layers, complex numbers and a pencil."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import modern
from solutions.masking import sees_future
from solutions.modern import GroupedQueryAttention, RMSNorm, SwiGLU, apply_rotary
from tests.solutions.values import array, close, floats, stored

B, T, D_MODEL, H, G, D_FF = 2, 5, 24, 6, 2, 7
ROLES = ("query", "key", "value", "output")
GRADIENT = 1e-4  # a gradient sums over all outputs, in float32
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="calls TensorFlow's own functions"
)


@pytest.fixture
def rng():
    return np.random.default_rng(10)


@pytest.fixture(scope="module")
def others():
    """Values of PyTorch and KerasHub."""
    return stored("modern")


def by_complex_numbers(x, positions, base=10000.0):
    """Each pair as one complex number times e^(i · angle), in complex128."""
    x, width = np.asarray(x, "float64"), x.shape[-1]
    angles = np.asarray(positions, "float64")[..., None] * base ** (-np.arange(0, width, 2) / width)
    pairs = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angles)
    return np.stack([pairs.real, pairs.imag], axis=-1).reshape(x.shape)


def attention64(x, kernels, positions, cache=None):
    """Grouped-query attention query by query, in float64."""
    query, key, value, out = (np.asarray(kernel, "float64") for kernel in kernels)
    x, width = np.asarray(x, "float64"), D_MODEL // H
    groups = key.shape[1] // width
    cut = lambda y, n: np.stack(np.split(y, n, axis=-1), axis=1)  # noqa: E731
    q = by_complex_numbers(cut(x @ query, H), positions)
    k = by_complex_numbers(cut(x @ key, groups), positions)
    v = cut(x @ value, groups)
    if cache:
        k, v = (np.concatenate(pair, axis=2) for pair in zip(cache, (k, v), strict=True))
    before = k.shape[2] - x.shape[1]
    mixed = np.zeros(q.shape)
    for b, h, t in np.ndindex(q.shape[:3]):
        seen = slice(0, before + t + 1)
        scores = k[b, h * groups // H, seen] @ q[b, h, t] / np.sqrt(width)
        shares = np.exp(scores - scores.max())
        mixed[b, h, t] = shares / shares.sum() @ v[b, h * groups // H, seen]
    return np.concatenate(list(mixed.swapaxes(0, 1)), axis=-1) @ out, k, v


def kernels_of(layer):
    return [getattr(layer, f"{role}_projection").kernel.numpy() for role in ROLES]


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(modern)
    assert result.attempted >= 7
    assert result.failed == 0


def test_rotary_by_hand():
    x = floats([[1, 2, 3, 4], [1, 0, 1, 0], [0, 1, 0, 1]])
    cos, sin = np.cos, np.sin
    expected = [
        [1, 2, 3, 4],
        [cos(1), sin(1), cos(0.01), sin(0.01)],
        [-sin(2), cos(2), -sin(0.02), cos(0.02)],
    ]
    close(apply_rotary(x, [0, 1, 2]), expected, 1e-6)


def test_rotary_against_torch(others):
    close(apply_rotary(floats(others["rotary_x"]), others["rotary_positions"]), others["rotary_y"])


def test_rotary_against_keras_hub_by_a_permutation(others):
    x = others["hub_x"].swapaxes(1, 2)  # (B, H, T, d); column i is paired with i + 4
    order = np.arange(8).reshape(2, 4).T.reshape(-1)  # 0, 4, 1, 5, ...: pairs become neighbours
    y = array(apply_rotary(floats(x[..., order]), np.arange(9, 9 + T)))
    close(y, others["hub_y"].swapaxes(1, 2)[..., order], 1e-5)
    assert (
        np.abs(y[..., np.argsort(order)] - array(apply_rotary(floats(x), np.arange(9, 14)))).max()
        > 0.5
    )


@pytest.mark.parametrize("base", [10000.0, 50.0])
def test_rotary_against_complex_numbers(rng, base):
    x, positions = rng.normal(size=(B, 3, T, 8)), rng.integers(0, 300, T)
    close(apply_rotary(floats(x), positions, base), by_complex_numbers(x, positions, base), 1e-4)


def test_each_sequence_may_have_positions_of_its_own(rng):
    x, positions = rng.normal(size=(B, T, 6)), rng.integers(0, 50, (B, T))
    received = apply_rotary(floats(x), positions)
    close(received, by_complex_numbers(x, positions))
    close(apply_rotary(floats(x[:, None]), positions[:, None])[:, 0], received)


def test_scores_depend_on_differences_of_positions_only(rng):
    q, k = floats(rng.normal(size=(2, T, 8)))
    for shift in (1, 7, 100):
        scores = [
            array(ops.matmul(apply_rotary(q, places), ops.transpose(apply_rotary(k, places))))
            for places in (np.arange(T), np.arange(T) + shift)
        ]
        close(*scores, 1e-4)


def test_a_rotation_keeps_lengths_and_can_be_undone(rng):
    x, positions = floats(rng.normal(size=(B, T, 8))), rng.integers(0, 90, T)
    turned = apply_rotary(x, positions)
    close(ops.norm(turned, axis=-1), ops.norm(x, axis=-1))
    close(apply_rotary(turned, -positions), x)
    close(apply_rotary(x, np.zeros(T, "int32")), x, 0.0)


def test_half_precision_far_along(rng):
    x, positions = rng.normal(size=(T, 8)).astype("float16"), 3001 + 2 * np.arange(T)
    received = apply_rotary(ops.convert_to_tensor(x), positions)
    assert keras.backend.standardize_dtype(received.dtype) == "float16"
    close(received, by_complex_numbers(x, positions), 5e-3)


def test_an_empty_sequence_stays_empty():
    assert tuple(apply_rotary(ops.zeros((2, 0, 4)), np.zeros(0, "int32")).shape) == (2, 0, 4)


@ON_TENSORFLOW
def test_norm_and_its_gradients_against_torch(others):
    import tensorflow as tf

    layer = RMSNorm(epsilon=0.02)
    x = tf.constant(others["norm_x"], "float32")
    layer.build(x.shape)
    layer.set_weights([others["norm_scale"]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        total = tf.reduce_sum(y * others["norm_slope"].astype("float32"))
    close(y, others["norm_y"])
    found = tape.gradient(total, [x, layer.scale.value])
    close(found[0], others["norm_x_gradient"], GRADIENT)
    close(found[1], others["norm_scale_gradient"], GRADIENT)


@pytest.mark.parametrize("epsilon", [1e-5, 0.3])
@pytest.mark.parametrize("shape", [(T, 8), (B, T, 8), (B, 3, T, 8)])
def test_norm_against_keras_and_numpy(rng, epsilon, shape):
    x = rng.normal(size=shape) + 0.5
    scale = rng.normal(size=8)
    layer, oracle = RMSNorm(epsilon), keras.layers.RMSNormalization(epsilon=epsilon)
    for some in (layer, oracle):
        some.build(shape)
        some.set_weights([scale])
    close(layer(floats(x)), oracle(floats(x)))
    mean_square = np.mean(x**2, axis=-1, keepdims=True)
    close(layer(floats(x)), scale * x / np.sqrt(mean_square + epsilon))


def test_norm_by_hand():
    layer = RMSNorm(epsilon=0.02)
    layer.build((None, 2))
    layer.set_weights([np.array([1.0, 10.0])])
    close(layer(floats([[0.2, 0.0], [0.0, 0.2], [0.0, 0.0]])), [[1, 0], [0, 10], [0, 0]])


def test_norm_does_not_centre():
    close(RMSNorm(epsilon=0.0)(floats([[5.0, 5.0, 5.0, 5.0]])), [[1.0, 1.0, 1.0, 1.0]])


def test_norm_squares_in_float32(rng):
    x = (300 * rng.normal(size=(B, T, 8))).astype("float16")
    layer = RMSNorm(dtype="mixed_float16")
    expected = x.astype("float64") / np.sqrt(np.mean(x.astype("float64") ** 2, -1, keepdims=True))
    close(layer(ops.convert_to_tensor(x)), expected, 3e-3)


def test_swiglu_against_torch(others):
    layer = SwiGLU(D_FF)
    layer.build(others["swiglu_x"].shape)
    layer.set_weights([others[f"swiglu_{name}"] for name in ("gate", "up", "down")])
    close(layer(floats(others["swiglu_x"])), others["swiglu_y"], 5e-5)  # outputs up to 30


def test_swiglu_by_hand():
    layer = SwiGLU(1)
    layer.build((None, None, 1))
    layer.set_weights([np.array([[value]]) for value in (1.0, 2.0, 1.0)])
    close(layer(floats([[[1.0], [-1.0], [0.0]]])), [[[1.46212], [0.53788], [0.0]]])


def test_swiglu_of_two_thirds_has_the_weights_of_a_plain_network():
    gated, d_model, width = SwiGLU(2 * 48 // 3), 12, 48
    gated.build((None, None, d_model))
    assert gated.count_params() == 2 * d_model * width


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("cached", [0, 4])
def test_attention_against_numpy(rng, groups, cached):
    x = rng.normal(size=(B, T, D_MODEL))
    cache = [rng.normal(size=(B, groups, cached, D_MODEL // H)) for _ in range(2)]
    positions = np.arange(cached, cached + T)
    layer = GroupedQueryAttention(H, groups)
    layer.build(x.shape)
    received, (keys, values) = layer(
        floats(x), positions=positions, cache=[floats(part) for part in cache] if cached else None
    )
    output, k, v = attention64(x, kernels_of(layer), positions, cache if cached else None)
    close(received, output)
    close(keys, k)
    close(values, v)


@ON_TENSORFLOW
def test_attention_and_its_gradients_against_torch(others):
    import tensorflow as tf

    layer = GroupedQueryAttention(H, G)
    x = tf.constant(others["gqa_x"], "float32")
    layer.build(x.shape)
    layer.set_weights([others[f"gqa_{role}"] for role in ROLES])
    with tf.GradientTape() as tape:
        tape.watch(x)
        output, (keys, values) = layer(x, positions=np.arange(4, 4 + T))
        total = tf.reduce_sum(output * others["gqa_slope"].astype("float32"))
    for received, name in ((output, "y"), (keys, "keys"), (values, "values")):
        close(received, others[f"gqa_{name}"], 5e-5)
    found = tape.gradient(total, [x, *(weight.value for weight in layer.trainable_weights)])
    for gradient, name in zip(found, ("x", *ROLES), strict=True):
        expected = others[f"gqa_{name}_gradient"]
        close(gradient, expected, GRADIENT * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_at_one_position_it_is_keras_own_grouped_attention(rng, groups):
    """All positions equal: nothing is turned against anything."""
    x, width = floats(rng.normal(size=(B, T, D_MODEL))), D_MODEL // H
    layer = GroupedQueryAttention(H, groups)
    received, _ = layer(x, positions=np.zeros(T, "int32"))
    oracle = keras.layers.GroupQueryAttention(width, H, groups, use_bias=False)
    oracle.build(x.shape, x.shape)
    query, key, value, out = kernels_of(layer)
    oracle.set_weights([
        query.reshape(-1, H, width), key.reshape(-1, groups, width),
        value.reshape(-1, groups, width), out.reshape(H, width, -1),
    ])  # fmt: skip
    close(received, oracle(x, x, use_causal_mask=True))


def test_the_output_depends_on_differences_of_positions_only(rng):
    x = floats(rng.normal(size=(B, T, D_MODEL)))
    layer = GroupedQueryAttention(H, G)
    close(layer(x, positions=np.arange(T) + 50)[0], layer(x)[0], 5e-5)
    assert np.abs(array(layer(x, positions=2 * np.arange(T))[0]) - array(layer(x)[0])).max() > 1e-3


@pytest.mark.parametrize("sizes", [(1,) * T, (2, 3), (4, 1)])
def test_in_pieces_with_a_cache_it_gives_what_it_gives_at_once(rng, sizes):
    x = floats(rng.normal(size=(B, T, D_MODEL)))
    layer = GroupedQueryAttention(H, G)
    whole, (keys, values) = layer(x)
    cache, outputs, start = None, [], 0
    for size in sizes:
        places = np.arange(start, start + size)
        output, cache = layer(x[:, start : start + size], positions=places, cache=cache)
        outputs.append(output)
        start += size
    close(ops.concatenate(outputs, axis=1), whole)
    close(cache[0], keys)
    close(cache[1], values)


def test_no_row_sees_what_follows_it(rng):
    layer = GroupedQueryAttention(H, G)
    assert not sees_future(lambda some: layer(some)[0], floats(rng.normal(size=(B, T, D_MODEL))))


def test_a_cache_holds_g_heads_and_the_weights_follow():
    layer = GroupedQueryAttention(H, G)
    _, (keys, values) = layer(ops.ones((B, T, D_MODEL)))
    assert tuple(keys.shape) == tuple(values.shape) == (B, G, T, D_MODEL // H)
    assert layer.count_params() == 2 * D_MODEL**2 + 2 * D_MODEL * G * D_MODEL // H


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: apply_rotary(ops.ones((T, 7)), np.arange(T)), r"d even.*float32.*\(5, 7\)"),
        (lambda: apply_rotary(ops.ones((6,)), np.arange(1)), r"\(\.\.\., T, d\).*\(6,\)"),
        (lambda: apply_rotary(ops.ones((T, 6), "int32"), np.arange(T)), "floats.*int32"),
        (lambda: apply_rotary(ops.ones((T, 6)), np.arange(4)), r"each row.*\(4,\) and \(5, 6\)"),
        (lambda: apply_rotary(ops.ones((T, 6)), 3), r"each row.*\(\) and \(5, 6\)"),
        (lambda: RMSNorm(epsilon=-1.0), "epsilon=-1.0"),
        (lambda: SwiGLU(0), "d_ff=0"),
        (lambda: GroupedQueryAttention(0, 1), "positive.*num_heads=0, num_groups=1"),
        (lambda: GroupedQueryAttention(4, 0), "positive.*num_heads=4, num_groups=0"),
        (lambda: GroupedQueryAttention(6, 4)(ops.ones((B, T, 24))), "num_heads=6, num_groups=4"),
        (lambda: GroupedQueryAttention(5, 1)(ops.ones((B, T, 24))), "d_model=24, num_heads=5"),
    ],
)  # fmt: skip
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class OutputOnly(GroupedQueryAttention):
    """The layer without its cache, as a model that trains uses it."""

    def call(self, x):
        return super().call(x)[0]


@pytest.mark.parametrize(
    ("layer_class", "config"),
    [
        (RMSNorm, {"epsilon": 0.01}),
        (SwiGLU, {"d_ff": D_FF}),
        (OutputOnly, {"num_heads": H, "num_groups": G}),
    ],
)
def test_the_contract_of_a_layer(rng, assert_layer_contract, layer_class, config):
    x = rng.normal(size=(B, T, D_MODEL)).astype("float32")
    assert_layer_contract(layer_class, config, x)
