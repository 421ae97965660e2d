"""Lesson 08 against PyTorch, Keras' own losses, NumPy in float64 and numbers worked by hand."""

import doctest
import math
import random
from collections import Counter

import keras
import numpy as np
import pytest
from keras import ops

from solutions import training
from solutions.embedding import END, PAD, START
from solutions.training import (
    PairBatches,
    TokenAccuracy,
    WarmUpSchedule,
    shift_targets,
    smoothed_cross_entropy,
)
from solutions.transformer import Transformer
from tests.solutions.values import array, stored

B, T, V = 3, 5, 7
BACKEND = keras.backend.backend()


@pytest.fixture(scope="module")
def torch_values():
    return stored("training")


def some_pairs(count, seed=0, shortest=1, longest=20):
    """Pairs in which the first token of a source says which pair it is."""
    rng = random.Random(seed)

    def tokens():
        return [rng.randrange(4, 30) for _ in range(rng.randint(shortest, longest))]

    sources = [[100 + number, *tokens()] for number in range(count)]
    targets = [[START, *tokens(), END] for _ in range(count)]
    return sources, targets


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(training)
    assert result.attempted >= 7
    assert result.failed == 0


# shift_targets


@pytest.mark.parametrize("kind", [np.asarray, ops.convert_to_tensor])
def test_each_label_is_the_input_one_place_on(kind):
    ids = np.array([[START, 7, 8, END, PAD], [START, 9, 6, 5, END]])
    inputs, labels = map(array, shift_targets(kind(ids)))
    np.testing.assert_array_equal(inputs, [[START, 7, 8, END], [START, 9, 6, 5]])
    np.testing.assert_array_equal(labels, [[7, 8, END, PAD], [9, 6, 5, END]])
    assert (labels == END).sum() == 2  # one in each row: the longest row keeps its END


@pytest.mark.parametrize("shape", [(5,), (2, 1), (2, 3, 4)])
def test_shift_needs_two_columns(shape):
    with pytest.raises(ValueError, match=r"shape \(B, T\) with T of at least 2. Received: shape"):
        shift_targets(np.ones(shape, "int32"))


# smoothed_cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_the_loss_against_torch(torch_values, smoothing):
    logits = torch_values["logits"].astype("float32")
    loss = smoothed_cross_entropy(ops.array(torch_values["labels"]), ops.array(logits), smoothing)
    assert float(loss) == pytest.approx(float(torch_values[f"loss_{smoothing}"]), abs=2e-6)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="calls TensorFlow's own functions")
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_the_gradient_against_torch(torch_values, smoothing):
    import tensorflow as tf

    logits = tf.Variable(torch_values["logits"], dtype="float32")
    with tf.GradientTape() as tape:
        loss = smoothed_cross_entropy(torch_values["labels"], logits, smoothing)
    gradient = tape.gradient(loss, logits).numpy()
    np.testing.assert_allclose(gradient, torch_values[f"gradient_{smoothing}"], atol=1e-6)
    assert not gradient[torch_values["labels"] == PAD].any()


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.4])
def test_the_loss_against_keras(torch_values, smoothing):
    labels, logits = torch_values["labels"], torch_values["logits"].astype("float32")
    real = labels != PAD
    smoothed = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    expected = float(smoothed(np.eye(V, dtype="float32")[labels[real]], logits[real]))
    received = float(smoothed_cross_entropy(labels, ops.array(logits), smoothing))
    assert received == pytest.approx(expected, abs=2e-6)


def test_without_smoothing_it_is_keras_loss_that_ignores_a_class(torch_values):
    labels, logits = torch_values["labels"], torch_values["logits"].astype("float32")
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    received = float(smoothed_cross_entropy(labels, ops.array(logits), smoothing=0.0))
    assert received == pytest.approx(float(plain(labels, logits)), abs=2e-6)


def test_the_loss_against_numpy_in_float64(torch_values):
    labels, logits = torch_values["labels"], torch_values["logits"]
    total, count = 0.0, 0
    for b, t in np.argwhere(labels != PAD):
        p = np.exp(logits[b, t]) / np.exp(logits[b, t]).sum()
        q = np.full(V, 0.1 / V)
        q[labels[b, t]] += 0.9
        assert q.sum() == pytest.approx(1.0)
        total, count = total - (q * np.log(p)).sum(), count + 1
    received = float(smoothed_cross_entropy(labels, ops.array(logits.astype("float32"))))
    assert received == pytest.approx(total / count, abs=2e-6)


