"""Only outcomes of the form that `probe` writes are judged."""

import numpy as np
import pytest

from course.checking.outcome import validate

ERROR = {"type": "ValueError", "message": "no", "line": "f, line 1: x"}


@pytest.mark.parametrize(
    "outcome",
    [
        {"values": {}, "error": None},
        {"values": {"output": np.zeros((2, 3)), "weights": [[1], [2, 3]]}, "error": None},
        {"values": {"output": {"a": [None, "text", float("nan")]}}, "error": ERROR},
    ],
)
def test_outcomes_of_the_right_form_are_returned(outcome):
    assert validate(outcome) is outcome


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (None, "must hold `values` and `error`. Received: NoneType"),
        ([], "Received: list"),
        ("text", "Received: a string of 4 characters"),
        ({}, "Received: a dict with "),
        ({"values": {}}, "Received: a dict with 'values'"),
        ({"values": {}, "error": None, "points": 2.0}, "a dict with 'values', 'error', 'points'"),
        ({"values": [], "error": None}, "`values` must be a dict of at most 100 names"),
        ({"values": None, "error": None}, "`values` must be a dict .* Received: NoneType"),
        ({"values": dict.fromkeys(map(str, range(101))), "error": None}, "at most 100 names"),
        ({"values": {"x" * 201: 1}, "error": None}, "names of at most 200 characters"),
        ({"values": {"a": object()}, "error": None}, "must be plain data: .*Received: object"),
        ({"values": {"a": np.array([{}])}, "error": None}, "must be plain data: An array"),
        ({"values": {"a": 2**70}, "error": None}, "must be plain data: An int must fit"),
        ({"values": {1: 2}, "error": None}, "must be plain data: A key must be a string"),
        ({"values": {"a": nested(11)}, "error": None}, "must be plain data: .*nested as deep"),
        ({"values": {}, "error": "ValueError"}, "`error` must be None, or hold type, message"),
        ({"values": {}, "error": {}}, "`error` must be None"),
        ({"values": {}, "error": {**ERROR, "more": ""}}, "`error` must be None"),
        ({"values": {}, "error": {**ERROR, "line": 3}}, "line as strings"),
        ({"values": {}, "error": {**ERROR, "line": None}}, "line as strings"),
        ({"values": {}, "error": {**ERROR, "message": "x" * 1001}}, "at most 1000 characters"),
        ({"values": {}, "error": {**ERROR, "message": "\ud800"}}, "must be plain data: A string"),
    ],
)
def test_a_sentence_for_every_other_form(outcome, message):
    with pytest.raises(ValueError, match=message):
        validate(outcome)
