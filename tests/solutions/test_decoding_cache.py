"""Lesson 09's caches against PyTorch, against the decoder without one, and against each other."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import decoding_cache, decoding_writer
from solutions.decoding import greedy_decode
from solutions.decoding_cache import (
    CachedTransformer,
    cached_cross_attention,
    cached_self_attention,
)
from solutions.decoding_writer import CachedWriter
from solutions.embedding import END, PAD, START
from solutions.multihead import MultiHeadAttention
from solutions.transformer import Transformer
from tests.solutions import values
from tests.solutions.values import array, floats, stored

# Keras reads variables of TensorFlow in NumPy 1's manner when it loads a model.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

H = 3
SIZES = {"d_model": 12, "num_layers": 2, "num_heads": 3, "hidden_dim": 10}
V, S, T = 17, 5, 7
ROLES = ("query", "key", "value", "output")


def close(received, expected, tolerance=2e-5):
    values.close(received, expected, tolerance)


@pytest.fixture(scope="module")
def others():
    """Values of PyTorch, in float64."""
    return stored("decoding")


def attention_of(others, name):
    """A `MultiHeadAttention` with PyTorch's matrices, its inputs and its output."""
    x, asked = floats(others[f"{name}_x"]), floats(others[f"{name}_asked"])
    layer = MultiHeadAttention(H)
    layer.build(x.shape, asked.shape)
    for role in ROLES:
        projection = getattr(layer, f"{role}_projection")
        projection.kernel.assign(others[f"{name}_{role}"])
    return layer, x, asked, others[f"{name}_y"]


@pytest.fixture(scope="module", params=[False, True], ids=["post-LN", "pre-LN"])
def model(request):
    keras.utils.set_random_seed(5)
    model = CachedTransformer(V, **SIZES, norm_first=request.param)
    model.build({"source": (3, S), "target": (3, T)})
    rng = np.random.default_rng(5)
    for weight in model.weights:  # norms and biases that do something
        weight.assign(array(weight) + rng.normal(0, 0.2, weight.shape))
    return model


@pytest.fixture
def inputs():
    rng = np.random.default_rng(6)
    source, target = (rng.integers(4, V, (3, length)).astype("int32") for length in (S, T))
    source[1, 3:] = source[2, 2:] = PAD
    target[:, 0] = START
    return {name: ops.convert_to_tensor(ids) for name, ids in
            (("source", source), ("target", target))}  # fmt: skip


def test_the_examples_in_the_docstrings():
    for module in (decoding_cache, decoding_writer):
        result = doctest.testmod(module)
        assert result.attempted >= 3
        assert result.failed == 0


# cached_self_attention


@pytest.mark.parametrize("cuts", [(), (3,), (1, 2, 6), (1, 2, 3, 4, 5, 6)])
def test_pieces_with_a_cache_are_torch_s_causal_attention(others, cuts):
    layer, x, _, expected = attention_of(others, "self")
    cache, outputs = None, []
    for start, end in zip((0, *cuts), (*cuts, x.shape[1]), strict=True):
        output, cache = cached_self_attention(layer, x[:, start:end], cache)
        outputs.append(output)
        assert cache[0].shape == cache[1].shape == (2, H, end, 4)
    close(ops.concatenate(outputs, axis=1), expected)


def test_a_cache_holds_the_keys_and_values_of_the_whole(others):
    layer, x, _, _ = attention_of(others, "self")
    _, whole = cached_self_attention(layer, x)
    _, cache = cached_self_attention(layer, x[:, :4])
    _, cache = cached_self_attention(layer, x[:, 4:], cache)
    for mine, expected in zip(cache, whole, strict=True):
        close(mine, expected, 1e-6)


def test_a_cache_that_comes_in_is_not_changed(others):
    layer, x, _, _ = attention_of(others, "self")
    _, cache = cached_self_attention(layer, x[:, :4])
    before = [array(part).copy() for part in cache]
    once, _ = cached_self_attention(layer, x[:, 4:5], cache)
    again, _ = cached_self_attention(layer, x[:, 4:5], cache)
    close(once, again, 0.0)
    for part, old in zip(cache, before, strict=True):
        np.testing.assert_array_equal(array(part), old)


# cached_cross_attention


def test_cross_attention_against_torch_first_and_later(others):
    layer, x, source, expected = attention_of(others, "cross")
    mask = ops.convert_to_tensor(others["cross_mask"])
    first, cache = cached_cross_attention(layer, x[:, :2], source, source_mask=mask)
    close(first, expected[:, :2])
    for t in range(2, x.shape[1]):
        step, cache = cached_cross_attention(layer, x[:, t : t + 1], None, cache, mask)
        close(step, expected[:, t : t + 1])
        assert cache[0].shape == (2, H, source.shape[1], 4)