@pytest.mark.parametrize(("size", "floor"), [(12, 0.526), (50, 0.702), (1000, 1.015)])
def test_the_floor_of_smoothing_and_the_loss_of_who_knows_nothing(size, floor):
    labels = ops.array([[3, 2]])
    q = 0.9 * np.eye(size)[[3, 2]] + 0.1 / size
    best = smoothed_cross_entropy(labels, ops.array(np.log(q)[None], "float32"))
    assert float(best) == pytest.approx(floor, abs=5e-4)
    blind = smoothed_cross_entropy(labels, ops.zeros((1, 2, size)))
    assert float(blind) == pytest.approx(math.log(size), abs=1e-5)
    sure = smoothed_cross_entropy(labels, ops.array(100 * np.eye(size)[[3, 2]][None], "float32"))
    assert float(sure) > float(best) + 1  # being too sure costs


def test_the_floor_of_the_paper_s_vocabulary():
    size, epsilon = 37000, 0.1
    top, rest = 1 - epsilon + epsilon / size, epsilon / size
    floor = -top * math.log(top) - (size - 1) * rest * math.log(rest)
    assert floor == pytest.approx(1.377, abs=5e-4)


def test_padding_changes_nothing_and_weighs_nothing(torch_values):
    labels, logits = torch_values["labels"], torch_values["logits"].astype("float32")
    before = float(smoothed_cross_entropy(labels, ops.array(logits)))
    other = np.where((labels == PAD)[..., None], 50.0, logits).astype("float32")
    assert float(smoothed_cross_entropy(labels, ops.array(other))) == pytest.approx(before)
    wide = np.pad(labels, ((0, 2), (0, 3))), np.pad(logits, ((0, 2), (0, 3), (0, 0)))
    assert float(smoothed_cross_entropy(wide[0], ops.array(wide[1]))) == pytest.approx(before)


def test_a_batch_of_padding_alone_loses_nothing():
    loss = smoothed_cross_entropy(np.zeros((2, 3), "int32"), ops.ones((2, 3, V)))
    assert float(loss) == 0.0


def test_large_logits_and_float16_stay_finite(torch_values):
    labels, logits = torch_values["labels"], torch_values["logits"].astype("float32")
    shifted = smoothed_cross_entropy(labels, ops.array(logits + 1000))
    assert float(shifted) == pytest.approx(float(smoothed_cross_entropy(labels, ops.array(logits))),
                                           abs=1e-3)  # fmt: skip
    half = smoothed_cross_entropy(labels, ops.array(logits, "float16"))
    assert keras.backend.standardize_dtype(half.dtype) == "float32"
    assert float(half) == pytest.approx(float(torch_values["loss_0.1"]), abs=1e-2)
    sure = smoothed_cross_entropy(np.array([[1]]), ops.array([[[60000.0, -60000.0]]], "float16"))
    assert float(sure) == pytest.approx(0.95 * 120000)


def test_labels_may_be_of_any_whole_number_and_any_rank(torch_values):
    labels, logits = torch_values["labels"], torch_values["logits"].astype("float32")
    before = float(smoothed_cross_entropy(labels, ops.array(logits)))
    for kind in ("int64", "uint8", "float32"):
        same = float(smoothed_cross_entropy(labels.astype(kind), ops.array(logits)))
        assert same == pytest.approx(before)
    flat = smoothed_cross_entropy(labels.reshape(-1), ops.array(logits.reshape(-1, V)))
    assert float(flat) == pytest.approx(before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 3)), np.ones((2, 3))), r"axes of `labels` and one.*\(2, 3\), logits of"),
        ((np.ones((2, 3)), np.ones((2, 3, 4)), 1.0), r"in \[0, 1\). Received: 1.0"),
        ((np.ones((2, 3)), np.ones((2, 3, 4)), -0.1), r"in \[0, 1\). Received: -0.1"),
    ],
)
def test_a_loss_says_what_must_hold(arguments, message):
    with pytest.raises(ValueError, match=message):
        smoothed_cross_entropy(*arguments)


# TokenAccuracy


def one_hot_logits(guesses):
    return ops.array(np.eye(V, dtype="float32")[np.asarray(guesses)])


def test_accuracy_counts_real_tokens_over_all_batches():
    accuracy = TokenAccuracy()
    assert float(accuracy.result()) == 0.0
    accuracy.update_state(np.array([[3, 4, 2], [5, 2, 0]]), one_hot_logits([[3, 4, 1], [5, 2, 6]]))
    assert float(accuracy.result()) == pytest.approx(4 / 5)
    accuracy.update_state(np.array([[2, 0, 0]], "float32"), one_hot_logits([[1, 0, 0]]))
    assert float(accuracy.result()) == pytest.approx(4 / 6)  # not the mean of 4/5 and 0
    accuracy.reset_state()
    assert float(accuracy.result()) == 0.0


