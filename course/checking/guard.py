"""Notice forbidden shortcuts while an answer runs, beside the search in its source.

The source check reads names; here `getattr(ops, "soft" + "max")` is noticed, too. It guides and
does not guard: code in the same process can switch it off. What holds against that is elsewhere,
in the sandbox and in the judge outside of it.
"""

import contextlib
import os
import sys
import types

from course.checking.probe import describe, is_library, probe

FORBIDDEN = "ForbiddenShortcut"  # the type of the error in an outcome
PROCESSES = ("subprocess.Popen", "os.system", "os.fork", "os.exec", "os.posix_spawn")
KEYS = os.path.join("checking", "keys") + os.sep
REASONS = {
    "subprocess": "an answer computes in its own process.",
    "key file": "an answer computes; the expected values are not its to read.",
}
VERSIONS = ("", "_v1", "_v2", "_v3")  # TensorFlow's softmax is named softmax_v2
WRAPPERS = ("error_handler", "op_dispatch_handler", "wrapper", "new_func")  # of Keras, TensorFlow
_watching = []  # what to tell of an audited event, innermost last
_is_hooked = []


class ForbiddenShortcut(Exception):
    """An answer uses what does the exercise's work; the text is the name of it."""


def probe_guarded(subject, case, forbidden):
    """Return the outcome of `probe`, or one that tells of a forbidden shortcut.

    forbidden: names, as in the exercise's texts. Functions and classes of a library by these names
        may not be called by the answer; that a library calls them for another one is no offence.
    """
    with _watch(set(forbidden)) as found:
        outcome = probe(subject, case)
    return {"values": {}, "error": describe(found[0])} if found else outcome


def forbidden_use(outcomes, forbidden):
    """Return `(name, place, reason)` of the first shortcut that outcomes tell of, or None."""
    for outcome in outcomes:
        error = outcome and outcome["error"]
        if error and error["type"] == FORBIDDEN:
            name = error["message"]
            reason = forbidden.get(name) or REASONS.get(name, "it is not allowed here.")
            return name, error["line"], reason
    return None


@contextlib.contextmanager
def _watch(names):
    """Note forbidden calls in a list while the block runs; each is an exception, too."""
    found = []

    def offend(name):
        try:
            raise ForbiddenShortcut(name)
        except ForbiddenShortcut as error:
            found.append(_at_caller(error))
            raise

    watched = {f"{name}{version}": name for name in names for version in VERSIONS}

    def on_call(frame, event, _):  # runs at every call of every function: one look-up, mostly
        if event == "call":
            name = watched.get(frame.f_code.co_qualname.partition(".")[0])
            if name and _is_called_by_answer(frame):
                offend(name)

    _hook_once()
    before = sys.getprofile()
    _watching.append(offend)
    if watched:
        sys.setprofile(on_call)
    try:
        yield found
    finally:
        sys.setprofile(before)
        _watching.remove(offend)


def _is_called_by_answer(frame):
    """Whether a frame is of a library, and the answer's own code called it."""
    if not is_library(frame.f_code.co_filename):
        return False
    caller = frame.f_back
    while caller is not None and caller.f_code.co_name in WRAPPERS:
        caller = caller.f_back
    return caller is not None and not is_library(caller.f_code.co_filename)


def _at_caller(error):
    """The exception, with the traceback of the code that was running: `describe` finds the line."""
    frame = sys._getframe(2)
    traceback = None
    while frame is not None:
        traceback = types.TracebackType(traceback, frame, max(frame.f_lasti, 0), frame.f_lineno)
        frame = frame.f_back
    return error.with_traceback(traceback)


def _hook_once():
    """Audit hooks stay for the life of the process, so there is one, idle outside of a probe."""
    if not _is_hooked:
        _is_hooked.append(True)
        sys.addaudithook(_on_event)


def _on_event(event, arguments):
    if not _watching:
        return
    if event in PROCESSES:
        _watching[-1]("subprocess")
    elif event == "open" and KEYS in str(arguments[0]):
        _watching[-1]("key file")
