"""Lesson 09's strategies against brute force, KerasHub, PyTorch, counts of draws and a pencil."""

import doctest
import itertools
import math

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.standin_models import TableModel
from solutions import decoding
from solutions.decoding import (
    beam_search,
    greedy_decode,
    keep_nucleus,
    keep_top_k,
    pick_tokens,
    with_temperature,
)
from solutions.embedding import END, PAD, START
from tests.solutions.values import array, close, stored

TEMPERATURES = (0.3, 1.0, 2.5)


@pytest.fixture(scope="module")
def others():
    """Values of PyTorch and KerasHub."""
    return stored("decoding")


def table_model(seed, size, rows=None, memory=0.4, ends=0.0):
    """A drawn `TableModel`."""
    shape = (size, size) if rows is None else (rows, size, size)
    table = np.random.default_rng(seed).normal(0, 1.5, shape)
    table[..., END] += ends
    return TableModel(table, memory)


def log64(logits):
    logits = np.asarray(logits, "float64")
    return logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(decoding)
    assert result.attempted >= 12
    assert result.failed == 0


# greedy_decode


def greedy64(model, start, max_length):
    """One row alone: a list of what is written behind `start`."""
    written = []
    while len(written) < max_length and END not in written:
        logits = array(model(np.array([[*start, *written]])))[0, -1]
        written.append(int(logits.argmax()))
    return written


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_is_written_as_each_row_alone(seed):
    model = table_model(seed, size=7, rows=5, ends=1.5)
    written = array(greedy_decode(model, np.full((5, 1), START), max_length=8))
    alone = [greedy64(TableModel(model.table[row], model.memory), [START], 8) for row in range(5)]
    longest = max(map(len, alone))
    expected = [[START, *row, *[PAD] * (longest - len(row))] for row in alone]
    np.testing.assert_array_equal(written, expected)


def test_rows_that_ended_stay_ended():
    written = array(greedy_decode(table_model(3, 6, rows=8, ends=2.0), np.ones((8, 1)), 12))
    ends = [list(row).index(END) for row in written if END in row]
    assert len(set(ends)) > 1
    for row in written:
        if END in row:
            assert (row[list(row).index(END) + 1 :] == PAD).all()


def test_the_loop_asks_no_more_than_it_must():
    asked = []

    def model(ids):
        asked.append(tuple(ids.shape))
        return table_model(0, 5, memory=0.0, ends=50.0)(ids)

    assert array(greedy_decode(model, np.ones((3, 2)), max_length=9)).shape == (3, 3)
    assert asked == [(3, 2)]
    assert array(greedy_decode(model, np.ones((3, 2), "int64"), max_length=0)).shape == (3, 2)


@pytest.mark.parametrize("shape", [(3,), (2, 0), (1, 2, 3)])
def test_a_beginning_is_needed(shape):
    with pytest.raises(ValueError, match=r"shape \(B, T\), T of at least 1. Received: shape"):
        greedy_decode(table_model(0, 5), np.ones(shape, "int32"), 3)


# with_temperature


@pytest.mark.parametrize(("place", "temperature"), [*enumerate(TEMPERATURES)])
def test_temperature_against_torch(others, place, temperature):
    close(with_temperature(others["logits"], temperature), others["tempered"][place])


def test_temperature_by_hand():
    logits = np.log([0.5, 0.25, 0.25])
    close(with_temperature(logits, 0.5), [2 / 3, 1 / 6, 1 / 6])
    close(with_temperature(logits, 0.0), [1, 0, 0])
    roots = np.sqrt([0.5, 0.25, 0.25])
    close(with_temperature(logits, 2.0), roots / roots.sum())


def test_temperature_has_greedy_and_even_chances_as_its_ends(others):
    logits = others["logits"]
    close(with_temperature(logits, 1e-3), array(with_temperature(logits, 0.0)))
    close(with_temperature(logits, 1e6), np.full_like(logits, 1 / logits.shape[-1]), 1e-4)


def test_temperature_in_half_precision_and_of_large_logits(others):
    half = with_temperature(others["logits"].astype("float16"), 0.7)
    close(half, array(with_temperature(others["logits"], 0.7)), 5e-3)
    close(with_temperature(others["logits"] + 1e4, 1.0), others["tempered"][1], 2e-3)


def test_a_negative_temperature_is_refused():
    with pytest.raises(ValueError, match=r"`temperature` must not be negative. Received: -0.5"):
        with_temperature(np.zeros(3), -0.5)


# pick_tokens