def test_accuracy_against_keras_with_weights(torch_values):
    labels, logits = torch_values["labels"], torch_values["logits"].astype("float32")
    accuracy, oracle = TokenAccuracy(), keras.metrics.SparseCategoricalAccuracy()
    accuracy.update_state(labels, ops.array(logits))
    oracle.update_state(labels, logits, sample_weight=labels != PAD)
    assert float(accuracy.result()) == pytest.approx(float(oracle.result()))
    assert 0 < float(accuracy.result()) < 1


# WarmUpSchedule


@pytest.mark.parametrize(
    ("update", "rate"),
    [(1, 1.74693e-07), (100, 1.74693e-05), (4000, 6.98771e-04), (100000, 1.39754e-04)],
)
def test_the_rates_of_the_paper(update, rate):
    schedule = WarmUpSchedule(d_model=512, warmup_steps=4000)
    for step in (update - 1, np.int64(update - 1), ops.array(update - 1, "int32")):
        assert float(schedule(step)) == pytest.approx(rate, rel=1e-5)


def test_keras_takes_the_first_rate_for_its_first_update():
    schedule = WarmUpSchedule(d_model=4, warmup_steps=10)
    optimizer = keras.optimizers.SGD(schedule)
    weight, moved = keras.Variable([0.0]), []
    for _ in range(12):
        before = weight.numpy()[0]
        optimizer.apply([ops.array([-1.0])], [weight])
        moved.append(weight.numpy()[0] - before)
    expected = [0.5 * min(s**-0.5, s * 10**-1.5) for s in range(1, 13)]
    np.testing.assert_allclose(moved, expected, rtol=1e-4)
    assert np.argmax(moved) == 9


def test_a_schedule_is_made_anew_from_its_configuration():
    schedule = WarmUpSchedule(d_model=12, warmup_steps=7)
    config = keras.optimizers.schedules.serialize(schedule)
    again = keras.optimizers.schedules.deserialize(config)
    assert again.get_config() == schedule.get_config() == {"d_model": 12, "warmup_steps": 7}
    assert float(again(3)) == float(schedule(3))


@pytest.mark.parametrize("sizes", [(0, 4), (512, 0), (512, -1)])
def test_a_schedule_says_what_must_hold(sizes):
    with pytest.raises(ValueError, match=r"must be positive. Received: d_model="):
        WarmUpSchedule(*sizes)


# PairBatches


def stripped(row):
    return tuple(int(number) for number in row if number != PAD)


def pairs_of(batches):
    """Every pair of an epoch as `(source, inputs, labels)` without padding, counted."""
    found = Counter()
    for inputs, labels in (batches[place] for place in range(len(batches))):
        for row in zip(inputs["source"], inputs["target"], labels, strict=True):
            found[tuple(map(stripped, row))] += 1
    return found


def expected_pairs(sources, targets):
    """Inputs lack nothing but the last id of what was padded; labels have no START."""
    found = Counter()
    for source, target in zip(sources, targets, strict=True):
        found[tuple(source), tuple(target), tuple(target[1:])] += 1
    return found


@pytest.mark.parametrize("width", [1, 4, 50])
def test_an_epoch_has_each_pair_once(width):
    sources, targets = some_pairs(97)
    batches = PairBatches(sources, targets, 8, bucket_width=width)
    for _ in range(3):
        found = pairs_of(batches)
        assert sum(found.values()) == 97
        for source, inputs, labels in found:
            number = source[0] - 100
            assert list(source) == sources[number]
            assert list(labels) == targets[number][1:]
            assert list(inputs) in (targets[number], targets[number][:-1])
        batches.on_epoch_end()


def test_a_batch_comes_from_one_bucket_and_is_padded_behind():
    sources, targets = some_pairs(97)
    batches, full = PairBatches(sources, targets, 8, bucket_width=4), Counter()
    for inputs, labels in (batches[place] for place in range(len(batches))):
        source, target = inputs["source"], inputs["target"]
        assert len(source) == len(target) == len(labels) <= 8
        assert source.shape[1] % 4 == 0
        assert (target.shape[1] + 1) % 4 == 0
        assert labels.shape == target.shape
        assert source.dtype == target.dtype == labels.dtype == np.int32
        assert (target[:, 0] == START).all()
        assert ((labels == END).sum(axis=1) == 1).all()
        for row in source:
            real = np.count_nonzero(row)
            assert source.shape[1] - 4 < real <= source.shape[1]  # in the right bucket
            assert row[:real].all()  # no padding before a token
        full[source.shape[1], target.shape[1]] += len(source) < 8
    assert max(full.values()) == 1  # at most one batch of a bucket is not full


