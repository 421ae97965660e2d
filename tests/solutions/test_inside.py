"""Lesson 11, looking inside: against PyTorch, NumPy in float64 and numbers worked by hand."""

import doctest

import keras
import numpy as np
import pytest
from keras import ops

from solutions import inside
from solutions.inside import ablate_head, induction_score
from solutions.multihead import MultiHeadAttention
from tests.solutions.values import array, close, stored

B, H, T, D, D_MODEL = 2, 3, 8, 4, 7


@pytest.fixture
def rng():
    return np.random.default_rng(12)


@pytest.fixture(scope="module")
def torch_values():
    return stored("inside")


def some_weights(rng, length=T):
    shares = rng.random((B, H, length, length)) * np.tri(length)
    return (shares / shares.sum(axis=-1, keepdims=True)).astype("float32")


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(inside)
    assert result.attempted >= 5
    assert result.failed == 0


def test_the_score_by_hand():
    rows = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0.75, 0.25, 0], [0, 0, 0.25, 0.75]]
    close(induction_score(ops.array([[rows]])), [0.5])


@pytest.mark.parametrize("length", [2, 6, 14])
def test_the_score_is_a_mean_over_named_places(rng, length):
    weights = some_weights(rng, length)
    expected, half = np.zeros(H), length // 2
    for b, h, t in np.ndindex(B, H, half):
        query = half + t
        expected[h] += weights[b, h, query, query - half + 1] / (B * half)
    close(induction_score(weights), expected)


def test_the_score_against_torch(torch_values):
    close(induction_score(ops.array(torch_values["weights"], "float32")), torch_values["scores"])


def test_perfect_heads_of_three_kinds():
    """An induction head scores 1, a duplicate-token head and a previous-token head 0."""
    weights = np.zeros((1, 3, 10, 10), "float32")
    for t in range(5, 10):
        weights[0, 0, t, t - 4] = weights[0, 1, t, t - 5] = weights[0, 2, t, t - 1] = 1.0
    close(induction_score(weights), [1.0, 0.0, 0.0], 0.0)


def test_weights_of_the_first_half_play_no_part(rng):
    weights = some_weights(rng)
    other = weights.copy()
    other[:, :, : T // 2] = 7.0
    close(induction_score(other), array(induction_score(weights)), 0.0)


def test_ablation_by_hand():
    attended = ops.array([[[[1.0], [3.0]], [[5.0], [5.0]]]])
    kernel = ops.ones((2, 1))
    for head, mean, expected in (
        (0, False, [5, 5]), (1, False, [1, 3]), (0, True, [7, 7]), (1, True, [6, 8])
    ):  # fmt: skip
        close(ablate_head(attended, kernel, head, mean)[0, :, 0], expected, 0.0)


@pytest.mark.parametrize(("mean", "name"), [(False, "by_zero"), (True, "by_mean")])
def test_ablation_against_torch(torch_values, mean, name):
    attended, kernel = (ops.array(torch_values[key], "float32") for key in ("attended", "kernel"))
    for head, expected in enumerate(torch_values[name]):
        close(ablate_head(attended, kernel, head, mean), expected, 2e-5)  # outputs near 10


def test_what_a_head_adds_is_what_its_ablation_takes(rng):
    """Over all heads the parts that are taken away add up to the whole output."""
    attended = rng.normal(size=(B, H, T, D)).astype("float32")
    kernel = rng.normal(size=(H * D, D_MODEL)).astype("float32")
    whole = np.einsum("bhtd,hdm->btm", attended, kernel.reshape(H, D, D_MODEL))
    taken = sum(whole - array(ablate_head(attended, kernel, head)) for head in range(H))
    close(taken, whole, 5e-5)  # a sum of differences of numbers near 10


def test_a_head_that_always_says_the_same_is_not_missed_by_its_mean(rng):
    attended = rng.normal(size=(B, H, T, D)).astype("float32")
    attended[:, 1] = [0.5, -1.0, 2.0, 0.25]
    kernel = rng.normal(size=(H * D, D_MODEL)).astype("float32")
    whole = np.einsum("bhtd,hdm->btm", attended, kernel.reshape(H, D, D_MODEL))
    close(ablate_head(attended, kernel, 1, mean=True), whole, 2e-5)
    assert np.abs(array(ablate_head(attended, kernel, 1)) - whole).max() > 0.1


def test_it_is_the_layer_of_lesson_5_without_rows_of_w_o(rng):
    x = rng.normal(size=(B, T, H * D)).astype("float32")
    layer = MultiHeadAttention(H)
    layer.build(x.shape, x.shape)
    *three, kernel = layer.get_weights()
    layer.set_weights([*three, np.eye(H * D, dtype="float32")])
    merged = array(layer(x, x))
    attended = merged.reshape(B, T, H, D).transpose(0, 2, 1, 3)
    for head in range(H):
        off = kernel.copy()
        off[head * D : (head + 1) * D] = 0.0
        layer.set_weights([*three, off])
        close(ablate_head(attended, kernel, head), array(layer(x, x)))


def test_with_an_unknown_batch(rng):
    attended, kernel = keras.Input((H, T, D)), ops.ones((H * D, D_MODEL))
    model = keras.Model(attended, ablate_head(attended, kernel, 1, mean=True))
    some = rng.normal(size=(B, H, T, D)).astype("float32")
    close(model(some), array(ablate_head(some, kernel, 1, mean=True)))
    weights = keras.Input((H, T, T))
    assert keras.Model(weights, induction_score(weights)).output.shape == (H,)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_type_is_kept(rng, dtype):
    attended = ops.cast(rng.normal(size=(B, H, T, D)), dtype)
    kernel = ops.cast(rng.normal(size=(H * D, D_MODEL)), dtype)
    for found in (ablate_head(attended, kernel, 1, True), induction_score(_cast(rng, dtype))):
        assert keras.backend.standardize_dtype(found.dtype) == dtype
        assert np.isfinite(array(found)).all()


def _cast(rng, dtype):
    return ops.cast(some_weights(rng), dtype)


ATTENDED, KERNEL = ops.ones((B, H, T, D)), ops.ones((H * D, D_MODEL))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: induction_score(ops.ones((2, 3, 5, 5))), r"even T.*\(2, 3, 5, 5\)"),
        (lambda: induction_score(ops.ones((2, 3, 4, 6))), r"\(2, 3, 4, 6\)"),
        (lambda: induction_score(ops.ones((4, 4))), r"\(B, H, T, T\).*\(4, 4\)"),
        (lambda: induction_score(ops.ones(())), r"\(B, H, T, T\).*\(\)"),
        (lambda: induction_score(ops.ones((2, 3, 0, 0))), r"\(2, 3, 0, 0\)"),
        (lambda: ablate_head(ATTENDED, KERNEL, 3), "0 to 2.*Received: 3"),
        (lambda: ablate_head(ATTENDED, KERNEL, -1), "Received: -1"),
        (lambda: ablate_head(ATTENDED, ops.ones((D, D_MODEL)), 0), r"H·d, d_model.*\(4, 7\)"),
        (lambda: ablate_head(ATTENDED[0], KERNEL, 0), r"\(B, H, T, d\).*\(3, 8, 4\)"),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()
