"""The judge's verdicts: points, statuses, and every form of message, word for word."""

import json

import numpy as np
import pytest

from course.checking.judge import judge, unanswered

NO_FIT = "  hint:     What is twice the input?  [no known mistake fits]"
UNANSWERED = """\
toy.double: not answered yet.
  where:    double, line 2: raise NotImplementedError()
  to do:    replace `raise NotImplementedError()` by your code, and run its cell and this one.
  help:     hint("toy.double") gives one step at a time."""


def lines(*rows):
    return "\n".join(rows)


def test_passed(key, texts, run):
    verdict = judge(key, run(lambda x: 2 * x), texts)
    assert (verdict.status, verdict.points, verdict.max_points) == ("passed", 2.0, 2.0)
    assert verdict.message == "toy.double: passed."
    assert verdict.passed
    assert verdict.diagnosis is None
    assert [case.points for case in verdict.cases] == [0, 0, 1, 1]
    assert not any(case.message for case in verdict.cases)


def test_wrong_values_of_a_known_mistake(key, texts, run):
    verdict = judge(key, run(lambda x: x + 2), texts)
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert verdict.message == lines(
        'toy.double: wrong values in "case 0".',
        "  expected: 2 at (0, 0)",
        "  received: 3",
        "  hint:     What should come of 10?  [added-two]",
    )
    assert verdict.diagnosis == {"id": "added-two", "title": "adding two"}
    assert verdict.hints == ["What should come of 10?", *texts["hints"]]
    assert [case.message for case in verdict.cases] == [
        "(0, 0): expected 2, received 3",
        "(0, 2): expected 10, received 7",
        "(0, 0): received 9.125",
        "(0, 0): received 33.25",
    ]


@pytest.mark.parametrize(("apart", "name"), [(2e-6, "added-two"), (1e-4, None)])
def test_large_wrong_values_may_be_rounded_apart(key, texts, run, apart, name):
    verdict = judge(key, run(lambda x: (x + 2) * (1 + apart)), texts)
    assert (verdict.diagnosis and verdict.diagnosis["id"]) == name


@pytest.mark.parametrize(
    ("received", "rows"),
    [
        (
            np.array([[2.0, 4.0, 0.0]]),
            ('wrong values in "case 0".', "  expected: 6 at (0, 2)", "  received: 0"),
        ),
        (
            np.array([2.0, 4.0, 6.0]),
            ('wrong shape in "case 0".', "  expected: shape (1, 3)", "  received: shape (3,)"),
        ),
        (
            np.array([[2, 4, 6]]),
            (
                'wrong kind of number in "case 0".',
                "  expected: floats",
                "  received: integers (int64)",
            ),
        ),
        (
            "a text",
            (
                'wrong type in "case 0".',
                "  expected: floats of shape (1, 3)",
                "  received: 'a text'",
            ),
        ),
        (
            None,
            (
                'wrong type in "case 0".',
                "  expected: floats of shape (1, 3)",
                "  received: None, which is what a function without `return` gives",
            ),
        ),
    ],
)
def test_what_differs_is_told(key, texts, run, answer, received, rows):
    outcomes = [answer(received), *run(lambda x: 2 * x)[1:]]
    verdict = judge(key, outcomes, texts)
    assert verdict.message == lines(f"toy.double: {rows[0]}", *rows[1:], NO_FIT)
    assert verdict.status == "failed"


def test_hidden_cases_tell_what_was_received_only(key, texts, run, answer):
    outcomes = run(lambda x: 2 * x)
    outcomes[2] = answer(np.array([[1.5, 4.0]]))
    verdict = judge(key, outcomes, texts)
    assert verdict.message == lines(
        'toy.double: wrong values in "case 2".', "  received: 1.5 at (0, 0)", NO_FIT
    )
    shown = judge(key, outcomes, texts, reveal_hidden=True)
    assert "  expected: 14.25 at (0, 0)\n  received: 1.5\n" in shown.message
    assert shown.cases[2].message == "(0, 0): expected 14.25, received 1.5"


