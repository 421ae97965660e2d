"""Points where an answer is a verdict: guessing earns nothing, finding a part earns a part."""

import pytest

from course.checking.judge import judge


@pytest.fixture
def points_of(build_key, texts, answer):
    """Return a function: the verdict on answers to hidden questions, two of which are visible."""

    def points_of(right, answers, balanced=True, shares=None, points=4.0):
        key = build_key(
            [answer(value) for value in (True, False, *right)],
            [True, True] + [False] * len(right),
            [1.0, 1.0, *(shares or [1.0] * len(right))],
            points=points,
        )
        key |= {"balanced": True} if balanced else {}
        return judge(key, [answer(value) for value in (True, False, *answers)], texts)

    return points_of


RIGHT = [True, True, True, True, False, False]  # four of the one, two of the other


@pytest.mark.parametrize(
    ("answers", "earned"),
    [
        (RIGHT, 4.0),
        ([True] * 6, 0.0),  # always the same, the frequent one
        ([False] * 6, 0.0),
        ([True, True, False, False, False, False], 2.0),  # half of the one, no false alarm
        ([True, True, True, True, True, False], 2.0),  # all of the one, half of the other
        ([True, True, False, False, True, False], 0.0),  # half of each: a coin
        ([not value for value in RIGHT], 0.0),  # worse than a coin is not below nothing
        ([True, True, True, False, False, False], 3.0),
        (["true"] * 6, 0.0),
    ],
)
def test_what_is_above_guessing_counts(points_of, answers, earned):
    verdict = points_of(RIGHT, answers)
    assert verdict.points == earned
    assert sum(case.points for case in verdict.cases) == pytest.approx(earned)
    assert sum(case.max_points for case in verdict.cases) == pytest.approx(4.0)
    assert [case.max_points for case in verdict.cases] == [0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1]
    assert verdict.passed == (earned == 4.0)


def test_without_balance_a_constant_answer_is_paid_for_what_it_meets(points_of):
    assert points_of(RIGHT, [True] * 6, balanced=False).points == 2.67


def test_cases_of_one_verdict_share_its_points_by_their_weights(points_of):
    shares = [3.0, 1.0, 1.0, 1.0, 1.0, 3.0]
    verdict = points_of(RIGHT, RIGHT, shares=shares)
    assert [case.points for case in verdict.cases[2:]] == pytest.approx([1, *[1 / 3] * 3, 0.5, 1.5])
    assert points_of(RIGHT, [True] * 5 + [False], shares=shares).points == 3.0


def test_three_verdicts_leave_a_third_to_luck(points_of):
    right = ["a", "b", "c"]
    assert points_of(right, ["a", "a", "a"]).points == 0.0
    assert points_of(right, ["a", "b", "b"]).points == 2.0


@pytest.mark.parametrize("answers", [[True, True], [True, False]])
def test_one_verdict_alone_leaves_nothing_to_balance(points_of, answers):
    assert points_of([True, True], answers).points == 2.0 * sum(answers)


def test_a_visible_case_that_fails_keeps_from_full_points(points_of, texts, answer, build_key):
    key = build_key([answer(value) for value in (True, True, False)], [True, False, False])
    verdict = judge({**key, "balanced": True}, [answer(v) for v in (False, True, False)], texts)
    assert verdict.points == 1.99
