"""Forbidden shortcuts are noticed while an answer runs, and right answers are left alone."""

import contextlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from course.checking import library
from course.checking.case import Call, Case
from course.checking.guard import FORBIDDEN, forbidden_use, probe_guarded

NAMES = {"softmax": "it is the exercise", "MultiHeadAttention": "it is the exercise"}
X = np.array([[1.0, 2.0, 4.0]], "float32")


def outcome(subject):
    case = Case(name="one", calls=[Call(args=[X])])
    return probe_guarded(subject, case, NAMES)


def by_another_name(x):
    return getattr(ops, "soft" + "max")(x)


def by_the_backend(x):
    return getattr(tf.nn, "soft" + "max")(x)


def by_activations(x):
    return getattr(keras.activations, "soft" + "max")(x)


def a_layer(x):
    return getattr(keras.layers, "MultiHead" + "Attention")(1, 2)(x[None], x[None])


def hidden_in_an_exception(x):
    try:
        return getattr(ops, "soft" + "max")(x)
    except Exception:
        return ops.exp(x) / ops.sum(ops.exp(x))


@pytest.mark.parametrize(
    "shortcut", [by_another_name, by_the_backend, by_activations, a_layer, hidden_in_an_exception]
)
def test_a_shortcut_is_noticed(shortcut):
    error = outcome(shortcut)["error"]
    assert error["type"] == FORBIDDEN
    assert error["message"] in NAMES
    assert shortcut.__name__ in error["line"]
    assert "getattr" in error["line"]


def a_process(x):
    with contextlib.suppress(Exception):
        subprocess.run([sys.executable, "-c", ""], check=True)
    return x


def reads_the_key(x):
    folder = library.__file__.replace("library.py", "keys")
    return np.load(f"{folder}/03-attention.npz") and x


@pytest.mark.parametrize(
    ("answer", "name"), [(a_process, "subprocess"), (reads_the_key, "key file")]
)
def test_processes_and_keys_are_noticed(answer, name):
    found = outcome(answer)
    assert forbidden_use([None, found], NAMES)[0] == name


def softmax(x):
    return ops.exp(x) / ops.sum(ops.exp(x))


def own_function_of_that_name(x):
    return softmax(x)


def library_that_uses_it(x):
    return keras.layers.Dense(2, activation="softmax")(x)


@pytest.mark.parametrize("answer", [own_function_of_that_name, library_that_uses_it])
def test_what_is_no_shortcut_passes(answer):
    found = outcome(answer)
    assert found["error"] is None
    assert forbidden_use([found], NAMES) is None


def test_outside_of_a_probe_everything_may_be_called():
    outcome(own_function_of_that_name)
    assert sys.getprofile() is None
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert float(ops.sum(ops.softmax(X))) == pytest.approx(1.0)