SECRETS = ("14.25", "62.5", "(1, 2)", "floats of")
HIDDEN_VALUES = [
    np.array([[9.0, 9.0]]),
    np.array([9.0]),
    np.array([[9, 9]]),
    [9.0],
    9.0,
    "nine",
    None,
    {"a": 9.0},
    np.array([[np.nan, np.inf]]),
]


@pytest.mark.parametrize("received", HIDDEN_VALUES)
def test_no_field_of_a_verdict_holds_an_expected_number_of_a_hidden_case(
    key, texts, run, answer, fails, received
):
    outcomes = [*run(lambda x: 2 * x)[:2], answer(received), answer(received)]
    text = json.dumps(judge(key, outcomes, texts).to_data())
    errors = [*outcomes[:2], fails("ValueError", "no"), fails("NotImplementedError")]
    text += json.dumps(judge(key, errors, texts).to_data())
    for secret in SECRETS:
        assert secret not in text


def test_the_search_for_secrets_finds_them_where_they_are_shown(key, texts, run, answer):
    outcomes = [*run(lambda x: 2 * x)[:2], answer(np.array([[9.0, 9.0]])), answer(None)]
    text = json.dumps(judge(key, outcomes, texts, reveal_hidden=True).to_data())
    outcomes[3] = answer(np.zeros((1, 2)))
    text += json.dumps(judge(key, outcomes, texts, reveal_hidden=True).to_data())
    assert all(secret in text for secret in SECRETS)


def test_an_exception(key, texts, run, fails):
    raised = fails("ValueError", "\n  shapes (2,)\n  do not fit", "double, line 3: x @ x")
    verdict = judge(key, [raised, *run(lambda x: 2 * x)[1:]], texts)
    assert verdict.status == "error"
    assert verdict.message == lines(
        'toy.double: ValueError in "case 0".',
        "  where:    double, line 3: x @ x",
        "  reason:   shapes (2,)",
        NO_FIT,
    )
    assert verdict.cases[0].message == "ValueError: shapes (2,)"
    assert verdict.points == 1.99


@pytest.mark.parametrize("message", ["", "\n", "  \n\t"])
def test_an_exception_without_message_or_place(key, texts, run, fails, message):
    verdict = judge(key, [fails("KeyError", message), *run(lambda x: 2 * x)[1:]], texts)
    assert verdict.message == lines('toy.double: KeyError in "case 0".', NO_FIT)
    assert verdict.cases[0].message == "KeyError"


def test_an_unusable_answer(key, texts, run, fails):
    raised = fails("Unreadable", "The result must be a tensor. Received: a generator")
    verdict = judge(key, [raised] * 4, texts)
    assert verdict.status == "failed"
    assert verdict.message == lines(
        'toy.double: unusable answer in "case 0".',
        "  reason:   The result must be a tensor. Received: a generator",
    )
    assert verdict.cases[3].message == "The result must be a tensor. Received: a generator"


def test_not_answered_yet(key, texts, fails):
    scaffold = fails("NotImplementedError", "", "double, line 2: raise NotImplementedError()")
    verdict = judge(key, [scaffold] * 4, texts)
    assert (verdict.status, verdict.points) == ("failed", 0.0)
    assert verdict.message == UNANSWERED
    assert verdict.hints == ["What is twice the input?"]
    assert {case.message for case in verdict.cases} == {"not answered yet"}


def test_unanswered_without_a_place():
    assert unanswered("toy.double") == UNANSWERED.replace(
        "  where:    double, line 2: raise NotImplementedError()\n", ""
    )


def test_a_not_implemented_error_of_keras_is_an_error_as_any_other(key, texts, fails):
    verdict = judge(key, [fails("NotImplementedError", "no get_config")] * 4, texts)
    assert verdict.status == "error"
    assert verdict.message.startswith('toy.double: NotImplementedError in "case 0".')


def test_values_observed_before_an_exception_are_judged_first(key, texts, run, fails):
    raised = fails("AttributeError", "'NoneType' has no shape", output=None)
    verdict = judge(key, [raised] * 4, texts)
    assert 'wrong type in "case 0"' in verdict.message
    right = {"values": key["expected"][0]["values"], "error": raised["error"]}
    assert "AttributeError" in judge(key, [right, *run(lambda x: 2 * x)[1:]], texts).message


