"""Each mistake changes the model, and only those that leak let it see the answer."""

import functools
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from course.gallery import BUGS, GROUPS, measure
from course.gallery.attention import attention
from course.gallery.bugs import PARTS
from solutions.transformer import Transformer

S, T, V, D = 9, 7, 20, 8  # the source is the longer one, as in the dates


def model_with(bug):
    """One model for all mistakes, as long as they need no other: they are switched off again."""
    if bug.options:
        return fresh(bug)
    model = fresh(BUGS["right"])
    for layer in {id(part): part for name in PARTS for part in PARTS[name](model)}.values():
        vars(layer).pop("call", None)
    bug.apply(model)
    return model


@functools.cache
def fresh(bug):
    model = Transformer(V, D, num_layers=1, num_heads=2, hidden_dim=12, **bug.options)
    model.build({"source": (None, S), "target": (None, T)})
    rng = np.random.default_rng(5)
    for variable in model.trainable_variables:  # the same in all; biases are not 0, as at first
        variable.assign(rng.normal(0, 0.5, variable.shape) + variable.path.endswith("gamma"))
    bug.apply(model)
    return model


def ids():
    rng = np.random.default_rng(1)
    source, target = rng.integers(3, V, (3, S)), rng.integers(3, V, (3, T))
    source[1, -3:] = 0
    return source.astype("int32"), target.astype("int32")


def logits(model, source, target):
    return ops.convert_to_numpy(model({"source": source, "target": target}))


def names(*groups):
    return [name for name, bug in BUGS.items() if bug.group in groups]


@pytest.fixture(scope="module")
def right():
    return logits(model_with(BUGS["right"]), *ids())


def test_the_groups_are_those_that_are_explained():
    assert {bug.group for bug in BUGS.values()} == set(GROUPS)
    assert [name for name, bug in BUGS.items() if bug.group == "right"] == ["right"]
    assert {bug.part for bug in BUGS.values()} == {"", *PARTS}


def test_the_model_before_a_mistake_is_the_right_one(right):
    """Attention written for the gallery is the attention of the lessons, as long as it is right."""
    for part in ("attention", "attention to the source", "attention of the decoder"):
        same = replace(BUGS["right"], part=part, call=attention())
        np.testing.assert_allclose(logits(model_with(same), *ids()), right, atol=1e-5)


@pytest.mark.parametrize("name", [name for name, bug in BUGS.items() if bug.part])
def test_a_mistake_changes_what_comes_out(name, right):
    changed = logits(model_with(BUGS[name]), *ids())
    assert changed.shape == right.shape == (3, T, V)
    assert np.isfinite(changed).all()
    assert np.abs(changed - right).max() > 1e-2


def sees_the_future(name):
    """Whether logits of a position change with a later token of the target."""
    model, (source, target) = model_with(BUGS[name]), ids()
    other = target.copy()
    other[:, -1] = (target[:, -1] + 5) % (V - 3) + 3
    keras.utils.set_random_seed(3)
    before = logits(model, source, target)[:, :-1]
    keras.utils.set_random_seed(3)
    return bool(np.abs(logits(model, source, other)[:, :-1] - before).max() > 1e-4)


@pytest.mark.parametrize("name", names("leaking"))
def test_what_leaks_sees_the_future(name):
    if BUGS[name].shifted:
        assert sees_the_future(name)


@pytest.mark.parametrize("name", [n for n in names("right", "invisible") if n != "dropout-left-on"])
def test_what_is_invisible_does_not_see_the_future(name):
    assert not sees_the_future(name)


def test_without_positions_the_order_of_the_source_is_nothing():
    model, (source, target) = model_with(BUGS["missing-positions"]), ids()
    mirrored = logits(model, source[:, ::-1], target)
    np.testing.assert_allclose(mirrored, logits(model, source, target), atol=1e-5)


def test_dropout_that_is_left_on_drops_when_writing():
    model = model_with(BUGS["dropout-left-on"])
    assert np.abs(logits(model, *ids()) - logits(model, *ids())).max() > 1e-3


def test_without_its_mask_padding_counts():
    source, target = ids()
    longer = np.pad(source, ((0, 0), (0, 2)))
    for name, differs in (("right", False), ("missing-padding-mask", True)):
        model = model_with(BUGS[name])
        gap = np.abs(logits(model, longer, target) - logits(model, source, target)).max()
        assert (gap > 1e-3) == differs, name


def test_another_name_is_an_error():
    with pytest.raises(ValueError, match="one of right, missing-embedding-scale"):
        measure("no-mask", None, None, None)
