"""Small keys and outcomes, written by hand."""

import numpy as np
import pytest

TEXTS = {
    "title": "Double it",
    "hints": ["What is twice the input?", "Multiply by two."],
    "goes_wrong": "- **Adding.** It works for `2` only.",
    "forbidden": {"softmax": "it does the work of this exercise"},
    "misconceptions": {
        "added-two": {
            "title": "adding two",
            "explanation": "Right for 2 alone, where `x + 2` is `2 * x`.",
            "hint": "What should come of 10?",
        },
        "squared": {
            "title": "squaring",
            "explanation": "Right for 0 and 2.",
            "hint": "How fast should it grow?",
        },
    },
}
INPUTS = (np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 2.0, 5.0]]))
HIDDEN = (np.array([[7.125, 2.0]]), np.array([[31.25, 0.5]]))


def outcome(value):
    return {"values": {"output": value}, "error": None}


def failure(kind, message="", line="", **values):
    return {"values": values, "error": {"type": kind, "message": message, "line": line}}


@pytest.fixture
def texts():
    return TEXTS


@pytest.fixture
def answer():
    """Return a function: the outcome of an answer that returns `value` without an exception."""
    return outcome


@pytest.fixture
def fails():
    """Return a function: the outcome of an answer that raises an exception."""
    return failure


@pytest.fixture
def build_key():
    """Return a function that makes a key of `double` from outcomes, one a case."""

    def build(expected, visible, shares=None, misconceptions=None, returns=(), points=2.0):
        return {
            "exercise": "toy.double",
            "points": points,
            "returns": list(returns),
            "cases": [
                {"name": f"case {number}", "points": share, "tolerance": 1e-5}
                for number, share in enumerate(shares or [1.0] * len(visible))
            ],
            "visible": visible,
            "expected": expected,
            "misconceptions": misconceptions or {},
        }

    return build


@pytest.fixture
def key(build_key):
    """The key of `double`: two visible cases, and two hidden ones that share its two points."""
    inputs = (*INPUTS, *HIDDEN)
    return build_key(
        expected=[outcome(x * 2) for x in inputs],
        visible=[True, True, False, False],
        misconceptions={
            "added-two": [outcome(x + 2) for x in inputs],
            "squared": [outcome(x * x) for x in inputs],
        },
    )


@pytest.fixture
def run(key):
    """Return a function: the outcomes of a program on the inputs of `key`."""
    return lambda program: [outcome(program(x)) for x in (*INPUTS, *HIDDEN)]
