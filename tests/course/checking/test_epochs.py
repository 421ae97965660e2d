"""What is observed of batches: all of an epoch without its order, and how epochs compare."""

import itertools
import random

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.case import Call, Case
from course.checking.probe import probe


class Batches(keras.utils.PyDataset):
    """Forty pairs, two in a batch, of two lengths."""

    def __init__(self, seed):
        super().__init__()
        self.random = random.Random(seed)
        self.on_epoch_end()

    def on_epoch_end(self):
        self.order = self.draw()

    def draw(self):
        rows = list(range(40))
        self.random.shuffle(rows)
        batches = [rows[start : start + 2] for start in range(0, 40, 2)]
        return self.random.sample(batches, len(batches))

    def __len__(self):
        return len(self.order)

    def __getitem__(self, index):
        rows = np.array(self.order[index])
        length = 3 + rows[0] // 2 % 2
        target = np.ones((len(rows), length), int) * rows[:, None]
        return {"source": np.stack([rows, rows + 5], axis=1), "target": target}, target


class Backwards(Batches):
    def __getitem__(self, index):
        inputs, labels = super().__getitem__(index)
        return {name: value[::-1] for name, value in inputs.items()}, labels[::-1]


class Tensors(Batches):
    def __getitem__(self, index):
        inputs, labels = super().__getitem__(index)
        return {name: ops.array(value) for name, value in inputs.items()}, ops.array(labels)


class Unshuffled(Batches):
    def draw(self):
        return [[start, start + 1] for start in range(0, 40, 2)]


class OnlyTheOrder(Batches):
    def draw(self):
        return self.random.sample(Unshuffled.draw(self), 20)


class Unseeded(Batches):
    """Heeds no seed; each draw is another one, yet the same whenever this test runs."""

    draws = itertools.count()

    def draw(self):
        self.random = random.Random(next(self.draws))
        return super().draw()


class Together(Batches):
    def draw(self):
        return sorted(super().draw(), key=lambda rows: rows[0] // 2 % 2)


def observed(kind, name):
    call = Call(method="__len__", observe=(name,))
    outcome = probe(kind, Case("batches", (call,), construct={"seed": 4}))
    assert outcome["error"] is None
    return outcome["values"][name]


def test_an_epoch_is_sorted_and_keeps_the_shapes_of_its_batches():
    epoch = observed(Unshuffled, "one epoch")
    assert epoch["shapes"].tolist() == [[2, 2, 3, 3]] * 10 + [[2, 2, 4, 4]] * 10
    assert epoch["sources"].tolist() == [[row, row + 5] for row in range(40)]
    for name in ("inputs", "labels"):
        assert epoch[name][5:7].tolist() == [[5, 5, 5, -1], [6, 6, 6, 6]]  # of two batches


@pytest.mark.parametrize("kind", [Backwards, Tensors])
def test_the_order_of_rows_and_the_kind_of_array_do_not_matter(kind):
    expected = observed(Batches, "one epoch")
    for name, rows in observed(kind, "one epoch").items():
        np.testing.assert_array_equal(rows, expected[name])


@pytest.mark.parametrize(
    ("kind", "true"),
    [
        (Batches, set()),
        (Unshuffled, {"two epochs are the same", "two epochs have the same batches",
                      "another seed gives the same epochs"}),
        (OnlyTheOrder, {"two epochs have the same batches"}),
        (Unseeded, {"not the same seed"}),
        (Together, {"batches of one length come one after the other"}),
    ],
)  # fmt: skip
def test_epochs_are_compared(kind, true):
    found = observed(kind, "several epochs")
    same_seed = found.pop("the same seed gives the same epochs")
    assert same_seed == ("not the same seed" not in true)
    assert {claim for claim, holds in found.items() if holds} == true - {"not the same seed"}