def test_a_token_is_picked_as_often_as_its_probability_says():
    """A χ² test: 20,000 draws of 6 tokens, seed fixed, 5 degrees of freedom.

    Chance alone exceeds 20.5 once in a thousand seeds.
    """
    probabilities = np.array([0.02, 0.4, 0.13, 0.05, 0.3, 0.1], "float32")
    uniform = np.random.default_rng(0).random(20_000)
    tokens = array(pick_tokens(np.broadcast_to(probabilities, (20_000, 6)), uniform))
    counts, expected = np.bincount(tokens, minlength=6), 20_000 * probabilities
    assert ((counts - expected) ** 2 / expected).sum() < 20.5
    wrong = np.roll(counts, 1)  # the test is one that can fail
    assert ((wrong - expected) ** 2 / expected).sum() > 1000


def test_what_was_cut_off_is_never_drawn():
    probabilities = keep_top_k(np.array([0.1, 0.4, 0.2, 0.3]), 2)
    uniform = np.linspace(0, 1, 999, endpoint=False)
    tokens = array(pick_tokens(np.broadcast_to(array(probabilities), (999, 4)), uniform))
    assert set(tokens.tolist()) == {1, 3}


@pytest.mark.parametrize("shape", [(), (7,), (3, 5)])
def test_picking_against_numpy(shape):
    rng = np.random.default_rng(1)
    probabilities, uniform = rng.dirichlet(np.ones(6), shape), rng.random(shape)
    received = array(pick_tokens(probabilities, uniform))
    sums = probabilities.cumsum(axis=-1).reshape(-1, 6)
    expected = [
        np.searchsorted(row, u, side="right")
        for row, u in zip(sums, np.ravel(uniform), strict=True)
    ]
    np.testing.assert_array_equal(received.ravel(), expected)
    assert received.shape == shape


def test_the_borders_of_the_interval():
    probabilities = np.array([0.0, 0.5, 0.5], "float32")
    last = np.nextafter(np.float32(1), np.float32(0))
    uniform = np.array([0.0, 0.5, last], "float32")
    picked = pick_tokens(np.broadcast_to(probabilities, (3, 3)), uniform)
    np.testing.assert_array_equal(array(picked), [1, 2, 2])
    thirds = np.full((1, 3), np.float32(1 / 3) - np.float32(1e-7))  # rounding: they sum to less
    assert array(pick_tokens(thirds, np.array([last]))).tolist() == [2]


# keep_top_k and keep_nucleus


def test_top_k_against_keras_hub(others):
    close(keep_top_k(others["probabilities"], 3), others["top_k"])


def test_the_nucleus_against_keras_hub(others):
    close(keep_nucleus(others["probabilities"], 0.7), others["nucleus"])


@pytest.mark.parametrize("k", [1, 3, 5, 9])
def test_top_k_keeps_k_and_their_ratios(k):
    probabilities = np.random.default_rng(2).dirichlet(np.ones(5), (2, 3))
    kept = array(keep_top_k(probabilities, k))
    assert ((kept > 0).sum(axis=-1) == min(k, 5)).all()
    close(kept.sum(axis=-1), np.ones((2, 3)))
    close(kept * probabilities.max(-1, keepdims=True), probabilities * (kept > 0) * kept.max(-1, keepdims=True))  # noqa: E501  # fmt: skip


def test_of_equal_tokens_the_lower_ids_are_kept():
    even = np.full((2, 6), 1 / 6, "float32")
    np.testing.assert_array_equal(array(keep_top_k(even, 2)) > 0, [[1, 1, 0, 0, 0, 0]] * 2)
    np.testing.assert_array_equal(array(keep_nucleus(even, 0.4)) > 0, [[1, 1, 1, 0, 0, 0]] * 2)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_the_nucleus_is_the_smallest_set_that_has_p(p):
    probabilities = np.random.default_rng(3).dirichlet(np.ones(6), 20)
    kept = array(keep_nucleus(probabilities, p)) > 0
    for row, mine in zip(probabilities, kept, strict=True):
        assert row[mine].sum() >= p - 1e-6
        sets = [
            np.array(some)
            for size in range(1, 7)
            for some in itertools.combinations(range(6), size)
            if row[list(some)].sum() >= p
        ]
        assert mine.sum() == min(map(len, sets))
        assert row[mine].sum() >= max(row[s].sum() for s in sets if len(s) == mine.sum()) - 1e-6


def test_the_nucleus_by_hand():
    probabilities = np.array([0.125, 0.5, 0.125, 0.25])
    close(keep_nucleus(probabilities, 0.6), [0, 2 / 3, 0, 1 / 3])
    close(keep_nucleus(probabilities, 0.75), [0, 2 / 3, 0, 1 / 3])
    close(keep_nucleus(probabilities, 0.76), np.array([1, 4, 0, 2]) / 7)
    close(keep_nucleus(probabilities, 0.3), [0, 1, 0, 0])
    close(keep_nucleus(probabilities, 1.0), probabilities)


