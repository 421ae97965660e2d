"""What a case's calls observe: the mask of an output, and nothing at all for a step on the way."""

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.case import Call, Case
from course.checking.probe import probe

IDS = np.array([[3, 1, 0], [2, 0, 0]], "int32")


class Keeping(keras.layers.Layer):
    """Passes on what it gets, and a mask made from it."""

    def call(self, ids):
        return ops.cast(ids, "float32")

    def compute_mask(self, ids, mask=None):
        return ids != 0


class Silent(keras.layers.Layer):
    def call(self, ids):
        return ops.cast(ids, "float32")


class Counter:
    def __init__(self):
        self.total = 0

    def add(self, number):
        self.total += number
        return self  # which could not be read off

    def read(self, times=1):
        return self.total * times


def test_the_mask_is_that_of_the_output():
    outcome = probe(Keeping, Case("a mask", (Call([IDS], observe=("mask",)),)))
    assert outcome["error"] is None
    np.testing.assert_array_equal(outcome["values"]["mask"], IDS != 0)


def test_no_mask_is_none():
    outcome = probe(Silent, Case("no mask", (Call([IDS], observe=("mask",)),)))
    assert outcome == {"values": {"mask": None}, "error": None}


def test_a_call_that_observes_nothing_is_made():
    calls = (Call([3], method="add", observe=()), Call([4], method="add", observe=()))
    outcome = probe(Counter, Case("steps", (*calls, Call([2], method="read"))))
    assert outcome == {"values": {"output of call 3, read": 14}, "error": None}


@pytest.mark.parametrize(
    ("calls", "names"),
    [
        ((Call(method="read"),), ["output"]),
        ((Call(method="read"), Call([5], method="read")), ["call 1, read", "call 2, read"]),
    ],
)
def test_several_calls_are_told_apart_by_number_and_method(calls, names):
    values = probe(Counter, Case("calls", calls))["values"]
    assert [name.removeprefix("output of ") for name in values] == names
