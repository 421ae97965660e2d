"""In every case the sizes tell the axes apart: no axis can stand in for another by accident.

The docstring of the reference is the contract: it names the shape of each argument, such as
`query: `(..., T, d_k)``, or of what the argument broadcasts to, where it may have axes of 1; and
the width that a constructor's argument sets, such as `key_dim: int, width `d_k`. The cases must
agree with it. A case called "by hand" or "edge" may have equal sizes.
"""

import inspect
import itertools
import re

import numpy as np
import pytest

from autograder.exercises import EXERCISES

SHAPE = re.compile(r"(\w+): [^`:]*`\(([^)`]*)\)`")
BROADCAST = re.compile(r"(\w+): [^`:]*broadcasts to `")
WIDTH = re.compile(r"(\w+): int, [^`;]*`(\w+)`")
EXEMPT = ("by hand", "edge")


def axis_names(parameter, documented, rank):
    """A name for each axis of an array: the letters of the docstring, or one of its own."""
    if documented is None:
        return [f"{parameter} {number}" for number in range(rank)]
    names = [name.strip() for name in documented.split(",") if name.strip()]
    if names[0] == "...":
        leading = rank - len(names) + 1
        names = [f"leading {number}" for number in range(leading)] + names[1:]
    assert len(names) == rank, f"{parameter} is ({documented}) and has {rank} axes"
    return names


def sizes_of(exercise, case, call):
    """The length of each axis by its name; an axis that two arguments share has one length."""
    function = getattr(exercise.reference, call.method or "call", exercise.reference)
    text = f"{inspect.getdoc(exercise.reference)}\n{inspect.getdoc(function)}"
    shapes, widths = dict(SHAPE.findall(text)), dict(WIDTH.findall(text))
    broadcast = BROADCAST.findall(text)
    given = {name: value for name, value in case.construct.items() if type(value) is not list}
    lengths = {widths.get(name, name): {size} for name, size in given.items()}
    own = [None] if inspect.isfunction(function) and function is not exercise.reference else []
    kwargs = {
        name: value for name, value in call.kwargs.items() if name != "training"
    }  # Keras' own
    bound = inspect.signature(function).bind(*own, *call.args, **kwargs)
    for parameter, value in bound.arguments.items():
        for name, array in value.items() if isinstance(value, dict) else [(parameter, value)]:
            if isinstance(array, np.ndarray):
                names = axis_names(name, shapes.get(name, shapes.get(parameter)), array.ndim)
                for name, length in zip(names, array.shape, strict=True):
                    if length == 1 and (parameter in broadcast or name == "1"):
                        continue
                    lengths.setdefault(name, set()).add(length)
    return lengths


@pytest.mark.parametrize(
    "exercise", [pytest.param(exercise, id=exercise.id) for exercise in EXERCISES.values()]
)
def test_independent_axes_have_lengths_of_their_own(exercise):
    cases = exercise.visible() + exercise.hidden(np.random.default_rng(0))
    for case, call in ((one, call) for one in cases for call in one.calls):
        lengths = sizes_of(exercise, case, call)
        assert all(len(found) == 1 for found in lengths.values()), f"{case.name}: {lengths}"
        if case.name.startswith(EXEMPT):
            continue
        sizes = {name: min(found) for name, found in lengths.items() if type(min(found)) is int}
        for (one, size), (other, length) in itertools.combinations(sizes.items(), 2):
            assert size != length, f"{case.name}: {one} and {other} are both {size}"
        for name, size in sizes.items():
            if name == "B" or name.startswith("leading"):
                assert size > 1, f"{case.name}: {name} is {size}"


def test_the_axes_of_the_formula_are_read_from_its_docstring():
    exercise = EXERCISES["attention.scaled_dot_product"]
    case = next(case for case in exercise.visible() if case.name.startswith("large"))
    assert sizes_of(exercise, case, case.calls[0]) == {
        "leading 0": {2}, "T": {3}, "S": {4}, "d_k": {6}, "d_v": {5}
    }  # fmt: skip


def test_the_axes_of_a_layer_are_read_from_its_docstring():
    exercise = EXERCISES["attention.self_attention"]
    case = exercise.visible()[-1]
    assert sizes_of(exercise, case, case.calls[0]) == {
        "B": {2}, "T": {3}, "d_model": {6}, "d_k": {4}, "d_v": {5}
    }  # fmt: skip
