"""Plain data in and out of bytes: all that may cross between student code and the judge.

A value is `None`, a bool, an int of 64 bits, a float, a string, a list, a dict with string keys, or
a NumPy array of bools, integers or floats. `pack` writes it as one `.npz`: a JSON text in which
every array is a reference, and the arrays beside it. Nothing is pickled, and `unpack` trusts
nothing: sizes, names, types and shapes are checked before memory is taken.
"""

import io
import json
import math
import re
import zipfile

import numpy as np

VERSION = 1
MAX_BYTES = 16 * 2**20  # of one packed value, and of what it unpacks to, headers included
MAX_TEXT = 2**20  # of its JSON text
MAX_ARRAYS = 4096
MAX_DEPTH = 40  # of nested lists and dicts; a key of a whole lesson takes about 12
DTYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
NPY_HEADER = re.compile(  # of format 1.0, as NumPy writes it; nothing else is read
    rb"\x93NUMPY\x01\x00(..)\{'descr': '[<>|](\w\w)', 'fortran_order': (True|False), "
    rb"'shape': \(([0-9, ]*)\), \} *\n",
    re.DOTALL,
)


def pack(value):
    """Return `value` as bytes. Raises TypeError for anything that is not plain data or too large.

    Tuples become lists, and NumPy's scalars arrays without axes.
    """
    require_plain(value)
    arrays = {}
    text = json.dumps({"version": VERSION, "value": _with_references(value, arrays)}).encode()
    size = len(text) + sum(array.nbytes for array in arrays.values())
    if len(text) > MAX_TEXT or len(arrays) >= MAX_ARRAYS or size > MAX_BYTES // 2:
        raise TypeError(
            f"A value must be smaller. Received: {size} bytes, {len(text)} of them text, "
            f"in {len(arrays)} arrays"
        )
    buffer = io.BytesIO()
    np.savez_compressed(buffer, json=np.frombuffer(text, np.uint8), **arrays)
    return buffer.getvalue()


def unpack(data, max_bytes=MAX_BYTES):
    """Return the value that `pack` wrote. Raises ValueError, and only that, for other bytes."""
    try:
        arrays = _read_members(data, max_bytes)
        text = arrays.pop("json").tobytes()
        if len(text) > MAX_TEXT:
            raise ValueError(f"at most {MAX_TEXT} bytes of text are allowed, not {len(text)}")
        header = json.loads(text.decode())
        if not isinstance(header, dict) or header.keys() != {"version", "value"}:
            raise ValueError("the text must hold a version and a value")
        if header["version"] != VERSION:
            raise ValueError(f"the version must be {VERSION}, not {str(header['version'])[:20]}")
        value = _with_arrays(header["value"], arrays)
        if arrays:
            raise ValueError(f"{len(arrays)} arrays have no place in the value")
        require_plain(value)
    except Exception as error:  # a hostile file may fail anywhere: one kind of error leaves here
        name = "" if type(error) is ValueError else f"{type(error).__name__}: "
        raise ValueError(f"Packed data is unreadable: {name}{str(error)[:200]}") from None
    return value


def require_plain(value, max_depth=MAX_DEPTH):
    """Raise TypeError, with a sentence, unless `value` is plain data."""
    if max_depth < 0:
        raise TypeError("A value must not be nested as deep as this one")
    kind = type(value)
    if value is None or kind in (bool, float):
        return
    if kind is int:
        if not -(2**63) <= value < 2**63:
            raise TypeError(f"An int must fit in 64 bits. Received: one of {value.bit_length()}")
    elif kind is str:
        _require_text(value)
    elif kind in (list, tuple):
        for item in value:
            require_plain(item, max_depth - 1)
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str or key.startswith("$"):
                raise TypeError(f"A key must be a string without a leading `$`. Received: {key!r}")
            _require_text(key)
            require_plain(item, max_depth - 1)
    elif kind is np.ndarray or isinstance(value, np.generic):
        if value.dtype.str[1:] not in DTYPES:
            raise TypeError(
                f"An array must hold bools, integers or floats of at most 64 bits. "
                f"Received: {value.dtype}"
            )
    else:
        raise TypeError(f"A value must be plain data. Received: {kind.__name__}")


def _require_text(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TypeError(f"A string must be valid Unicode. Received: {text[:40]!a}") from None


def _with_references(value, arrays):
    if isinstance(value, np.ndarray | np.generic):
        name = f"a{len(arrays)}"
        arrays[name] = np.asarray(value)
        return {"$array": name}
    if isinstance(value, list | tuple):
        return [_with_references(item, arrays) for item in value]
    if isinstance(value, dict):
        return {key: _with_references(item, arrays) for key, item in value.items()}
    return value


def _with_arrays(value, arrays):
    """Put each array in its one place."""
    if isinstance(value, list):
        return [_with_arrays(item, arrays) for item in value]
    if isinstance(value, dict):
        if value.keys() == {"$array"}:
            return arrays.pop(value["$array"])
        return {key: _with_arrays(item, arrays) for key, item in value.items()}
    return value


def _read_members(data, max_bytes):
    """Return the arrays of a `.npz` by name; no more than `max_bytes` are ever unpacked."""
    if len(data) > max_bytes:
        raise ValueError(f"at most {max_bytes} bytes are allowed, not {len(data)}")
    if data.count(b"PK\1\2") > MAX_ARRAYS:  # entries of the archive, before memory is taken
        raise ValueError(f"at most {MAX_ARRAYS} arrays are allowed")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        size = sum(info.file_size for info in infos)
        if size > max_bytes:
            raise ValueError(f"at most {max_bytes} unpacked bytes are allowed, not {size}")
        names = [info.filename.removesuffix(".npy") for info in infos]
        if len(set(names)) < len(names):
            raise ValueError("a name occurs twice")
        return {name: _read_array(archive, info) for name, info in zip(names, infos, strict=True)}


def _read_array(archive, info):
    """Read one `.npy` member; what its header says is checked against the bytes that are there."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("only deflate is read")  # zipfile unpacks bz2 and lzma without a limit
    with archive.open(info) as member:
        raw = member.read(info.file_size)
    header = NPY_HEADER.match(raw)
    if not header or header.end() != 10 + int.from_bytes(header[1], "little"):
        raise ValueError("an array must be in NumPy's format 1.0")
    shape = tuple(int(size) for size in header[4].split(b",") if size.strip())
    code = header[2].decode()
    if code not in DTYPES:
        raise ValueError(f"an array must hold bools, integers or floats, not {code}")
    dtype, body = np.dtype(raw[header.start(2) - 1 : header.end(2)].decode()), raw[header.end() :]
    if math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError(f"an array of shape {shape} of {dtype} cannot have {len(body)} bytes")
    if code == "b1" and body.strip(b"\0\1"):
        raise ValueError("a bool must be 0 or 1")
    order = "F" if header[3] == b"True" else "C"
    return np.frombuffer(body, dtype).reshape(shape, order=order).copy()