def test_the_source_is_projected_once(others):
    layer, x, source, _ = attention_of(others, "cross")
    _, cache = cached_cross_attention(layer, x, source)
    for role in ("key", "value"):
        setattr(layer, f"{role}_projection", None)
    _, again = cached_cross_attention(layer, x, source, cache)
    assert again is cache


def test_without_a_mask_it_is_the_layer_itself(others):
    layer, x, source, _ = attention_of(others, "cross")
    close(cached_cross_attention(layer, x, source)[0], layer(x, source))


# CachedTransformer


def test_one_token_at_a_time_equals_the_whole_in_every_step(model, inputs):
    whole = model(inputs)
    encoded, cache = model.encode(inputs["source"]), None
    for t in range(T):
        step, cache = model.decode_step(
            inputs["target"][:, t : t + 1], encoded, inputs["source"], cache
        )
        close(step, whole[:, t : t + 1])
    close(model.step_by_step(inputs)[0], whole)
    assert [tuple(keys.shape) for pairs in cache for keys, _ in pairs] == [
        (3, 3, T, 4), (3, 3, S, 4)
    ] * 2  # fmt: skip


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_several_tokens_at_once(model, inputs, cut):
    source, target = inputs["source"], inputs["target"]
    encoded = model.encode(source)
    first, cache = model.decode_step(target[:, :cut], encoded, source)
    second, _ = model.decode_step(target[:, cut:], encoded, source, cache)
    close(ops.concatenate([first, second], axis=1), model(inputs))


def test_padding_of_the_source_changes_nothing(model, inputs):
    padded = ops.pad(inputs["source"], [[0, 0], [0, 4]])
    longer, _ = model.step_by_step({**inputs, "source": padded})
    close(longer, model.step_by_step(inputs)[0])


def test_each_row_alone(model, inputs):
    together, _ = model.step_by_step(inputs)
    for row in range(3):
        alone, _ = model.step_by_step({name: ids[row : row + 1] for name, ids in inputs.items()})
        close(alone, together[row : row + 1])


def test_weights_of_a_transformer_fit_and_it_is_saved_and_loaded(inputs, tmp_path):
    plain = Transformer(V, **SIZES)
    expected = plain(inputs)
    cached = CachedTransformer.from_config(plain.get_config())
    cached(inputs)
    cached.set_weights(plain.get_weights())
    close(cached.step_by_step(inputs)[0], expected)
    cached.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    close(again.step_by_step(inputs)[0], expected)


def test_half_precision(inputs):
    keras.utils.set_random_seed(1)
    model = CachedTransformer(V, **SIZES, dtype="mixed_float16")
    whole = model(inputs)
    steps, cache = model.step_by_step(inputs)
    assert {keras.backend.standardize_dtype(part.dtype) for pairs in cache for pair in pairs
            for part in pair} == {"float16"}  # fmt: skip
    close(ops.cast(steps, "float32"), ops.cast(whole, "float32"), 2e-2)
    written = array(CachedWriter(model, 5, end=None)(inputs["source"]))
    assert written.shape == (3, 5)


# CachedWriter


def greedy(model, source, length):
    encoded = model.encode(source)
    start = np.full((source.shape[0], 1), START)
    return array(greedy_decode(lambda ids: model.decode(ids, encoded, source), start, length))


def test_it_writes_what_greedy_decoding_writes(model, inputs):
    written = array(CachedWriter(model, length=9)(inputs["source"]))
    expected = greedy(model, inputs["source"], 9)[:, 1:]
    assert written.shape == (3, 9)
    np.testing.assert_array_equal(written[:, : expected.shape[1]], expected)
    assert (written[:, expected.shape[1] :] == PAD).all()


def test_rows_that_ended_stay_ended_and_the_others_go_on():
    rng = np.random.default_rng(1)
    model = Transformer(6, **SIZES)
    source = ops.convert_to_tensor(rng.integers(3, 6, (40, S)), "int32")
    model.build({"source": source.shape, "target": (40, 9)})
    for variable in model.trainable_variables:  # drawn here: every backend draws others
        variable.assign(rng.normal(size=variable.shape))
    written = array(CachedWriter(model, length=8)(source))
    expected = greedy(model, source, 8)[:, 1:]
    np.testing.assert_array_equal(written[:, : expected.shape[1]], expected)
    ended = (written == END).any(axis=1)
    assert 0 < ended.sum() < 40
    for row in written[ended]:
        assert (row[list(row).index(END) + 1 :] == PAD).all()


def test_compiled_it_writes_the_same(model, inputs):
    writer = CachedWriter(model, length=6, end=None)
    eager = array(writer(inputs["source"]))
    np.testing.assert_array_equal(writer.predict_on_batch(inputs["source"]), eager)
    assert eager.shape == (3, 6)


def test_a_length_of_nothing_is_refused(model):
    with pytest.raises(ValueError, match=r"`length` must be at least 1. Received: length=0"):
        CachedWriter(model, 0)
