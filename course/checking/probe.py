"""Run a student's object on a case and return what came out, as plain data.

`probe` knows no right answer. In a notebook it runs beside the judge; when grading it runs in the
student's kernel, and only its outcome leaves.
"""

import contextlib
import inspect
import linecache
import os
import re
import sysconfig
import warnings

import keras
import numpy as np

from course.checking.observe import OBSERVATIONS
from course.checking.plain import Reader, Unreadable, clean_text
from course.checking.standins import fill, is_standin
from course.checking.weights import assign

LIBRARIES = tuple(
    os.path.realpath(path) + os.sep
    for path in (
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        os.path.dirname(os.path.dirname(__file__)),
    )
)
MAX_MESSAGE = 500  # characters of an exception's text
NOISE = re.compile(  # terminal colours, TensorFlow's names of its own parts, and a class's module
    r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} ?| ?\[Op:\w+\]( name: ?\S*)?"
    r"|(?<=<class ')[\w.<>]+\.(?=\w+'>)"
)


def probe(subject, case):
    """Return the outcome of `case` on `subject`: `{"values": {name: value}, "error": error}`.

    subject: the student's function, or class.
    error: None, or an exception as `{"type", "message", "line"}`, whatever its type but
        KeyboardInterrupt; values observed before it stay.
    Warnings are not shown: they are no verdict, and text on stderr fails nbgrader's Validate.
    """
    values = {}
    try:
        with keras.device("cpu"), warnings.catch_warnings(), _whole_tracebacks():
            warnings.simplefilter("ignore")
            _run(subject, case, values)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit and its kin are a student's error, too
        return {"values": values, "error": describe(error)}
    return {"values": values, "error": None}


def describe(error):
    """Return an exception as data: its type, its message and the place in the student's code."""
    place = ""
    traceback = error.__traceback__
    while traceback:
        code, number = traceback.tb_frame.f_code, traceback.tb_lineno
        if not is_library(code.co_filename):
            source = linecache.getline(code.co_filename, number).strip()
            place = f"{code.co_qualname}, line {number}: {source}"
        traceback = traceback.tb_next
    try:
        message = NOISE.sub("", str(error))
    except BaseException:  # the text of an exception is student code, too
        message = "(its message cannot be read)"
    return {
        "type": clean_text(type(error).__name__, MAX_MESSAGE),
        "message": clean_text(message, MAX_MESSAGE),
        "line": clean_text(place.replace("<locals>.", ""), MAX_MESSAGE),
    }


def is_library(filename):
    """Whether code is not the student's: the standard library, an installed package, or ours."""
    if filename.startswith("<"):
        return filename.startswith(("<frozen", "<__array_function__"))
    return os.path.realpath(filename).startswith(LIBRARIES)


@contextlib.contextmanager
def _whole_tracebacks():
    """Keep Keras from cutting tracebacks and rewriting messages: the student's line is in them."""
    cut = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if cut:
            keras.config.enable_traceback_filtering()


def _run(subject, case, values):
    target = _construct(subject, fill(case.construct))
    if case.weights:
        _invoke(target, case.calls[0])  # creates the weights
        for path, value in case.weights.items():
            assign(target, path, value)
    reader = Reader()
    for number, call in enumerate(case.calls, 1):
        if not call.observe:
            _invoke(target, call)  # a step on the way, such as `build` of a vocabulary
        for observation in call.observe:
            name = observation
            if len(case.calls) > 1:
                name += f" of call {number}" + f", {call.method}" * bool(call.method)
            if observation == "output":
                observed = _invoke(target, call)
            else:
                observed = OBSERVATIONS[observation](target, _arguments(call), case)
            values[name] = reader.read(observed)


def _construct(subject, arguments):
    if not callable(subject):
        raise Unreadable(
            f"What is checked must be a function or a class, not the result of calling one. "
            f"Received: {type(subject).__name__}"
        )
    if arguments and isinstance(subject, keras.layers.Layer):
        raise Unreadable(
            f"What is checked must be the class, not a layer made from it. "
            f"Received: a layer of class {type(subject).__name__}"
        )
    return subject(**arguments) if arguments or inspect.isclass(subject) else subject


def _invoke(target, call):
    method = getattr(target, call.method) if call.method else target
    args, kwargs = _arguments(call)
    return method(*args, **kwargs)


def _arguments(call):
    """Fresh arguments, of which nothing is shared: arrays become tensors, and stand-ins layers."""
    args = [_to_tensors(item) for item in call.args]
    return args, {name: _to_tensors(item) for name, item in call.kwargs.items()}


def _to_tensors(value):
    if isinstance(value, np.ndarray):
        return keras.ops.convert_to_tensor(value.copy())
    if isinstance(value, list):
        return [_to_tensors(item) for item in value]
    if is_standin(value):
        return fill(value)
    if isinstance(value, dict):
        return {key: _to_tensors(item) for key, item in value.items()}
    return value
