"""Compare outcomes with a key and say what they are: points, a message, a named mistake.

A key is plain data: `{"exercise", "points", "returns", "cases", "visible", "expected",
"misconceptions", "digest"}`, with `"balanced": True` where guessing must not pay (see `scoring`);
`cases`, `visible` and `expected` are lists of one length, and `misconceptions` maps an id to its
list of outcomes. Texts are `{"hints", "forbidden":
{name: reason}, "misconceptions": {id: {"title", "explanation", "hint"}}, ...}`. An outcome is what
`probe` returns; one that comes from elsewhere must have passed `outcome.validate`. For such
outcomes `judge` raises nothing.
"""

import functools
import re

from course.checking import messages
from course.checking.compare import KINDS, Difference, difference, inside, largest, say
from course.checking.guard import forbidden_use
from course.checking.messages import unanswered
from course.checking.scoring import without_luck, worths
from course.checking.verdict import CaseVerdict, Verdict

__all__ = ["diagnose", "judge", "unanswered"]

OUTPUTS = ("output", "config", "saved", "float16")  # observations of what a call returned
OWN_RAISE = re.compile(r"^[^:]*, line \d+: raise\b")  # the place of an error, as `probe` tells it
COUNTERS = re.compile(r"_\d+|0x[0-9a-f]+")  # in messages: `dense_12`, `<object at 0x7f…>`
ROUNDING = 1e-6  # of a float32, relative, after some operations
STEM = 200  # characters of a message that are compared: further on stand modules and whole configs


def judge(key, outcomes, texts, interruption=None, reveal_hidden=False):
    """Return the `Verdict` on one answer.

    outcomes: one a case, in the key's order; None where the case was not reached.
    interruption: `(status, sentence)` that explains missing outcomes, such as
        `("timeout", "it was stopped after 30 s")`; without it they need review.
    reveal_hidden: whether messages may show the expected values of hidden cases.
    """
    use = forbidden_use(outcomes, texts["forbidden"])
    if use:
        return forbidden_verdict(key["exercise"], key["points"], [use])
    missing = any(outcome is None for outcome in outcomes)
    interruption = (interruption or ("needs-review", "no outcome came back")) if missing else None
    faults = [
        None if outcome is None else _fault(expected, outcome, case["tolerance"], key["returns"])
        for case, expected, outcome in zip(key["cases"], key["expected"], outcomes, strict=True)
    ]
    shown = [visible or reveal_hidden for visible in key["visible"]]
    cases = _case_verdicts(key, outcomes, faults, shown, interruption)
    name, points = key["exercise"], _points(cases, key["points"])
    verdict = functools.partial(
        Verdict, exercise=name, points=points, max_points=key["points"], cases=cases
    )
    passed = [case.passed for case in cases]
    if all(passed):
        return verdict(status="passed", message=messages.passed(name))
    if interruption and interruption[0] == "needs-review":
        message = messages.needs_review(name, interruption[1])
        return verdict(status="needs-review", points=None, message=message)
    first = passed.index(False)
    outcome, fault, case = outcomes[first], faults[first], cases[first].name
    if outcome is None:
        message = messages.stopped(name, *interruption, texts["hints"][0])
        return verdict(status=interruption[0], message=message, hints=list(texts["hints"]))
    if _is_unanswered(outcome):
        message = unanswered(name, outcome["error"]["line"])
        return verdict(status="failed", message=message, hints=texts["hints"][:1])
    diagnosis = diagnose(key, outcomes, passed)
    named = {"diagnosis": titled(texts, diagnosis), "hints": hints_of(texts, diagnosis)}
    hint = f"{named['hints'][0]}  [{diagnosis or 'no known mistake fits'}]"
    if fault.kind != "error":
        message = messages.wrong(name, case, fault, hint, shown[first])
        return verdict(status="failed", message=message, **named)
    unreadable = outcome["error"]["type"] == "Unreadable"
    message = messages.raised(
        name, case, outcome["error"], "" if unreadable and not diagnosis else hint
    )
    return verdict(status="failed" if unreadable else "error", message=message, **named)


def forbidden_verdict(exercise, points, uses):
    """The verdict on an answer that uses what does the exercise's work.

    uses: as of `source.forbidden_uses`; the first one is told.
    """
    message = messages.forbidden(exercise, uses[0])
    return Verdict(exercise, "forbidden", points=0.0, max_points=points, message=message)


