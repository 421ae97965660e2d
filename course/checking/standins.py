"""Stand-ins: layers and models that a case hands to the student's object, as plain data.

Where `{"standin": name, "params": {...}}` stands among the arguments of a case, `probe` puts what
has that name. Its parameters are plain data and may hold stand-ins of their own.
"""

import numpy as np

from course.checking import standin_layers as layers
from course.checking import standin_models as models

STANDINS = {
    "affine": layers.Affine,
    "mixer": layers.Mixer,
    "attending": layers.Attending,
    "norm_over": layers.NormOver,
    "head_merge": layers.HeadMerge,
    "chain": layers.Chain,
    "table_model": models.TableModel,
    "attention_parts": models.AttentionParts,
}


def standin(name, **params):
    """Return the data of a stand-in: `standin("mixer", matrix=...)`."""
    return {"standin": name, "params": params}


def is_standin(value):
    """Whether a value of a case is the data of a stand-in."""
    return isinstance(value, dict) and "standin" in value


def fill(value):
    """Return `value` with a fresh object for each stand-in in it, and copies of its arrays.

    Raises ValueError for a stand-in that is not in the form, or that there is not.
    """
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, list):
        return [fill(item) for item in value]
    if is_standin(value):
        return _make(value)
    if isinstance(value, dict):
        return {key: fill(item) for key, item in value.items()}
    return value


def _make(data):
    name, params = data["standin"], data.get("params")
    if data.keys() != {"standin", "params"} or not isinstance(params, dict):
        raise ValueError(
            "A stand-in must hold its name as `standin`, a dict as `params`, and nothing else. "
            f"Received: {', '.join(f'{key}: {type(part).__name__}' for key, part in data.items())}"
        )
    if not isinstance(name, str) or name not in STANDINS:
        raise ValueError(f"A stand-in must be one of {', '.join(STANDINS)}. Received: {name!r}")
    try:
        return STANDINS[name](**fill(params))
    except TypeError as error:
        raise ValueError(f"The stand-in `{name}` cannot be made: {error}") from None