def test_one_after_the_other():
    """Temperature, top-k, nucleus, draw: each takes what the one before it gives."""
    chances = with_temperature(np.log([0.4, 0.3, 0.2, 0.1]), 0.5)  # 16, 9, 4, 1 of 30
    kept = keep_nucleus(keep_top_k(chances, 3), 0.6)  # 16 and 9 of 29
    close(kept, [16 / 25, 9 / 25, 0, 0])
    assert int(pick_tokens(kept, 0.65)) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: keep_top_k(np.ones(3) / 3, 0), "`k` must be at least 1. Received: k=0"),
        (lambda: keep_nucleus(np.ones(3) / 3, 0.0), r"`p` must be in \(0, 1\]. Received: p=0.0"),
        (lambda: keep_nucleus(np.ones(3) / 3, 1.1), r"`p` must be in \(0, 1\]. Received: p=1.1"),
        (lambda: beam_search(None, [1], 0, 3), r"must be at least 1. Received: 0, 3, 1"),
        (lambda: beam_search(None, [], 2, 3), r"must be at least 1. Received: 2, 3, 0"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# beam_search


def penalty(length, alpha):
    return ((5 + length) / 6) ** alpha


def all_texts(size, max_length):
    """Every text: ended by END, or cut off at the greatest length."""
    others = [v for v in range(size) if v != END]
    for length in range(1, max_length + 1):
        for tokens in itertools.product(others, repeat=length - 1):
            last = range(size) if length == max_length else [END]
            yield from ([*tokens, v] for v in last)


def log_p(model, start, tokens):
    logits = array(model(np.array([[*start, *tokens]])))[0]
    return sum(log64(logits[len(start) - 1 + t])[v] for t, v in enumerate(tokens))


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.5])
@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_is_a_search_through_everything(seed, alpha):
    model = table_model(seed, size=4, ends=0.3)
    scored = [
        (log_p(model, [START], tokens) / penalty(len(tokens), alpha), tokens)
        for tokens in all_texts(4, 3)
    ]
    assert len(scored) == 1 + 3 + 36
    score, tokens = max(scored)
    received = beam_search(model, [START], beam_width=64, max_length=3, alpha=alpha)
    assert received[0] == tokens
    assert received[1] == pytest.approx(score, abs=1e-5)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_score_is_that_of_the_tokens(width):
    model = table_model(5, size=6, ends=0.5)
    tokens, score = beam_search(model, [START, 4], width, max_length=5, alpha=0.7)
    assert score == pytest.approx(log_p(model, [START, 4], tokens) / penalty(len(tokens), 0.7))
    assert END not in tokens[:-1]
    assert all(type(token) is int for token in tokens)


@pytest.mark.parametrize("seed", range(5))
def test_one_beam_is_greedy(seed):
    model = table_model(seed, size=6, ends=0.8)
    tokens, _ = beam_search(model, [START], beam_width=1, max_length=7)
    assert tokens == greedy64(model, [START], 7)


def test_beams_against_keras_hub(others):
    """Where nothing ends, and so nothing depends on how ended beams are held."""
    assert others["beam_table"].shape == (7, 7)
    table = others["beam_table"]
    tokens, _ = beam_search(TableModel(table), [START], 3, max_length=4, alpha=0.0)
    best = others["beam_tokens"].tolist()
    assert END not in best
    ours, theirs = (log_p(TableModel(table), [START], text) for text in (tokens, best))
    assert tokens == best or ours > theirs


def test_the_penalty_of_the_lesson():
    values = [penalty(length, 0.6) for length in (1, 5, 10, 20)]
    np.testing.assert_allclose(values, [1.0, 1.3587, 1.7329, 2.3544], atol=5e-5)
    assert -2.6 / penalty(8, 0.6) == pytest.approx(-1.635, abs=5e-4)
    assert -2.0 / penalty(2, 0.6) == pytest.approx(-1.823, abs=5e-4)


def test_a_penalty_makes_longer_texts_win():
    table = np.full((6, 6), -9.0)
    table[START, [END, 3]] = math.log(0.52), math.log(0.48)
    table[3, 4], table[4, 5], table[5, END] = (math.log(0.9),) * 3
    table -= np.log(np.exp(table).sum(axis=-1, keepdims=True))
    found = {a: beam_search(TableModel(table), [START], 3, 6, alpha=a)[0] for a in (0.0, 1.0)}
    assert found == {0.0: [END], 1.0: [3, 4, 5, END]}


def test_half_precision_logits():
    model = table_model(7, size=6, ends=0.5)

    def half(ids):
        return ops.cast(model(ids), "float16")

    expected = beam_search(model, [START], 3, 4)
    received = beam_search(half, [START], 3, 4)
    assert received[0] == expected[0]
    assert received[1] == pytest.approx(expected[1], abs=1e-2)
    assert keras.backend.standardize_dtype(half(np.ones((1, 1), int)).dtype) == "float16"
