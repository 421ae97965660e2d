"""Whatever student code returns becomes plain data of exact types, or a sentence."""

import enum

import keras
import numpy as np
import pytest
from keras import ops

from course.checking import plain
from course.checking.plain import Reader, Unreadable, clean_text
from course.checking.values import pack, require_plain


def read(result):
    value = Reader().read(result)
    require_plain(value)
    return value


class Colour(enum.IntEnum):
    RED = 3


class LyingText(str):
    def __str__(self):
        return "other"

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class LyingNumber(float):
    def __float__(self):
        return 42.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize(
    ("result", "value"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (Colour.RED, 3),
        (2.5, 2.5),
        (np.float64(2.5), 2.5),
        (LyingNumber(1.5), 1.5),
        ("text", "text"),
        (LyingText("mine"), "mine"),
        ("lone \ud800", "lone ?"),
        ((1, (2, 3)), [1, [2, 3]]),
        ({"a": (1,), 2: "b"}, {"a": [1], "2": "b"}),
        ({"$array": 1}, {"array": 1}),
    ],
)
def test_plain_results(result, value):
    again = read(result)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("dtype", ["bool", "int32", "float16", "float32"])
def test_tensors_become_arrays_of_their_dtype(dtype):
    value = read(ops.ones((2, 3), dtype))
    assert (type(value), value.dtype, value.shape) == (np.ndarray, dtype, (2, 3))


# Keras' and TensorFlow's own conversions, which `probe` runs with warnings off
OLD_CONVERSION = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@OLD_CONVERSION
def test_bfloat16_becomes_float32():
    assert read(ops.ones(2, "bfloat16")).dtype == "float32"


@OLD_CONVERSION
def test_variables_and_numpy_scalars_become_arrays():
    np.testing.assert_array_equal(read(keras.Variable([1.0, 2.0])), [1, 2])
    assert read(np.float32(0.5)).shape == ()
    assert read(np.True_).dtype == bool


def test_array_subclasses_become_arrays():
    assert type(read(np.ma.masked_array([1.0, 2.0], [0, 1]))) is np.ndarray


def test_nothing_is_shared():
    result = np.zeros(3)
    value = read(result)
    result[:] = 1
    np.testing.assert_array_equal(value, 0)


class WithShape:
    shape, dtype = (2,), "float32"


class Lying(WithShape):
    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0])

    def __eq__(self, other):
        return True

    __hash__ = None

    def __repr__(self):
        raise ZeroDivisionError


class Stubborn(WithShape):
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")


def test_what_an_object_says_of_itself_does_not_count():
    np.testing.assert_array_equal(read(Lying()), [1, 2])


def generator():
    yield 1


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (generator(), "must be a tensor, a number, a string, or a list .* Received: a generator"),
        (object(), "Received: an object"),
        (1j, "Received: a complex"),
        (b"bytes", "Received: a bytes"),
        ({1, 2}, "Received: a set"),
        (type("", (), {})(), "Received: a "),
        (np.array([1j]), "must hold numbers or booleans. Received: a ndarray of complex128"),
        (np.array([[1], [2, 3]], object), "Received: a ndarray of object"),
        (np.array(["a"]), "Received: a ndarray of <U1"),
        (np.zeros(2, "longdouble"), "Received: a ndarray of float128"),
        (WithShape(), "Received: a WithShape of object"),
        (Stubborn(), "Received: a Stubborn that cannot be read .RuntimeError"),
        (2**63, "must fit in 64 bits. Received: one of 64 bits"),
        (-(10**4000), "must fit in 64 bits. Received: one of 13288 bits"),
        ([0] * 3000, "may hold 2000 items in all. Received: 2001 or more"),
        (["x" * 1000] * 200, "may hold 100000 characters in all"),
        ({"k" * 900 + str(i): 0 for i in range(200)}, "may hold 100000 characters in all"),
        (np.zeros(2**20), "may hold 4194304 bytes in all. Received: 8388608 or more"),
        ([np.zeros(2**18)] * 3, "may hold 4194304 bytes in all"),
    ],
)
def test_a_sentence_for_what_cannot_be_compared(result, message):
    with pytest.raises(Unreadable, match=message):
        Reader().read(result)


def test_a_symbolic_tensor_has_no_values():
    with pytest.raises(Unreadable, match="numbers computed from the inputs"):
        Reader().read(keras.Input((3,)))


def test_nesting_is_bounded_also_where_a_list_holds_itself():
    endless = []
    endless.append(endless)
    with pytest.raises(Unreadable, match="nested 8 deep"):
        Reader().read(endless)
    wide = [0] * 100
    for _ in range(7):
        wide = [wide] * 100
    with pytest.raises(Unreadable, match="2000 items"):
        Reader().read(wide)


def test_an_endless_list_ends():
    class Endless(list):
        def __iter__(self):
            while True:
                yield 0

    with pytest.raises(Unreadable, match="2000 items"):
        Reader().read(Endless())


def test_one_allowance_for_all_results():
    reader = Reader()
    reader.read(np.zeros(2**18))
    reader.read(np.zeros(2**18))
    with pytest.raises(Unreadable, match="results of one case may hold 4194304 bytes"):
        reader.read(np.zeros(1))


def test_all_that_is_read_can_be_packed():
    pack(Reader().read(["\x00" * 900] * 100))
    pack(Reader().read([np.zeros(0)] * 1999))
    pack(Reader().read(np.zeros(2**19)))


def test_strings_are_cut():
    assert len(read("x" * 10_000)) == plain.MAX_TEXT
    assert clean_text("abc", 2) == "ab"
