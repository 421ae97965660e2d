"""Compare outcomes with a key and say what they are: points, a message, a named mistake.

A key is plain data: `{"exercise", "points", "returns", "cases", "visible", "expected",
"misconceptions", "digest"}`; `cases`, `visible` and `expected` are lists of one length, and
`misconceptions` maps an id to its list of outcomes. Texts are `{"hints", "misconceptions":
{id: {"title", "explanation", "hint"}}, ...}`. An outcome is what `probe` returns.
"""

from course.checking.compare import Difference, difference, say
from course.checking.verdict import CaseVerdict, Verdict

UNANSWERED = "NotImplementedError"  # what a scaffold raises
STRUCTURE = {"type": "wrong type", "shape": "wrong shape", "dtype": "wrong dtype"}


def judge(key, outcomes, texts, interruption=None, reveal_hidden=False):
    """Return the `Verdict` on one answer.

    outcomes: one a case, in the key's order; None where the case was not reached.
    interruption: `(status, sentence)` that explains missing outcomes, such as
        `("timeout", "stopped after 30 s")`.
    reveal_hidden: whether messages may show the expected values of hidden cases.
    """
    found = [
        None if outcome is None else _wrong(expected, outcome, case["tolerance"], key["returns"])
        for case, expected, outcome in zip(key["cases"], key["expected"], outcomes, strict=True)
    ]
    passed = [
        outcome is not None and fault is None
        for outcome, fault in zip(outcomes, found, strict=True)
    ]
    name = key["exercise"]
    cases = [
        _case_verdict(key, index, passed[index], found[index], outcomes[index], reveal_hidden)
        for index in range(len(passed))
    ]
    points = key["points"] if all(passed) else round(sum(case.points for case in cases), 2)
    common = {"exercise": name, "points": points, "max_points": key["points"], "cases": cases}
    if all(passed):
        return Verdict(status="passed", message=f"{name}: passed.", **common)
    first = passed.index(False)
    if outcomes[first] is None:
        return _not_reached(common, interruption, texts)
    error = outcomes[first]["error"]
    if error and error["type"] == UNANSWERED:
        return Verdict(
            status="failed", message=unanswered(name), hints=texts["hints"][:1], **common
        )
    diagnosis = diagnose(key, outcomes, passed)
    hint, hints = _hints(texts, diagnosis)
    show = key["visible"][first] or reveal_hidden
    message = _message(name, key["cases"][first]["name"], found[first], error, hint, show)
    title = diagnosis and {"id": diagnosis, "title": texts["misconceptions"][diagnosis]["title"]}
    status = "error" if error and error["type"] != "Unreadable" else "failed"
    return Verdict(status=status, message=message, diagnosis=title, hints=hints, **common)


def unanswered(name):
    """The message for a cell that still holds its scaffold."""
    return (
        f"{name}: not answered yet.\n"
        f"  to do:    replace `raise NotImplementedError()` above by your code and run both cells.\n"
        f'  help:     hint("{name}") gives one step at a time.'
    )


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
    if bool(outcome["error"]) != bool(guess["error"]):
        return False
    if outcome["error"]:
        return outcome["error"]["type"] == guess["error"]["type"]
    return difference(guess["values"], outcome["values"], tolerance) is None


def _wrong(expected, outcome, tolerance, returns):
    """Return how an outcome differs from the expected one, or None."""
    wanted = expected["error"]
    if wanted:
        if outcome["error"] and outcome["error"]["type"] == wanted["type"]:
            return None
        return Difference("values", "", f"a {wanted['type']}", "no exception")
    if outcome["error"]:
        return Difference("error", "", say(expected["values"]), outcome["error"]["message"])
    received = outcome["values"]
    for name, value in expected["values"].items():
        if name not in received:
            return Difference("type", name, say(value), "nothing")
        fault = _in_output(value, received[name], tolerance, returns, name)
        if fault:
            return fault
    return None


def _in_output(expected, received, tolerance, returns, name):
    """Compare one observed value; an exercise that returns several names each of them."""
    if not returns or not name.startswith("output"):
        return difference(expected, received, tolerance, "" if name == "output" else name)
    suffix = name.removeprefix("output")
    if not isinstance(received, list) or len(received) != len(returns):
        wanted = f"{len(returns)} values: {', '.join(returns)}"
        return Difference("type", name if suffix else "", wanted, say(received))
    for part, left, right in zip(returns, expected, received, strict=True):
        fault = difference(left, right, tolerance, part + suffix)
        if fault:
            return fault
    return None


def _case_verdict(key, index, passed, fault, outcome, reveal_hidden):
    visible = key["visible"][index]
    worth = 0.0
    if not visible:
        total = sum(c["points"] for c, v in zip(key["cases"], key["visible"], strict=True) if not v)
        worth = key["points"] * key["cases"][index]["points"] / total
    message = ""
    if outcome is None:
        message = "not reached"
    elif not passed and outcome["error"]:
        error = outcome["error"]
        message = "not answered yet" if error["type"] == UNANSWERED else _error_line(error)
    elif not passed:
        message = _one_line(fault, visible or reveal_hidden)
    return CaseVerdict(
        name=key["cases"][index]["name"],
        points=worth if passed else 0.0,
        max_points=worth,
        passed=passed,
        visible=visible,
        message=message,
    )


def _one_line(fault, show_expected):
    wanted = f"expected {fault.expected}, " if show_expected else ""
    where = f"{fault.where}: " if fault.where else ""
    return f"{where}{wanted}received {fault.received}"


def _error_line(error):
    if error["type"] == "Unreadable":
        return error["message"]
    return f"{error['type']}: {error['message'].splitlines()[0] if error['message'] else ''}"[:300]


def _hints(texts, diagnosis):
    """Return the line under `hint:` and all hints that fit."""
    if diagnosis:
        own = texts["misconceptions"][diagnosis]["hint"]
        return f"{own}  [{diagnosis}]", [own, *texts["hints"]]
    return f"{texts['hints'][0]}  [no known mistake fits]", list(texts["hints"])


def _message(name, case, fault, error, hint, show_expected):
    if error and error["type"] == "Unreadable":
        lines = [f'{name}: unusable answer in "{case}".', f"  reason:   {error['message']}"]
    elif error:
        lines = [f'{name}: {error["type"]} in "{case}".']
        lines += [f"  where:    {error['line']}"] if error["line"] else []
        lines += [f"  reason:   {error['message'].strip().splitlines()[0][:200]}"] * bool(
            error["message"].strip()
        )
    else:
        at = f" at {fault.where}" if fault.where else ""
        lines = [f'{name}: {STRUCTURE.get(fault.kind, "wrong values")} in "{case}".']
        if show_expected:
            lines += [f"  expected: {fault.expected}{at}", f"  received: {fault.received}"]
        else:
            lines += [f"  received: {fault.received}{at}"]
    return "\n".join([*lines, f"  hint:     {hint}"])


def _not_reached(common, interruption, texts):
    status, sentence = interruption or ("needs-review", "no outcome came back")
    if status == "needs-review":
        common = {**common, "points": None}
    name = common["exercise"]
    message = f"{name}: {status}.\n  reason:   {sentence}\n  hint:     {texts['hints'][0]}"
    return Verdict(status=status, message=message, hints=list(texts["hints"]), **common)
