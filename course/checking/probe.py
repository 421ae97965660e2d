"""Run a student's object on a case and return what came out, as plain data.

`probe` knows no right answer. In a notebook it runs beside the judge; when grading it runs in the
student's kernel, and only its outcome leaves.
"""

import inspect
import linecache
import os
import sysconfig

import keras
import numpy as np

from course.checking.observe import OBSERVATIONS, Unreadable, to_value

LIBRARIES = tuple(
    os.path.realpath(path)
    for path in (
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        os.path.dirname(os.path.dirname(__file__)),
    )
)
MAX_MESSAGE = 500  # characters of an exception's text


def probe(subject, case):
    """Return the outcome of `case` on `subject`: `{"values": {name: value}, "error": None | {...}}`.

    subject: the student's function, or class.
    An exception, whatever its type but KeyboardInterrupt, becomes
    `{"type", "message", "line"}`; values observed before it stay.
    """
    values = {}
    try:
        with keras.device("cpu:0"):
            _run(subject, case, values)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit and its kin are a student's error, too
        return {"values": values, "error": describe(error)}
    return {"values": values, "error": None}


def describe(error):
    """Return an exception as data: its type, its message and the line of the student's code."""
    line = ""
    traceback = error.__traceback__
    while traceback:
        filename, number = traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        if not _is_library(filename):
            line = f"line {number}: {linecache.getline(filename, number).strip()}"
        traceback = traceback.tb_next
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be read)"
    return {"type": type(error).__name__, "message": message[:MAX_MESSAGE], "line": line}


def _is_library(filename):
    return filename.startswith("<frozen") or os.path.realpath(filename).startswith(LIBRARIES)


def _run(subject, case, values):
    if not callable(subject):
        raise Unreadable(
            f"What is checked must be a function or a class, not the result of calling one. "
            f"Received: {type(subject).__name__}"
        )
    target = subject
    if case.construct or inspect.isclass(subject):
        target = subject(**case.construct)
    if case.weights:
        _invoke(target, case.calls[0])  # creates the weights
        for path, value in case.weights.items():
            _assign(target, path, value)
    for number, call in enumerate(case.calls, 1):
        for observation in call.observe:
            name = observation if len(case.calls) == 1 else f"{observation} of call {number}"
            if observation == "output":
                values[name] = to_value(_invoke(target, call))
            else:
                observed = OBSERVATIONS[observation](target, _arguments(call), case)
                values[name] = to_value(observed)


def _invoke(target, call):
    method = getattr(target, call.method) if call.method else target
    args, kwargs = _arguments(call)
    return method(*args, **kwargs)


def _arguments(call):
    """Fresh arguments: arrays become tensors of the backend, so that nothing is shared."""
    args = [_to_tensors(item) for item in call.args]
    return args, {name: _to_tensors(item) for name, item in call.kwargs.items()}


def _to_tensors(value):
    if isinstance(value, np.ndarray):
        return keras.ops.convert_to_tensor(value.copy())
    if isinstance(value, list):
        return [_to_tensors(item) for item in value]
    if isinstance(value, dict):
        return {key: _to_tensors(item) for key, item in value.items()}
    return value


def _assign(target, path, value):
    """Put `value` into the variable at `path`, such as `query.kernel`."""
    *parents, last = path.split(".")
    variable = target
    for depth, name in enumerate([*parents, last], 1):
        if not hasattr(variable, name):
            reached = ".".join(["self", *path.split(".")[:depth]])
            raise Unreadable(
                f"`{reached}` must exist: `self.{path}` must hold a weight of shape "
                f"{value.shape}. Received: no attribute `{name}`"
            )
        variable = getattr(variable, name)
    if tuple(getattr(variable, "shape", ())) != value.shape:
        raise Unreadable(
            f"`self.{path}` must have shape {value.shape}. "
            f"Received: {tuple(getattr(variable, 'shape', ()))}"
        )
    variable.assign(value)