class TestExpectedExceptions:
    @pytest.fixture
    def raising(self, build_key, answer, fails):
        wanted = fails("ValueError", "heads must divide d_model")
        return build_key([wanted, answer(1.0)], visible=[True, False])

    def test_the_same_type_passes_whatever_its_message(self, raising, texts, answer, fails):
        verdict = judge(raising, [fails("ValueError", "8 and 3"), answer(1.0)], texts)
        assert verdict.passed

    def test_no_exception(self, raising, texts, answer):
        verdict = judge(raising, [answer(2.0), answer(1.0)], texts)
        assert verdict.status == "failed"
        assert verdict.message == lines(
            'toy.double: wrong exception in "case 0".',
            "  expected: ValueError",
            "  received: no exception",
            NO_FIT,
        )

    def test_another_exception(self, raising, texts, answer, fails):
        verdict = judge(raising, [fails("TypeError", "bad"), answer(1.0)], texts)
        assert verdict.status == "failed"
        assert "  expected: ValueError\n  received: TypeError: bad\n" in verdict.message

    def test_the_scaffold(self, raising, texts, fails):
        verdict = judge(raising, [fails("NotImplementedError")] * 2, texts)
        assert "not answered yet" in verdict.message


class TestSeveralValues:
    @pytest.fixture
    def several(self, build_key, answer):
        value = [np.ones((2, 3)), np.ones((2, 4))]
        return build_key([answer(value)], visible=[True], returns=("output", "weights"))

    def test_each_is_named(self, several, texts, answer):
        verdict = judge(several, [answer([np.ones((2, 3)), np.zeros((2, 4))])], texts)
        assert "  expected: 1 at (0, 0) of weights\n" in verdict.message

    def test_shapes_come_before_values(self, several, texts, answer):
        verdict = judge(several, [answer([np.zeros((2, 3)), np.ones((4, 2))])], texts)
        assert "wrong shape" in verdict.message
        assert "  expected: shape (2, 4) at weights\n" in verdict.message

    @pytest.mark.parametrize(
        ("value", "received"), [(np.ones((2, 3)), "floats of shape (2, 3)"), ([], "[]")]
    )
    def test_the_wrong_number_of_them(self, several, texts, answer, value, received):
        verdict = judge(several, [answer(value)], texts)
        assert f"  expected: 2 values: output, weights\n  received: {received}\n" in verdict.message

    def test_of_a_call_or_a_config_round_trip(self, several, texts):
        value = several["expected"][0]["values"]["output"]
        names = ("output of call 2", "config", "config of call 3")
        for name, place in zip(names, ("call 2", "config", "config of call 3"), strict=True):
            several["expected"] = [{"values": {name: value}, "error": None}]
            outcome = {"values": {name: [value[0], value[1] * 2]}, "error": None}
            verdict = judge(several, [outcome], texts)
            assert f"at (0, 0) of weights of {place}\n" in verdict.message

    def test_other_observations_keep_their_own_names(self, several, texts):
        several["expected"] = [{"values": {"weights": [[1], [2]]}, "error": None}]
        outcome = {"values": {"weights": [[1], [3]]}, "error": None}
        assert "at item 0 of item 1 of weights" in judge(several, [outcome], texts).message


def test_an_observation_that_is_missing(key, texts, run):
    outcomes = run(lambda x: 2 * x)
    outcomes[0] = {"values": {}, "error": None}
    verdict = judge(key, outcomes, texts)
    assert 'wrong type in "case 0"' in verdict.message
    assert "  received: nothing\n" in verdict.message


