"""What a student calls in a notebook: `check` and `hint`; and what grading calls: `probe_hidden`."""

import base64
import inspect
import time

from course.checking import display, library
from course.checking.case import from_data
from course.checking.judge import judge
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from course.checking.values import pack, unpack
from course.checking.verdict import Verdict

OUTCOME = "application/vnd.transformer-course.outcome"
_hints_given = {}  # exercise id → number of hints shown
_probed = set()  # exercises whose hidden cases ran in this kernel


class CheckFailed(AssertionError):
    """Raised by `check` when an answer is not right yet; its text is the verdict's message."""

    def _render_traceback_(self):
        """IPython shows this instead of a traceback: the message has all that helps."""
        return [str(self)]


def check(exercise, subject):
    """Check an answer on the visible cases and show the verdict at once.

    exercise: id, such as `"attention.scale"`.    subject: your function, or your class.
    Raises CheckFailed when the answer is not right yet, ValueError when there is no such exercise.
    """
    if exercise in _probed:
        return
    key, texts = library.key(exercise), library.texts(exercise)
    start = time.perf_counter()
    outcomes = None
    verdict = _forbidden(key, texts, subject)
    if verdict is None:
        outcomes = [probe(subject, from_data(case)) for case in key["cases"]]
        verdict = judge(key, outcomes, texts)
    display.show(verdict, key, outcomes, texts, time.perf_counter() - start)
    if not verdict.passed:
        raise CheckFailed(verdict.message)


def hint(exercise):
    """Show the next hint for an exercise; each call goes one step further."""
    hints = library.texts(exercise)["hints"]
    number = min(_hints_given.get(exercise, 0) + 1, len(hints))
    _hints_given[exercise] = number
    last = " This is the last one." if number == len(hints) else ""
    display.show_markdown(f"**Hint {number} of {len(hints)}.** {hints[number - 1]}{last}")


def probe_hidden(exercise, subject, cases=None):
    """Run the cases that a grader sends and publish each outcome as data; nothing is judged here.

    cases: base64 of the packed cases. Without it there is nothing to run: an instructor's notebook
        opened by hand passes over this line.
    """
    if cases is None:
        return
    _probed.add(exercise)
    packed = unpack(base64.b64decode(cases))
    for number, case in enumerate(packed["cases"]):
        outcome = {"number": number, "ticket": packed["ticket"], **probe(subject, from_data(case))}
        display.publish({OUTCOME: base64.b64encode(pack(outcome)).decode(), "text/plain": ""})


def forbidden_verdict(exercise, points, uses):
    """The verdict on an answer that uses a name which does the exercise's work."""
    name, line, reason = uses[0]
    message = (
        f"{exercise}: `{name}` may not be used here.\n  where:    line {line}\n  reason:   {reason}"
    )
    return Verdict(
        exercise=exercise, status="forbidden", points=0.0, max_points=points, message=message
    )


def _forbidden(key, texts, subject):
    try:
        source = inspect.getsource(subject)
    except (OSError, TypeError):  # typed at a prompt, or built in: the grader reads the cell itself
        return None
    uses = forbidden_uses(source, texts["forbidden"])
    return forbidden_verdict(key["exercise"], key["points"], uses) if uses else None