def test_wider_buckets_waste_more_and_have_fewer_shapes():
    sources, targets = some_pairs(400)

    def waste_and_shapes(width):
        batches = PairBatches(sources, targets, 16, bucket_width=width)
        found = [batches[place][0]["source"] for place in range(len(batches))]
        padding = sum((source == PAD).sum() for source in found)
        return padding, len({source.shape[1] for source in found})

    (exact, many), (some, fewer), (most, one) = map(waste_and_shapes, (1, 8, 50))
    assert exact == 0 < some < most
    assert many > fewer > one == 1


def test_the_seed_fixes_every_epoch_and_epochs_differ():
    sources, targets = some_pairs(60)

    def epochs(seed):
        batches, found = PairBatches(sources, targets, 8, seed=seed), []
        for _ in range(3):
            found.append([batches[place][0]["source"].tolist() for place in range(len(batches))])
            batches.on_epoch_end()
        return found

    first, again, other = epochs(1), epochs(1), epochs(2)
    assert first == again
    assert first != other
    assert first[0] != first[1] != first[2]
    members = [{frozenset(row[0] for row in batch) for batch in epoch} for epoch in first]
    assert members[0] != members[1]  # not only the order of the batches


def test_the_ids_handed_over_are_not_changed():
    sources, targets = some_pairs(20)
    before = [list(ids) for ids in sources], [list(ids) for ids in targets]
    batches = PairBatches(sources, targets, 4)
    pairs_of(batches)
    batches.on_epoch_end()
    assert (sources, targets) == before


@pytest.mark.parametrize("seed", range(20))
def test_the_first_two_batches_share_as_few_lengths_as_possible(seed):
    batches = PairBatches(*some_pairs(120, seed), 4, bucket_width=8, seed=seed)
    shapes = {batches.lengths(rows[0]) for rows in batches.batches}
    one, other = (batches.lengths(rows[0]) for rows in batches.batches[:2])
    for axis in (0, 1):
        assert one[axis] != other[axis] or len({shape[axis] for shape in shapes}) == 1


def test_keras_trains_on_batches_of_all_lengths():
    sources, targets = some_pairs(150)
    sources = [[4 + source[0] % 20, *source[1:]] for source in sources]
    accuracy, drawn, tokens = TokenAccuracy(), [], []

    class Watched(PairBatches):
        def on_epoch_end(self):
            super().on_epoch_end()
            drawn.append(self.batches)

    batches = Watched(sources, targets, 16, bucket_width=8)
    count = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: tokens.append(float(accuracy.total))
    )
    keras.utils.set_random_seed(0)
    model = Transformer(30, d_model=8, num_layers=1, num_heads=2, hidden_dim=16)
    optimizer = keras.optimizers.Adam(WarmUpSchedule(8, 20), beta_1=0.9, beta_2=0.98, epsilon=1e-9)
    model.compile(optimizer, smoothed_cross_entropy, metrics=[accuracy], jit_compile=False)
    history = model.fit(batches, epochs=2, verbose=0, callbacks=[count]).history
    assert history["loss"][0] > history["loss"][1]
    assert tokens == [sum(len(target) - 1 for target in targets)] * 2  # each label once an epoch
    assert len(drawn) == 4  # when it was made, when `fit` begins, after each epoch
    assert int(optimizer.iterations) == 2 * len(batches) == sum(map(len, drawn[:2]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], 4), "one pair at least. Received: 0 sources, 0 targets"),
        (([[4]], [[1, 2], [1, 2]], 4), "Received: 1 sources, 2 targets"),
        (([[4]], [[1, 2]], 0), "must be positive. Received: batch_size=0, bucket_width=8"),
        (([[4]], [[1, 2]], 4, 0), "bucket_width=0"),
    ],
)
def test_batches_say_what_must_hold(arguments, message):
    with pytest.raises(ValueError, match=message):
        PairBatches(*arguments)


def test_one_pair_is_one_batch():
    batches = PairBatches([[7]], [[START, 9, END]], batch_size=4, bucket_width=1)
    assert len(batches) == 1
    inputs, labels = batches[0]
    assert inputs["source"].tolist() == [[7]]
    assert inputs["target"].tolist() == [[START, 9]]
    assert labels.tolist() == [[9, END]]
