"""Turn what student code returned into plain data: exact types, bounded size, nothing shared."""

import keras
import numpy as np
from keras import ops

from course.checking.values import DTYPES

MAX_TEXT = 1000  # characters of one string
MAX_DEPTH = 8  # of nested lists and dicts


class Unreadable(TypeError):
    """What came back cannot be compared; the message says what must hold and what was received."""


class Reader:
    """Reads results as plain data. What it has read counts against one allowance."""

    def __init__(self, items=2000, characters=100_000, megabytes=4):
        self.left = {"items": items, "characters": characters, "bytes": megabytes * 2**20}
        self.allowed = dict(self.left)

    def read(self, result, depth=0):
        """Return `result` with tensors as arrays, tuples as lists, and keys as strings.

        Raises Unreadable, with a sentence for the student, for anything else.
        """
        self._take("items", 1)
        if depth > MAX_DEPTH:
            raise Unreadable(f"Lists may be nested {MAX_DEPTH} deep. Received: deeper ones")
        if result is None or isinstance(result, bool):
            return result
        if isinstance(result, int):
            return _exact_int(result)
        if isinstance(result, float):
            return float.__float__(result)
        if isinstance(result, str):
            return self._text(result)
        if isinstance(result, list | tuple):
            return [self.read(item, depth + 1) for item in result]
        if isinstance(result, dict):
            return {self._key(key): self.read(item, depth + 1) for key, item in result.items()}
        array = _to_array(result)
        self._take("bytes", array.nbytes)
        return array.copy()

    def _take(self, what, amount):
        self.left[what] -= amount
        if self.left[what] < 0:
            raise Unreadable(
                f"The results of one case may hold {self.allowed[what]} {what} in all. "
                f"Received: {self.allowed[what] - self.left[what]} or more"
            )

    def _text(self, text):
        text = clean_text(text, MAX_TEXT)
        self._take("characters", len(text))
        return text

    def _key(self, key):
        """Other keys, such as ints, become their text; a leading `$` means a reference in bytes."""
        return self._text(str(key)).lstrip("$")


def clean_text(text, limit):
    """Return the first `limit` characters of a string as valid Unicode of type `str`."""
    return str.__str__(text)[:limit].encode("utf-8", "replace").decode()


def _exact_int(result):
    number = int.__int__(result)
    if not -(2**63) <= number < 2**63:
        raise Unreadable(
            f"An integer must fit in 64 bits. Received: one of {number.bit_length()} bits"
        )
    return number


def _to_array(result):
    if isinstance(result, keras.KerasTensor):
        raise Unreadable(
            "The result must hold numbers computed from the inputs. Received: a symbolic tensor "
            "(KerasTensor), which has a shape and no values"
        )
    kind = clean_text(type(result).__name__, 80)
    kind = f"an {kind}" if kind[:1] in tuple("AEIOaeio") else f"a {kind}"
    if not hasattr(result, "shape") or not hasattr(result, "dtype"):
        raise Unreadable(
            f"The result must be a tensor, a number, a string, or a list or dict of these. "
            f"Received: {kind}"
        )
    try:
        array = np.asarray(ops.convert_to_numpy(result))
    except Exception as error:
        raise Unreadable(
            f"The result must be a tensor with one shape and with values. "
            f"Received: {kind} that cannot be read ({type(error).__name__})"
        ) from None
    if array.dtype.name == "bfloat16":
        array = array.astype("float32")
    if array.dtype.str[1:] not in DTYPES:
        raise Unreadable(
            f"A tensor must hold numbers or booleans. Received: {kind} of {array.dtype}"
        )
    return array