class TestMissingOutcomes:
    def test_without_a_reason_they_need_review(self, key, texts, run):
        verdict = judge(key, [*run(lambda x: 2 * x)[:3], None], texts)
        assert (verdict.status, verdict.points) == ("needs-review", None)
        assert verdict.message == lines(
            "toy.double: needs review by an instructor.", "  reason:   no outcome came back"
        )
        assert verdict.cases[3].message == "not reached: no outcome came back"

    def test_also_where_a_case_before_them_failed(self, key, texts, run):
        verdict = judge(key, [*run(lambda x: x)[:3], None], texts)
        assert (verdict.status, verdict.points) == ("needs-review", None)

    @pytest.mark.parametrize(
        ("status", "words"), [("timeout", "took too long"), ("crashed", "ended Python")]
    )
    def test_a_timeout_or_a_crash_costs_what_was_not_reached(self, key, texts, run, status, words):
        outcomes = [*run(lambda x: 2 * x)[:3], None]
        verdict = judge(key, outcomes, texts, (status, "it was stopped after 30 s"))
        assert (verdict.status, verdict.points) == (status, 1.0)
        assert verdict.message == lines(
            f"toy.double: {words}.",
            "  reason:   it was stopped after 30 s",
            "  hint:     What is twice the input?",
        )
        assert verdict.cases[3].message == "not reached: it was stopped after 30 s"

    def test_a_failure_before_a_timeout_is_told(self, key, texts, run):
        verdict = judge(key, [*run(lambda x: x + 2)[:3], None], texts, ("timeout", "30 s"))
        assert (verdict.status, verdict.diagnosis["id"]) == ("failed", "added-two")

    def test_a_reason_without_missing_outcomes_changes_nothing(self, key, texts, run):
        verdict = judge(key, run(lambda x: x), texts, ("needs-review", "odd"))
        assert (verdict.status, verdict.points) == ("failed", 0.0)

    def test_their_number_must_be_that_of_the_cases(self, key, texts, run):
        with pytest.raises(ValueError, match="shorter"):
            judge(key, run(lambda x: x)[:3], texts)


class TestPoints:
    def points(self, build_key, texts, answer, right, shares, points, visible=None):
        count = len(right)
        key = build_key(
            [answer(1.0)] * count, visible or [False] * count, shares=shares, points=points
        )
        return judge(key, [answer(float(each)) for each in right], texts)

    @pytest.mark.parametrize(
        ("right", "shares", "points", "earned"),
        [
            ([1, 1, 1], [1, 1, 1], 1.0, 1.0),
            ([1, 1, 0], [1, 1, 1], 1.0, 0.67),
            ([1, 0, 0], [1, 1, 1], 1.0, 0.33),
            ([1, 0], [3, 1], 2.0, 1.5),
            ([1, 0], [1e6, 1], 2.0, 1.99),
            ([1, 0], [1, 0], 2.0, 1.99),
            ([0, 1], [1, 0], 2.0, 0.0),
            ([0, 0], [1, 1], 2.0, 0.0),
            ([1, 1], [0, 0], 2.0, 2.0),
            ([1, 0], [0, 0], 2.0, 0.0),
            ([1, 1], [1, 1], 0.0, 0.0),
            ([1, 0], [1, 1], 0.0, 0.0),
            ([1, 0], [1, 1], 0.005, 0.0),
        ],
    )
    def test_partial_credit(self, build_key, texts, answer, right, shares, points, earned):
        verdict = self.points(build_key, texts, answer, right, shares, points)
        assert verdict.points == earned
        assert verdict.passed == all(right)

    def test_a_failing_visible_case_keeps_from_full_points(self, build_key, texts, answer):
        verdict = self.points(build_key, texts, answer, [0, 1], None, 2.0, [True, False])
        assert verdict.points == 1.99

    def test_without_hidden_cases_a_failure_has_no_points(self, build_key, texts, answer):
        verdict = self.points(build_key, texts, answer, [0, 1], None, 2.0, [True, True])
        assert verdict.points == 0.0
        assert [case.max_points for case in verdict.cases] == [0, 0]


def test_a_message_is_four_lines_whatever_the_student_writes(key, texts, fails):
    nasty = fails("Val\nue", "x" * 900 + "\r\nsecond", "f, line 1: \x0b\x1c\u2028 a\nb")
    verdict = judge(key, [nasty] * 4, texts)
    assert len(verdict.message.splitlines()) == 4
    assert max(map(len, verdict.message.splitlines())) <= 320
    assert all(len(case.message.splitlines()) == 1 for case in verdict.cases)


def test_a_verdict_is_plain_json(key, texts, run, fails):
    for outcomes in (run(lambda x: x + 2), [fails("ValueError")] * 4, [None] * 4):
        data = judge(key, outcomes, texts).to_data()
        assert json.loads(json.dumps(data, allow_nan=False)) == data
