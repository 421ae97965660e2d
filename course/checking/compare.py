"""The comparator: are two values equal to a tolerance, and if not, where and how do they differ?"""

from dataclasses import dataclass

import numpy as np

KINDS = {"b": "booleans", "i": "integers", "u": "integers", "f": "floats"}


@dataclass(frozen=True)
class Difference:
    """How `received` differs from `expected`.

    kind: `type`, `shape`, `dtype` or `values`.
    where: the place, such as `(1, 2, 5)` of an array or `item 1`; empty for the whole.
    expected, received: texts of one line.
    """

    kind: str
    where: str
    expected: str
    received: str


def difference(expected, received, tolerance, where=""):
    """Return the first `Difference` between two values, or None when they are equal.

    Shapes and kinds must agree; floats may differ by `tolerance`, absolutely; NaN equals NaN and an
    infinity equals itself. The precision of a float is not compared.
    """
    if isinstance(expected, list) and isinstance(received, list):
        return _in_list(expected, received, tolerance, where)
    if isinstance(expected, dict) and isinstance(received, dict):
        return _in_dict(expected, received, tolerance, where)
    if _is_number(expected) and _is_number(received):
        expected, received = np.asarray(expected), np.asarray(received)
    if isinstance(expected, np.ndarray) and isinstance(received, np.ndarray):
        return _in_array(expected, received, tolerance, where)
    if type(expected) is type(received) and expected == received:
        return None
    same_type = type(expected) is type(received)
    return Difference("values" if same_type else "type", where, say(expected), say(received))


def say(value):
    """Return a value in a few words: small ones in full, large ones by type and shape."""
    if isinstance(value, np.ndarray):
        kind = KINDS[value.dtype.kind]
        return f"{kind} of shape {value.shape}" if value.ndim else _say_number(value[()])
    if isinstance(value, list):
        return f"a list of {len(value)}" if len(value) > 8 or _is_nested(value) else str(value)
    if isinstance(value, dict):
        return f"a dict with {', '.join(value) or 'no keys'}"[:120]
    return f"{value!r}"[:120]


def _is_nested(value):
    return any(isinstance(item, list | dict | np.ndarray) for item in value)


def _say_number(number):
    return f"{number:.6g}" if isinstance(number, float | np.floating) else str(number)


def _is_number(value):
    if isinstance(value, np.ndarray):
        return value.ndim == 0
    return isinstance(value, int | float)


def _in_list(expected, received, tolerance, where):
    if len(expected) != len(received):
        return Difference("shape", where, f"{len(expected)} items", f"{len(received)} items")
    for index, (left, right) in enumerate(zip(expected, received, strict=True)):
        found = difference(left, right, tolerance, _inside(where, f"item {index}"))
        if found:
            return found
    return None


def _in_dict(expected, received, tolerance, where):
    if sorted(expected) != sorted(received):
        return Difference("shape", where, say(expected), say(received))
    for key, left in expected.items():
        found = difference(left, received[key], tolerance, _inside(where, key))
        if found:
            return found
    return None


def _inside(where, part):
    return f"{part} of {where}" if where else part


def _in_array(expected, received, tolerance, where):
    if expected.shape != received.shape:
        return Difference("shape", where, f"shape {expected.shape}", f"shape {received.shape}")
    if KINDS[expected.dtype.kind] != KINDS[received.dtype.kind]:
        kinds = KINDS[expected.dtype.kind], f"{KINDS[received.dtype.kind]} ({received.dtype})"
        return Difference("dtype", where, *kinds)
    if expected.dtype.kind == "f":
        wrong = ~np.isclose(received, expected, rtol=0, atol=tolerance, equal_nan=True)
    else:
        wrong = expected != received
    if not np.any(wrong):
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.abs(expected.astype("float64") - received.astype("float64"))
    size = np.where(wrong, np.where(np.isnan(size), np.inf, size), -1.0)
    index = np.unravel_index(np.argmax(size), size.shape)
    place = f"({', '.join(map(str, index))})" if index else ""
    place = _inside(where, place) if place else where
    return Difference("values", place, _say_number(expected[index]), _say_number(received[index]))
