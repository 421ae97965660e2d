"""The comparator: are two values equal to a tolerance, and if not, where and how do they differ?"""

from dataclasses import dataclass

import numpy as np

KINDS = ("type", "shape", "dtype", "values")  # what is told first, where several differ
NUMBERS = {"b": "booleans", "i": "integers", "u": "integers", "f": "floats"}
MAX_TEXT = 120  # characters of one value


@dataclass(frozen=True)
class Difference:
    """How `received` differs from `expected`.

    kind: one of `KINDS`.
    where: the place, such as `(1, 2, 5)` of an array or `item 1`; empty for the whole.
    expected, received: texts of one line.
    """

    kind: str
    where: str
    expected: str
    received: str


def difference(expected, received, tolerance, where=""):
    """Return how two values differ, or None when they are equal.

    Of several differences the first of the kind that comes first in `KINDS` is returned. Shapes and
    kinds of number must agree; floats may differ by `tolerance`, absolutely; NaN equals NaN and an
    infinity equals itself. The precision of a float is not compared.
    """
    found = _differences(expected, received, tolerance, where)
    return min(found, key=lambda each: KINDS.index(each.kind), default=None)


def largest(value):
    """Return the largest finite absolute value in numbers and arrays, nested as outcomes are."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return max(map(largest, inner), default=0.0)
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        return 0.0
    return float(np.max(np.abs(array), where=np.isfinite(array), initial=0.0))


def say(value):
    """Return a value in a few words of one line: small ones in full, large ones by their shape."""
    if isinstance(value, np.ndarray):
        kind = NUMBERS[value.dtype.kind]
        return f"{kind} of shape {value.shape}" if value.ndim else _say_number(value[()])
    if isinstance(value, float):
        return _say_number(value)
    if isinstance(value, list):
        in_full = len(value) <= 8 and not any(
            isinstance(v, list | dict | np.ndarray) for v in value
        )
        return _cut(repr(value)) if in_full else f"a list of {len(value)}"
    if isinstance(value, dict):
        return _cut(f"a dict with {', '.join(map(repr, value)) or 'no keys'}")
    return _cut(repr(value))


def _cut(text):
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _say_number(number, digits=6):
    is_float = isinstance(number, float | np.floating)
    return f"{number:.{digits}g}" if is_float else str(number)


def _differences(expected, received, tolerance, where):
    if _is_number(expected) and _is_number(received):
        expected, received = np.asarray(expected), np.asarray(received)
    if isinstance(expected, np.ndarray) and isinstance(received, np.ndarray):
        yield from _in_arrays(expected, received, tolerance, where)
    elif type(expected) is not type(received):
        yield Difference("type", where, say(expected), say(received))
    elif isinstance(expected, list):
        if len(expected) == len(received):
            for index, (left, right) in enumerate(zip(expected, received, strict=True)):
                yield from _differences(left, right, tolerance, inside(f"item {index}", where))
        else:
            yield Difference("shape", where, f"{len(expected)} items", f"{len(received)} items")
    elif isinstance(expected, dict):
        if expected.keys() == received.keys():
            for key, left in expected.items():
                yield from _differences(left, received[key], tolerance, inside(key, where))
        else:
            yield Difference("shape", where, say(expected), say(received))
    elif expected != received:
        yield Difference("values", where, say(expected), say(received))


def inside(part, whole):
    """Name a part of a place: `item 1`, or `item 1 of output`."""
    return f"{part} of {whole}" if part and whole else part or whole


def _is_number(value):
    return value.ndim == 0 if isinstance(value, np.ndarray) else isinstance(value, int | float)


def _in_arrays(expected, received, tolerance, where):
    kinds = NUMBERS[expected.dtype.kind], NUMBERS[received.dtype.kind]
    if expected.shape != received.shape:
        yield Difference("shape", where, f"shape {expected.shape}", f"shape {received.shape}")
    elif kinds[0] != kinds[1]:
        yield Difference("dtype", where, kinds[0], f"{kinds[1]} ({received.dtype})")
    else:
        distance = _distance(expected, received, tolerance)
        if distance.any():
            index = np.unravel_index(np.argmax(distance), distance.shape)
            place = f"({', '.join(map(str, index))})" if index else ""
            texts = _distinct(expected[index], received[index])
            yield Difference("values", inside(place, where), *texts)


def _distance(expected, received, tolerance):
    """Return how far apart entries are; 0 where they count as equal, infinity beside a NaN."""
    with np.errstate(all="ignore"):
        left, right = expected.astype("float64"), received.astype("float64")
        distance = np.abs(left - right)
        if expected.dtype.kind == "f":
            same = (distance <= tolerance) | (left == right) | (np.isnan(left) & np.isnan(right))
        else:
            same = expected == received
            distance = np.maximum(distance, 1.0)  # of integers too large for float64 to tell apart
    return np.where(same, 0.0, np.where(np.isnan(distance), np.inf, distance))


def _distinct(expected, received):
    """Say two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 17):
        texts = _say_number(expected, digits), _say_number(received, digits)
        if texts[0] != texts[1]:
            break
    return texts
