"""Which misconception a wrong answer is said to be."""

import numpy as np
import pytest

from course.checking.judge import diagnose, judge


def outcomes(answer, *values):
    return [answer(float(value)) for value in values]


@pytest.fixture
def diagnosis(build_key, answer):
    """Return a function: the diagnosis of values, given the right ones and those of mistakes."""

    def find(received, right=(1, 1, 1), **mistakes):
        misconceptions = {name: outcomes(answer, *values) for name, values in mistakes.items()}
        key = build_key(outcomes(answer, *right), [True] * len(right), None, misconceptions)
        passed = [value == wanted for value, wanted in zip(received, right, strict=True)]
        found = [None if value is None else answer(float(value)) for value in received]
        return diagnose(key, found, passed)

    return find


def test_none_fits(diagnosis):
    assert diagnosis((5, 5, 5), a=(2, 2, 2), b=(3, 3, 3)) is None
    assert diagnosis((5, 5, 5)) is None


def test_it_must_agree_on_every_failing_case(diagnosis):
    assert diagnosis((2, 2, 3), a=(2, 2, 2), b=(3, 3, 3)) is None
    assert diagnosis((2, 2, 2), a=(2, 2, 2)) == "a"


def test_it_may_disagree_where_the_answer_is_right(diagnosis):
    assert diagnosis((1, 2, 2), a=(9, 2, 2)) == "a"


def test_the_one_that_agrees_on_most_cases_wins(diagnosis):
    assert diagnosis((1, 2, 2), a=(9, 2, 2), b=(1, 2, 2)) == "b"
    assert diagnosis((1, 2, 2), b=(1, 2, 2), a=(9, 2, 2)) == "b"


def test_of_equals_the_first_listed_wins(diagnosis):
    assert diagnosis((1, 2, 2), a=(9, 2, 2), b=(8, 2, 2)) == "a"
    assert diagnosis((1, 2, 2), b=(8, 2, 2), a=(9, 2, 2)) == "b"


def test_cases_that_were_not_reached_do_not_count(diagnosis):
    assert diagnosis((2, None, None), a=(2, 2, 2)) == "a"
    assert diagnosis((None, None, None), a=(2, 2, 2)) is None


def test_nan_is_a_value_to_agree_on(diagnosis):
    assert diagnosis((np.nan, 2, 2), a=(np.nan, 2, 2)) == "a"


def test_within_the_tolerance_of_the_case(diagnosis):
    assert diagnosis((2 + 9e-6, 1, 1), a=(2, 1, 1)) == "a"
    assert diagnosis((2 + 2e-5, 1, 1), a=(2, 1, 1)) is None


class TestExceptions:
    @pytest.fixture
    def named(self, build_key, texts, answer, fails):
        """Return a function: the id named for an outcome, where squaring raises `mistake`."""

        def name(received, mistake):
            key = build_key([answer(1.0)], [True], None, {"squared": [mistake]})
            verdict = judge(key, [received], texts)
            return verdict.diagnosis and verdict.diagnosis["id"]

        return name

    def test_of_the_same_type_and_message(self, named, fails):
        error = fails("ValueError", "shapes (2, 3) and (2, 3) do not fit", "f, line 3: a @ b")
        other_place = fails("ValueError", "shapes (2, 3) and (2, 3) do not fit", "g, line 9: x @ y")
        assert named(other_place, error) == "squared"

    def test_of_another_message(self, named, fails):
        assert named(fails("TypeError", "a"), fails("TypeError", "b")) is None

    def test_each_words_what_it_raises_itself(self, named, fails):
        mistake = fails("ValueError", "At most 3 words.", "Layer.call, line 9: raise ValueError(")
        own = fails("ValueError", "too long", "Layer.call, line 4: raise ValueError('too long')")
        assert named(own, mistake) == "squared"
        assert named(fails("ValueError", "too long", "call, line 4: a[raise_it]"), mistake) is None
        other = fails("TypeError", "too long", "Layer.call, line 4: raise TypeError('too long')")
        assert named(other, mistake) is None

    def test_of_another_type(self, named, fails):
        assert named(fails("TypeError", "a"), fails("ValueError", "a")) is None

    def test_names_that_count_do_not_count(self, named, fails):
        left = fails("ValueError", "layer dense_12 at <f at 0x7f3a> is not built")
        right = fails("ValueError", "layer dense_7 at <f at 0x7f00> is not built")
        assert named(left, right) == "squared"

    def test_the_tail_of_a_long_message_does_not_count(self, named, fails):
        start = "this cannot be made anew. " * 10
        left, right = (f"{start} config={{'module': '{name}'" for name in ("notebook", "grader.a"))
        assert named(fails("TypeError", left), fails("TypeError", right)) == "squared"
        assert named(fails("TypeError", "a" + left), fails("TypeError", right)) is None

    def test_an_exception_is_not_a_value(self, named, fails, answer):
        assert named(fails("ValueError", "a"), answer(2.0)) is None
        assert named(answer(2.0), fails("ValueError", "a")) is None

    def test_what_was_observed_before_it_counts(self, named, fails):
        left, right = fails("ValueError", "a", output=2.0), fails("ValueError", "a", output=3.0)
        assert named(left, right) is None
        assert named(left, left) == "squared"


def test_a_named_mistake_in_a_verdict(key, texts, run):
    verdict = judge(key, run(lambda x: x * x), texts)
    assert verdict.diagnosis == {"id": "squared", "title": "squaring"}
    assert verdict.message.endswith("  hint:     How fast should it grow?  [squared]")


def test_a_verdict_says_so_where_none_fits(key, texts, run):
    verdict = judge(key, run(lambda x: x - 1), texts)
    assert verdict.diagnosis is None
    assert verdict.message.endswith("  hint:     What is twice the input?  [no known mistake fits]")
    assert verdict.hints == texts["hints"]
