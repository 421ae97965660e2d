"""What a student calls in a notebook, `check` and `hint`; what grading calls, `probe_hidden`."""

import base64
import time
from os import PathLike

from course.checking import display, library
from course.checking.case import from_data
from course.checking.guard import probe_guarded
from course.checking.judge import forbidden_verdict, judge
from course.checking.source import forbidden_uses, source_of
from course.checking.values import pack, unpack

OUTCOME = "application/vnd.transformer-course.outcome"
_hints_given = {}  # exercise id → number of hints shown


class CheckFailed(AssertionError):
    """Raised by `check` when an answer is not right yet; its text is the verdict's message."""

    def _render_traceback_(self):
        """IPython shows this instead of a traceback: the message has all that helps."""
        return [str(self)]


def check(exercise, subject, own=None):
    """Check an answer on the visible cases and show the verdict at once.

    exercise: id, such as `"attention.scale"`.
    subject: your function, or your class; for a training the name of its file of weights.
    own: for a training, your class of the model, where it is of the same lesson.
    Raises CheckFailed when the answer is not right yet, ValueError when there is no such exercise.
    """
    key, texts = library.key(exercise), library.texts(exercise)
    start = time.perf_counter()
    if "attachment" in texts:
        verdict, outcomes = _check_training(key, texts, subject, own), []
    else:
        verdict, outcomes = _check_program(key, texts, subject)
    display.show(verdict, key, outcomes, texts, time.perf_counter() - start)
    if not verdict.passed:
        raise CheckFailed(verdict.message)


def _check_program(key, texts, subject):
    """Return the verdict on a function or class, and the outcomes of its cases."""
    forbidden = texts["forbidden"]
    uses = forbidden_uses(source_of(subject), forbidden)
    if uses:
        return forbidden_verdict(key["exercise"], key["points"], uses), []
    outcomes = [
        probe_guarded(subject, from_data(case), {} if number else forbidden)
        for number, case in enumerate(key["cases"])  # calls are watched in one: it takes time
    ]
    return judge(key, outcomes, texts), outcomes


def _check_training(key, texts, path, own):
    """Return the verdict on a file of weights."""
    from course.checking import trained  # it loads what other checks need not

    if not isinstance(path, str | PathLike):
        raise ValueError(f"The second argument must be the name of a file. Received: {path!r:.80}")
    return trained.check_weights(key["exercise"], key["points"], path, texts, own)


def hint(exercise):
    """Show the next hint for an exercise; after the last one it is shown again.

    Raises ValueError when there is no such exercise.
    """
    hints = library.texts(exercise)["hints"]
    given = _hints_given.get(exercise, 0)
    number = min(given + 1, len(hints))
    _hints_given[exercise] = number
    repeated = "There are no more hints; this was the last. " if given == len(hints) else ""
    display.show_markdown(f"**Hint {number} of {len(hints)}.** {repeated}{hints[number - 1]}")


def probe_hidden(exercise, subject, cases=None, ticket=""):
    """Run the cases that a grader sends and publish each outcome as data; nothing is judged here.

    cases: base64 of the packed list of cases. Without it there is nothing to run: an instructor's
        notebook opened by hand passes over this line.    ticket: str, goes out with each outcome.
    """
    if cases is None:
        return
    cases, forbidden = unpack(base64.b64decode(cases)), library.texts(exercise)["forbidden"]
    for number, case in enumerate(cases):
        outcome = probe_guarded(subject, from_data(case), {} if number else forbidden)
        outcome.update(number=number, ticket=ticket)
        display.publish({OUTCOME: base64.b64encode(pack(outcome)).decode(), "text/plain": ""})