def diagnose(key, outcomes, passed):
    """Return the id of the misconception that gives these outcomes, or None.

    It must agree on every case that failed; among several, the one that agrees on most cases wins,
    then the one listed first.
    """
    best, best_agreement = None, 0
    for name, predicted in key["misconceptions"].items():
        agrees = [
            outcome is not None and _same(outcome, guess, case["tolerance"])
            for outcome, guess, case in zip(outcomes, predicted, key["cases"], strict=True)
        ]
        fits = all(
            agree or ok or outcome is None
            for agree, ok, outcome in zip(agrees, passed, outcomes, strict=True)
        )
        if fits and sum(agrees) > best_agreement:
            best, best_agreement = name, sum(agrees)
    return best


def _same(outcome, guess, tolerance):
    """Whether two outcomes are one: the values, and the exception down to its message.

    Its type alone would name every TypeError by the one misconception that raises a TypeError.
    What the answer raises itself is worded by whoever wrote it: there the type has to do.
    Wrong values may be large, and then two machines round them apart by more than the tolerance.
    """
    left, right = outcome["error"], guess["error"]
    if (left is None) != (right is None):
        return False
    if left and (left["type"], _stem(left)) != (right["type"], _stem(right)):
        return False
    slack = max(tolerance, ROUNDING) * max(1.0, largest(guess["values"]))
    return difference(guess["values"], outcome["values"], slack) is None


def _stem(error):
    return "" if OWN_RAISE.search(error["line"]) else COUNTERS.sub("", error["message"])[:STEM]


def _fault(expected, outcome, tolerance, returns):
    """Return how an outcome differs from the expected one, or None.

    What was observed before an exception is compared first: it is the cause more often. Besides
    `compare.KINDS` there are `exception`, where one was expected, and `error`, where none was.
    """
    found = []
    received, error, wanted = outcome["values"], outcome["error"], expected["error"]
    for name, value in expected["values"].items():
        if name in received:
            fault = _in_observation(value, received[name], tolerance, returns, name)
            found += [fault] if fault else []
        elif not error:
            found.append(Difference("type", name, say(value), "nothing"))
    if found:
        return min(found, key=lambda fault: KINDS.index(fault.kind))
    if wanted:
        if error and error["type"] == wanted["type"]:
            return None
        text = messages.of_error(error) if error else "no exception"
        return Difference("exception", "", wanted["type"], text)
    return Difference("error", "", "no exception", messages.of_error(error)) if error else None


def _in_observation(expected, received, tolerance, returns, name):
    """Compare one observed value; an exercise that returns several names each of them."""
    observation, _, call = name.partition(" of ")
    place = inside("" if observation == "output" else observation, call)
    if observation not in OUTPUTS or not returns:
        return difference(expected, received, tolerance, place)
    if not isinstance(received, list) or len(received) != len(returns):
        return Difference(
            "type", place, f"{len(returns)} values: {', '.join(returns)}", say(received)
        )
    found = [
        difference(left, right, tolerance, inside(part, place))
        for part, left, right in zip(returns, expected, received, strict=True)
    ]
    found = [fault for fault in found if fault]
    return min(found, key=lambda fault: KINDS.index(fault.kind), default=None)


def _case_verdicts(key, outcomes, faults, shown, interruption):
    verdicts, worth_of = [], worths(key)
    for index, (case, visible) in enumerate(zip(key["cases"], key["visible"], strict=True)):
        outcome, fault, worth = outcomes[index], faults[index], worth_of[index]
        passed = outcome is not None and fault is None
        if passed:
            message = ""
        elif outcome is None:
            message = f"not reached: {interruption[1]}"
        elif _is_unanswered(outcome):
            message = "not answered yet"
        elif fault.kind == "error":
            message = fault.received
        else:
            message = messages.of_case(fault, shown[index])
        points = worth if passed else 0.0
        verdicts.append(CaseVerdict(case["name"], points, worth, passed, visible, message))
    return without_luck(key, verdicts)


def _points(cases, maximum):
    """Points to the cent. All of them mean that every case passed, the visible ones included."""
    if all(case.passed for case in cases):
        return maximum
    earned = round(sum(case.points for case in cases), 2)
    return max(0.0, min(earned, round(maximum - 0.01, 2)))


def _is_unanswered(outcome):
    """Whether a scaffold raised this; Keras raises the same type, but always with a message."""
    error = outcome["error"]
    return bool(error) and error["type"] == "NotImplementedError" and not error["message"]


def titled(texts, diagnosis):
    """Return a misconception as a verdict names it, `{"id", "title"}`; None where there is none."""
    return diagnosis and {"id": diagnosis, "title": texts["misconceptions"][diagnosis]["title"]}


def hints_of(texts, diagnosis):
    """Return all hints that fit, the misconception's own first."""
    own = [texts["misconceptions"][diagnosis]["hint"]] if diagnosis else []
    return [*own, *texts["hints"]]
