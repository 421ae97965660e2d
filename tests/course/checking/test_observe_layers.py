"""What is observed of a layer among others, and of a model that is made for later."""

import tempfile

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.case import Call, Case
from course.checking.probe import probe

X = np.arange(24, dtype="float32").reshape(2, 4, 3)


class Passing(keras.layers.Layer):
    def call(self, x, factor=1.0):
        return factor * x

    def compute_mask(self, x, mask=None):
        return mask


class Dropping(keras.layers.Layer):
    def call(self, x):
        return 1.0 * x


class FirstLength(Passing):
    def build(self, x_shape):
        self.length = x_shape[1]

    def call(self, x):
        return ops.reshape(x, (-1, self.length, 3))


class Nested(keras.layers.Layer):
    """Returns a pair of which one part is a pair, as an attention with a cache does."""

    def build(self, x_shape):
        self.factor = self.add_weight(shape=(), initializer="ones", name="factor")

    def call(self, x):
        return x, (self.factor * x, 2.0 * x)


class Shared(keras.layers.Layer):
    """One weight under two names."""

    def build(self, x_shape):
        self.first = self.second = self.add_weight(shape=(), initializer="ones", name="weight")

    def call(self, x):
        return self.first * x + self.second**2


def outcome(layer, observation, **kwargs):
    return probe(layer, Case("a batch", (Call([X], kwargs, observe=(observation,)),)))


def test_the_mask_that_comes_out_is_that_which_went_in():
    mask = outcome(Passing, "mask passed on")["values"]["mask passed on"]
    np.testing.assert_array_equal(mask, [[1, 1, 1, 0], [1, 1, 0, 0]])
    assert mask.dtype == bool


def test_a_layer_that_drops_the_mask_has_none():
    assert outcome(Dropping, "mask passed on") == {
        "values": {"mask passed on": "no mask"}, "error": None
    }  # fmt: skip


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_a_model_for_any_length_gives_the_values_of_the_layer(factor):
    values = outcome(Passing, "any length", factor=factor)["values"]
    np.testing.assert_array_equal(values["any length"], factor * X)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="lengths are known there")
def test_a_layer_that_needs_to_know_the_length_is_found():
    assert outcome(FirstLength, "output")["error"] is None
    assert outcome(FirstLength, "any length")["error"]["type"] in ("TypeError", "ValueError")


class Pair(keras.Model):
    """The first tensor of a dict, times a weight that the second has a say in."""

    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, shapes):
        self.scale = self.add_weight(name="scale", shape=(3,), initializer="ones")

    def call(self, inputs):
        return self.factor * self.scale * inputs["one"] + ops.sum(inputs["other"])

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Forgetful(Pair):
    def get_config(self):
        return keras.Model.get_config(self)


class Refusing(Pair):
    def get_config(self):
        return {**keras.Model.get_config(self), "colour": "red"}


def pair(subject, observation, **construct):
    inputs = {"one": X, "other": X[:, :2]}
    call = Call([inputs], observe=("output", observation))
    scale = {"scale": np.array([1.0, 2.0, 3.0], "float32")}
    return probe(subject, Case("a pair", (call,), construct=construct, weights=scale))


def test_a_dict_of_inputs_has_any_length_each():
    values = pair(Pair, "any length")["values"]
    np.testing.assert_allclose(values["any length"], values["output"], atol=1e-5)


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_a_loaded_model_answers_as_the_saved_one(factor):
    values = pair(Pair, "saved", factor=factor)["values"]
    np.testing.assert_array_equal(values["saved"], values["output"])


def test_what_the_configuration_forgets_shows_in_the_loaded_model_only():
    values = pair(Forgetful, "saved", factor=3.0)["values"]
    offset = X[:, :2].sum()
    np.testing.assert_allclose(values["output"] - offset, 3 * (values["saved"] - offset), rtol=1e-5)


def test_a_configuration_that_the_constructor_refuses_is_told():
    found = pair(Refusing, "saved")
    message = found["error"]["message"]
    assert "colour" in message
    assert __name__ not in message.partition("config=")[0]  # a class without its module
    assert list(found["values"]) == ["output"]


def test_only_a_model_is_saved():
    found = outcome(Passing, "saved")
    assert found["error"]["type"] == "Unreadable"
    assert found["error"]["message"] == "A `keras.Model` can be saved. Received: Passing"


def test_saving_leaves_nothing_behind_and_says_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []
    make = tempfile.TemporaryDirectory
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda: seen.append(1) or make())
    assert pair(Pair, "saved")["error"] is None
    assert pair(Refusing, "saved")["error"] is not None
    assert seen == [1, 1]
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr().err == ""


def test_a_gradient_goes_through_nested_outputs():
    case = Case("a batch", (Call([X], observe=("gradients",)),), weights={"factor": np.float32(3)})
    values = probe(Nested, case)["values"]["gradients"]
    weights = np.cos(np.arange(X.size)).reshape(X.shape)
    np.testing.assert_allclose(values["factor"], (X * weights).sum(), rtol=1e-5)


def test_a_weight_under_two_names_has_the_same_gradient_under_both():
    weights = {"first": np.float32(3.0), "second": np.float32(3.0)}
    case = Case("shared", (Call([X], observe=("gradients",)),), weights=weights)
    one, other = probe(Shared, case)["values"]["gradients"].values()
    weighting = np.cos(np.arange(24, dtype="float32")).reshape(X.shape)
    np.testing.assert_allclose(one, np.sum(weighting * (X + 2 * 3.0)), rtol=1e-4)
    np.testing.assert_array_equal(one, other)
