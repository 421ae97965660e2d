"""Trained weights as a file: what is handed in, read by whoever trusts nothing of it.

The file is one packed value (`course.checking.values`): `{"version", "task", "alphabet", "model":
sizes, "weights": {attribute path: array}}`. Nothing in it is ever run, and what it unpacks to is
bounded before memory is taken.
"""

import os
import stat
from pathlib import Path

import keras
import numpy as np

from course.checking.values import pack, unpack
from course.data.dates import DATES
from course.training.kinds import TRANSFORMER

VERSION = 1
MAX_BYTES = 8 * 2**20  # of the file, and of what it unpacks to
MAX_PARAMETERS = 1_000_000  # the models of the recipes have 0.17 and 0.11 million
KEYS = {"version", "task", "alphabet", "model", "weights"}


class WeightsError(ValueError):
    """The file does not hold weights that can be used; the message says what must hold."""


def save_weights(model, path="training.npz", task=DATES, kind=TRANSFORMER):
    """Write a trained model to a file: its sizes, and its weights by attribute path.

    model: such as your `Transformer`, built.    path: of the file; one that is there is replaced.
    task: what it was trained on, with a `name` and the `alphabet` of its ids.
    kind: a `course.training.kinds.Kind`.
    Raises WeightsError for a model that could not be read again; the message says what must hold.
    """
    config = model.get_config()
    value = {
        "version": VERSION,
        "task": task.name,
        "alphabet": task.alphabet,
        "model": {name: config.get(name) for name in kind.config},
        "weights": {name: _array(variable) for name, variable in variables(model).items()},
    }
    require_valid(value, kind)
    temporary = Path(f"{path}.part")
    temporary.write_bytes(pack(value))
    temporary.replace(path)  # a training that is interrupted here leaves the old file whole


def read_weights(path, kind=TRANSFORMER, task=None):
    """Return what `save_weights` wrote: its dict. Raises FileNotFoundError, else WeightsError.

    kind: of model.    task: that it must have been trained on; without it, any.
    Only a regular file is read, no link, and of it no more than `MAX_BYTES`.
    """
    name = Path(path).name
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise WeightsError(
            f"`{name}` must be a file, not a link to one. Received: {error.strerror}"
        ) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise WeightsError(f"`{name}` must be an ordinary file.")
        with open(handle, "rb", closefd=False) as file:
            content = file.read(MAX_BYTES + 1)
    finally:
        os.close(handle)
    if len(content) > MAX_BYTES:
        raise WeightsError(f"`{name}` must have at most {MAX_BYTES:,} bytes. Received: more")
    try:
        value = unpack(content, MAX_BYTES)
    except ValueError as error:
        raise WeightsError(
            f"`{name}` must be as `save_weights` writes it. Received: {error}"
        ) from None
    require_valid(value, kind, task)
    return value


def variables(model):
    """Return the trainable variables of a built model by attribute path, such as
    `encoder.blocks.0.feed_forward.expand.kernel`.
    """
    found = {}
    _collect(model, "", found, set())
    return found


def load_weights(model, weights, kind=TRANSFORMER):
    """Put weights by attribute path into a built model, every one of them in its place.

    Raises WeightsError, before anything is changed, where a path is missing, left over, or of
    another shape.
    """
    wanted = variables(model)
    missing, extra = sorted(wanted.keys() - weights.keys()), sorted(weights.keys() - wanted.keys())
    if missing or extra:
        raise WeightsError(
            f"The weights must be those of {kind.name}. Received: "
            + "; ".join(
                f"{what} `{names[0]}`" + f" and {len(names) - 1} others" * (len(names) > 1)
                for what, names in (("without", missing), ("with a strange", extra))
                if names
            )
        )
    for name, variable in wanted.items():
        if tuple(variable.shape) != weights[name].shape:
            raise WeightsError(
                f"`{name}` must have shape {tuple(variable.shape)}. Received: {weights[name].shape}"
            )
    for name, variable in wanted.items():
        variable.assign(weights[name])


def require_valid(value, kind=TRANSFORMER, task=None):
    """Raise WeightsError unless a value is what `save_weights` writes, within its bounds."""
    if type(value) is not dict or value.keys() != KEYS:
        raise WeightsError(f"The file must hold {', '.join(sorted(KEYS))}.")
    if value["version"] != VERSION:
        raise WeightsError(f"The version must be {VERSION}. Received: {_say(value['version'])}")
    if type(value["task"]) is not str or type(value["alphabet"]) is not str:
        raise WeightsError("The task and the alphabet must be texts.")
    if task and (value["task"], value["alphabet"]) != (task.name, task.alphabet):
        raise WeightsError(
            f"The weights must be of the task `{task.name}` and its {task.units}, in their order. "
            f"Received: those of `{value['task'][:40]}`"
        )
    _require_sizes(value["model"], kind)
    weights = value["weights"]
    if type(weights) is not dict or not all(map(_is_weight, weights.values())):
        raise WeightsError("Every weight must be an array of float16, float32 or float64.")
    count = sum(array.size for array in weights.values())
    if count > MAX_PARAMETERS:
        raise WeightsError(
            f"The model must have at most {MAX_PARAMETERS:,} weights. Received: {count:,}"
        )
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise WeightsError(
                f"Every weight must be a finite number: a training that ran away cannot be used. "
                f"Received: NaN or infinity in `{name[:60]}`"
            )


def _require_sizes(sizes, kind):
    if type(sizes) is not dict or sizes.keys() != set(kind.config):
        raise WeightsError(f"The model's sizes must be {', '.join(kind.config)}.")
    for name, most in kind.sizes.items():
        if type(sizes[name]) is not int or not 1 <= sizes[name] <= most:
            raise WeightsError(
                f"`{name}` must be a whole number from 1 to {most}. Received: {_say(sizes[name])}"
            )
    if not all(type(sizes[name]) is bool for name in kind.switches):
        raise WeightsError(f"`{', '.join(kind.switches)}` must be true or false.")
    if not kind.fits(sizes):
        received = ", ".join(f"{name}={sizes[name]}" for name in kind.ruled)
        raise WeightsError(f"{kind.rule} Received: {received}")


def _collect(layer, prefix, found, seen):
    """Add what hangs on a layer; what hangs in two places is found at the first."""
    if id(layer) in seen:
        return
    seen.add(id(layer))
    attributes = {**vars(layer), **vars(layer).get("_modules", {})}  # the latter on PyTorch
    for attribute, value in attributes.items():
        name = attribute.lstrip("_")  # `Dense` keeps its kernel in `_kernel`
        if getattr(layer, name, None) is not value:
            continue
        if isinstance(value, keras.Variable):
            if value.trainable and id(value) not in seen:
                seen.add(id(value))
                found[f"{prefix}{name}"] = value
        elif isinstance(value, keras.layers.Layer):
            _collect(value, f"{prefix}{name}.", found, seen)
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                if isinstance(item, keras.layers.Layer):
                    _collect(item, f"{prefix}{name}.{number}.", found, seen)


def _array(variable):
    return np.asarray(variable.numpy(), "float32")


def _is_weight(value):
    return isinstance(value, np.ndarray) and value.dtype in ("float16", "float32", "float64")


def _say(value):
    return repr(value)[:60]
