"""Plain data in and out of bytes: all that may cross between student code and the judge.

A value is `None`, a bool, an int, a float, a string, a list, a dict with string keys, or a NumPy
array of bools, integers or floats. `pack` writes it as one `.npz`: a JSON text in which every array
is a reference, and the arrays beside it. Nothing is pickled, and `unpack` trusts nothing: sizes,
names, types and shapes are checked before memory is taken.
"""

import io
import json
import math
import zipfile

import numpy as np

VERSION = 1
MAX_BYTES = 16 * 2**20  # of one packed value, and of what it unpacks to
MAX_ARRAYS = 4096
ARRAY_KINDS = "biuf"  # bool, int, unsigned int, float: never object, string or void


def pack(value):
    """Return `value` as bytes. Raises TypeError for anything that is not plain data."""
    arrays = {}
    text = json.dumps({"version": VERSION, "value": _to_json(value, arrays)})
    buffer = io.BytesIO()
    np.savez_compressed(buffer, json=np.frombuffer(text.encode(), np.uint8), **arrays)
    return buffer.getvalue()


def unpack(data, max_bytes=MAX_BYTES):
    """Return the value that `pack` wrote. Raises ValueError, and only that, for other bytes."""
    try:
        members = _read_members(data, max_bytes)
        header = json.loads(members.pop("json").tobytes().decode())
        if not isinstance(header, dict) or header.get("version") != VERSION:
            raise ValueError(f"The version must be {VERSION}. Received: {str(header)[:80]}")
        return _from_json(header["value"], members)
    except ValueError as error:
        raise ValueError(f"Packed data is unreadable: {error}") from None
    except Exception as error:  # a hostile file may fail anywhere: one kind of error leaves here
        raise ValueError(f"Packed data is unreadable: {type(error).__name__}: {error}") from None


def _to_json(value, arrays):
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in ARRAY_KINDS:
            raise TypeError(
                f"An array must hold bools, integers or floats. Received: {value.dtype}"
            )
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"$array": name}
    if isinstance(value, list | tuple):
        return [_to_json(item, arrays) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) and not key.startswith("$") for key in value):
            raise TypeError(f"Keys must be strings without a leading `$`. Received: {list(value)}")
        return {key: _to_json(item, arrays) for key, item in value.items()}
    raise TypeError(f"A value must be plain data. Received: {type(value).__name__}")


def _from_json(value, arrays):
    if isinstance(value, list):
        return [_from_json(item, arrays) for item in value]
    if isinstance(value, dict):
        if "$array" in value:
            return arrays[value["$array"]]
        return {key: _from_json(item, arrays) for key, item in value.items()}
    return value


def _read_members(data, max_bytes):
    if len(data) > max_bytes:
        raise ValueError(f"At most {max_bytes} bytes are allowed. Received: {len(data)}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        unpacked = sum(info.file_size for info in infos)
        if unpacked > max_bytes or len(infos) > MAX_ARRAYS:
            raise ValueError(
                f"At most {max_bytes} bytes in {MAX_ARRAYS} arrays are allowed once unpacked. "
                f"Received: {unpacked} bytes in {len(infos)} arrays"
            )
        return {info.filename.removesuffix(".npy"): _read_array(archive, info) for info in infos}


def _read_array(archive, info):
    """Read one `.npy` member; its header is checked against the bytes that are there."""
    with archive.open(info) as member:
        raw = member.read(info.file_size + 1)
    if len(raw) != info.file_size:
        raise ValueError(f"{info.filename} is not as long as it says")
    stream = io.BytesIO(raw)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{info.filename} is not an array of format 1.0")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in ARRAY_KINDS or dtype.hasobject:
        raise ValueError(f"{info.filename} holds {dtype}, not bools, integers or floats")
    body = raw[stream.tell() :]
    if any(size < 0 for size in shape) or math.prod(shape) * dtype.itemsize != len(body):
        raise ValueError(f"{info.filename} says shape {shape} of {dtype} in {len(body)} bytes")
    array = np.frombuffer(body, dtype).reshape(shape, order="F" if fortran_order else "C")
    return array.copy()
