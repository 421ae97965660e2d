"""Plain data survives the way through bytes; any other bytes give ValueError, quickly."""

import contextlib
import io
import json
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.checking import values
from course.checking.compare import difference
from course.checking.values import pack, require_plain, unpack

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats() | st.booleans()
TEXTS = st.text(max_size=20)
ARRAYS = hnp.arrays(
    st.sampled_from([np.dtype(code) for code in values.DTYPES]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
PLAIN = st.recursive(
    st.none() | NUMBERS | TEXTS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS.filter(lambda key: not key.startswith("$")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_what_is_packed_is_unpacked(value):
    again = unpack(pack(value))
    assert difference(value, again, tolerance=0) is None
    assert type(again) is type(value)


@given(ARRAYS)
def test_arrays_keep_their_dtype_shape_and_order_of_entries(array):
    again = unpack(pack(np.array(array, order="F")))
    assert (again.dtype, again.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(again, array)


@given(PLAIN)
def test_the_same_value_gives_the_same_bytes(value):
    assert pack(value) == pack(value)


def test_tuples_become_lists_and_numpy_scalars_arrays():
    again = unpack(pack({"a": (1, 2), "b": np.float32(0.5), "c": np.float64(2)}))
    assert again["a"] == [1, 2]
    assert (again["b"].shape, again["b"].dtype) == ((), np.float32)
    assert isinstance(again["c"], np.ndarray)


def test_big_endian_arrays_keep_their_values():
    array = np.array([1.5, -2.0], ">f8")
    np.testing.assert_array_equal(unpack(pack(array)), array)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "A value must be plain data. Received: object"),
        ({1, 2}, "A value must be plain data. Received: set"),
        (b"bytes", "A value must be plain data. Received: bytes"),
        (1j, "A value must be plain data. Received: complex"),
        (np.array([object()]), "An array must hold bools, .* Received: object"),
        (np.array(["a"]), "An array must hold bools, .* Received: <U1"),
        (np.array([1j]), "An array must hold bools, .* Received: complex128"),
        (np.zeros(2, "longdouble"), "An array must hold .* of at most 64 bits. Received: float128"),
        (np.zeros(2, "f4,i4"), "An array must hold"),
        (2**63, "An int must fit in 64 bits. Received: one of 64"),
        (-(2**63) - 1, "An int must fit in 64 bits"),
        ({1: 2}, "A key must be a string without a leading `\\$`. Received: 1"),
        ({"$array": "a0"}, "A key must be a string without a leading `\\$`"),
        ("\ud800", "A string must be valid Unicode. Received: '\\\\ud800'"),
        ({"\ud800": 1}, "A string must be valid Unicode"),
        (np.ma.masked_array([1, 2], [0, 1]), "A value must be plain data. Received: MaskedArray"),
    ],
)
def test_only_plain_data_is_packed(value, message):
    with pytest.raises(TypeError, match=message):
        pack(value)
    with pytest.raises(TypeError, match=message):
        pack({"deep": [value]})


def test_subclasses_are_not_plain():
    class Liar(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    with pytest.raises(TypeError, match="Received: Liar"):
        require_plain([Liar(1)])


def test_nesting_is_bounded():
    value = []
    for _ in range(values.MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(TypeError, match="must not be nested as deep"):
        pack(value)
    unpack(pack(value[0]))


@pytest.mark.parametrize(
    "value", ["x" * values.MAX_TEXT, [np.zeros(1)] * values.MAX_ARRAYS, np.zeros(2**21)]
)
def test_what_is_too_large_to_be_read_is_not_written(value):
    with pytest.raises(TypeError, match="A value must be smaller"):
        pack(value)


def npy(array):
    """Return a `.npy` file as NumPy writes it, pickles allowed."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=True)
    return buffer.getvalue()


def text(value):
    """Return the member `json.npy` for a value, or for the exact bytes of a JSON text."""
    if not isinstance(value, bytes):
        value = json.dumps({"version": values.VERSION, "value": value}).encode()
    return npy(np.frombuffer(value, np.uint8))


def archive(*members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            file.writestr(info, content)
    return buffer.getvalue()


def with_array(content, method=zipfile.ZIP_DEFLATED):
    """A packed value that is one array, whose `.npy` file is `content`."""
    return archive(("json.npy", text({"$array": "a"})), ("a.npy", content), method=method)


def header(content):
    """A `.npy` file with the header `content` and 24 bytes of data."""
    line = content.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line + b"\0" * 24


def of_shape(shape, descr="<f4"):
    return header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}")


def test_the_hostile_files_below_differ_from_good_ones_in_one_thing():
    np.testing.assert_array_equal(unpack(with_array(of_shape("(2, 3)"))), np.zeros((2, 3)))
    np.testing.assert_array_equal(unpack(with_array(npy([1.0, 2.0]))), [1, 2])


DEEP = b'{"version": 1, "value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
HOSTILE = {
    "no bytes": (b"", "BadZipFile"),
    "not bytes": (None, "TypeError"),
    "no zip": (b"PK\3\4 and no more", "BadZipFile"),
    "more entries than allowed": (
        archive(*[(f"a{i}", b"") for i in range(5000)]),
        "at most 4096 arrays",
    ),
    "more bytes than allowed": (b"\0" * (values.MAX_BYTES + 1), "bytes are allowed, not"),
    "zip bomb": (with_array(npy(np.zeros(2**27, np.int8))), "unpacked bytes are allowed"),
    "bz2": (with_array(npy([1.0]), zipfile.ZIP_BZIP2), "only deflate"),
    "lzma": (with_array(npy([1.0]), zipfile.ZIP_LZMA), "only deflate"),
    "object array": (with_array(npy(np.array([{}], object))), "format 1.0"),
    "pickle": (with_array(b"\x80\x04\x95\x00."), "format 1.0"),
    "string array": (with_array(npy(np.array(["ab"]))), "must hold bools.*not U2|format 1.0"),
    "complex array": (with_array(npy(np.array([1j]))), "format 1.0"),
    "long double": (with_array(npy(np.zeros(1, "longdouble"))), "format 1.0"),
    "float of one byte": (with_array(of_shape("(24,)", "|f1")), "must hold bools.*not f1"),
    "structured array": (with_array(npy(np.zeros(2, "f4,i4"))), "format 1.0"),
    "format 2.0": (with_array(b"\x93NUMPY\x02\x00" + b"\0" * 50), "format 1.0"),
    "code in the header": (with_array(header("__import__('os').getpid()")), "format 1.0"),
    "header of another length": (
        with_array(of_shape("(2, 3)").replace(b"\n", b" \n")),
        "format 1.0",
    ),
    "negative shape": (with_array(of_shape("(-2, -3)")), "format 1.0"),
    "shape too large": (with_array(of_shape("(2, 4)")), "cannot have 24 bytes"),
    "shape too small": (with_array(of_shape("(2, 2)")), "cannot have 24 bytes"),
    "huge shape": (with_array(of_shape("(99999999999, 99999999999)")), "cannot have 24 bytes"),
    "huge empty shape": (with_array(of_shape("(0, 9999999999999999999999)")), "cannot have"),
    "shape of no commas": (with_array(of_shape("(2 3)")), "invalid literal"),
    "too many axes": (with_array(of_shape(f"({'1, ' * 70}6, )")), "maximum.*dimension"),
    "truncated array": (with_array(npy(np.arange(9.0))[:-1]), "cannot have 71 bytes"),
    "bool that is 2": (with_array(of_shape("(24,)", "|b1")[:-1] + b"\2"), "must be 0 or 1"),
    "no text": (archive(("a.npy", npy([1]))), "KeyError"),
    "no JSON": (archive(("json.npy", text(b"{"))), "JSONDecodeError"),
    "no UTF-8": (archive(("json.npy", text(b"\xff"))), "UnicodeDecodeError"),
    "text of floats": (archive(("json.npy", npy([0.5]))), "JSONDecodeError|UnicodeDecodeError"),
    "a list for the header": (archive(("json.npy", text(b"[1]"))), "a version and a value"),
    "no version": (archive(("json.npy", text(b'{"value": 1}'))), "a version and a value"),
    "another version": (
        archive(("json.npy", text(b'{"version": 2, "value": 1}'))),
        "the version must be 1, not 2",
    ),
    "something besides": (
        archive(("json.npy", text(b'{"version": 1, "value": 1, "more": 1}'))),
        "a version and a value",
    ),
    "text too long": (archive(("json.npy", text(["x" * values.MAX_TEXT]))), "bytes of text"),
    "deep JSON": (archive(("json.npy", text(DEEP))), "RecursionError"),
    "huge int": (archive(("json.npy", text(2**63))), "must fit in 64 bits"),
    "int of 5000 digits": (
        archive(("json.npy", text(b'{"version": 1, "value": ' + b"9" * 5000 + b"}"))),
        "limit",
    ),
    "lone surrogate": (archive(("json.npy", text("\ud800"))), "valid Unicode"),
    "key with a dollar": (archive(("json.npy", text({"$other": 1}))), "A key must be"),
    "reference and more": (
        archive(("json.npy", text({"$array": "a", "b": 1})), ("a.npy", npy([1]))),
        "A key must be|have no place",
    ),
    "unknown reference": (archive(("json.npy", text({"$array": "a"}))), "KeyError"),
    "reference to a list": (
        archive(("json.npy", text({"$array": []})), ("a.npy", npy([1]))),
        "TypeError",
    ),
    "reference used twice": (
        archive(("json.npy", text([{"$array": "a"}, {"$array": "a"}])), ("a.npy", npy([1]))),
        "KeyError",
    ),
    "reference to the text": (archive(("json.npy", text({"$array": "json"}))), "KeyError"),
    "array without a place": (archive(("json.npy", text(1)), ("a.npy", npy([1]))), "no place"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_give_value_error_and_quickly(name):
    data, message = HOSTILE[name]
    start = time.perf_counter()
    with pytest.raises(ValueError, match=f"Packed data is unreadable: .*({message})"):
        unpack(data)
    assert time.perf_counter() - start < 1


def test_a_member_that_is_longer_than_it_says_is_not_read_on():
    data = with_array(npy(np.zeros(10**6, np.int8)))
    name = data.rindex(b"a.npy")  # in the directory at the end, sizes stand before the name
    lying = bytearray(data)
    lying[name - 22 : name - 18] = (200).to_bytes(4, "little")  # its size once unpacked
    with pytest.raises(ValueError, match="Packed data is unreadable"):
        unpack(bytes(lying))


def test_a_name_that_occurs_twice_is_refused():
    data = archive(("json.npy", text({"$array": "a"})), ("a.npy", npy([1])), ("b.npy", npy([2])))
    with pytest.raises(ValueError, match="a name occurs twice"):
        unpack(data.replace(b"b.npy", b"a.npy"))
    both = archive(("json.npy", text(1)), ("json", text(2)))
    with pytest.raises(ValueError, match="a name occurs twice"):
        unpack(both)


@given(st.binary(max_size=300))
def test_random_bytes_give_value_error(data):
    with pytest.raises(ValueError, match="Packed data is unreadable"):
        unpack(data)


@given(PLAIN, st.data())
def test_damaged_bytes_give_value_error_or_a_plain_value(value, data):
    packed = bytearray(pack(value))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        require_plain(unpack(bytes(packed)))


@given(PLAIN, st.integers(0, 10_000))
def test_truncated_bytes_give_value_error(value, length):
    packed = pack(value)
    with pytest.raises(ValueError, match="Packed data is unreadable"):
        unpack(packed[: min(length, len(packed) - 1)])
