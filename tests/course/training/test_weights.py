"""Weights go into a file and come back; whatever else a file may be is told in a sentence."""

import io
import os
import pickle
import zipfile

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.values import pack
from course.data.dates import DATES
from course.training import weights as module
from course.training.weights import (
    MAX_BYTES,
    MAX_PARAMETERS,
    WeightsError,
    load_weights,
    read_weights,
    save_weights,
    variables,
)
from solutions.sizes import count_model_parameters
from solutions.transformer import Transformer
from tests.course.training.models import COPY

SIZES = {"d_model": 8, "num_layers": 2, "num_heads": 2, "hidden_dim": 12}
SHAPES = {"source": (None, 36), "target": (None, 11)}


def small(seed=0, **sizes):
    keras.utils.set_random_seed(seed)
    model = Transformer(len(DATES.characters), **{**SIZES, **sizes})
    model.build(SHAPES)
    return model


def value(**change):
    """What `save_weights` puts into a file, with something changed."""
    arrays = {name: module._array(v) for name, v in variables(small()).items()}
    right = {
        "version": 1,
        "task": "dates",
        "alphabet": DATES.characters.alphabet,
        "model": {**SIZES, "norm_first": False},
        "weights": arrays,
    }
    return {**right, **change}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "training.npz"


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_model_comes_back_as_it_was(path, norm_first):
    model, other = small(1, norm_first=norm_first), small(2, norm_first=norm_first)
    save_weights(model, path)
    read = read_weights(path)
    load_weights(other, read["weights"])
    ids = {"source": ops.ones((2, 36), "int32"), "target": ops.ones((2, 11), "int32")}
    np.testing.assert_array_equal(
        ops.convert_to_numpy(model(ids)), ops.convert_to_numpy(other(ids))
    )
    assert read["model"] == {**SIZES, "norm_first": norm_first}
    assert (read["task"], read["alphabet"]) == ("dates", DATES.characters.alphabet)


def test_every_weight_has_a_path_of_attributes():
    model = small()
    found = variables(model)
    count = sum(int(np.prod(variable.shape)) for variable in found.values())
    sizes = {name: size for name, size in SIZES.items() if name != "num_heads"}
    assert count == count_model_parameters(len(DATES.characters), **sizes)["model"]
    assert found["embedding.table"] is model.embedding.table
    kernel = model.encoder.blocks[1].feed_forward.expand.kernel
    assert found["encoder.blocks.1.feed_forward.expand.kernel"] is kernel
    assert len(found) == len(model.trainable_variables)


def test_what_hangs_in_two_places_is_found_once():
    model = small()
    before = list(variables(model))
    model.embedding.same = model.embedding.table
    model.again = model.encoder
    assert list(variables(model)) == before


def test_half_precision_is_kept_as_float32(path):
    model = Transformer(len(DATES.characters), **SIZES, dtype="mixed_float16")
    model.build(SHAPES)
    save_weights(model, path)
    assert {array.dtype.name for array in read_weights(path)["weights"].values()} == {"float32"}


def test_the_task_is_kept(path):
    model = Transformer(len(COPY.characters), **SIZES)
    model.build({"source": (None, 7), "target": (None, 6)})
    save_weights(model, path, task=COPY)
    assert read_weights(path)["task"] == "words"


def test_a_training_that_ran_away_is_not_saved(path):
    model = small()
    model.encoder.blocks[0].feed_forward.contract.bias.assign(np.full(8, np.nan))
    with pytest.raises(WeightsError, match=r"finite number.*`encoder.blocks.0.feed_forward.contr"):
        save_weights(model, path)
    assert not path.exists()


def test_a_save_that_fails_leaves_the_old_file(path, monkeypatch):
    save_weights(small(1), path)
    before = path.read_bytes()
    monkeypatch.setattr(module, "pack", lambda value: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_weights(small(2), path)
    assert path.read_bytes() == before


def test_a_missing_file_is_missing(path):
    with pytest.raises(FileNotFoundError):
        read_weights(path)


def refused(path, reason):
    with pytest.raises(WeightsError, match=reason) as caught:
        read_weights(path)
    assert len(str(caught.value)) < 400


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Bomb:
    """What runs when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("exploded",)


def npy(array, allow_pickle=False):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


FILES = {
    "empty": b"",
    "text": b"accuracy = 100 %",
    "cut short": pack({"weights": np.ones(1000)})[:-200],
    "a pickle": pickle.dumps(Bomb()),
    "a zip of something else": zipped({"notes.txt": b"hello"}),
    "a pickle in an array": zipped({"json.npy": npy(np.array([Bomb()], object), True)}),
    "a pickle among the weights": zipped(
        {
            "json.npy": npy(np.frombuffer(b'{"version": 1, "value": {"$array": "a0"}}', "u1")),
            "a0.npy": npy(np.array([Bomb()], object), True),
        }
    ),
    "a bomb": zipped({"json.npy": npy(np.zeros(MAX_BYTES + 1, "u1"))}),
    "a bomb by another compression": zipped(
        {"json.npy": npy(np.zeros(MAX_BYTES // 2, "u1"))}, zipfile.ZIP_BZIP2
    ),
    "many members": zipped({f"a{n}.npy": npy(np.zeros(1)) for n in range(5000)}),
    "a path upward": zipped({"../../evil.npy": npy(np.zeros(1))}),
    "an ordinary npz": zipped({"arr_0.npy": npy(np.zeros(3))}),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_what_save_weights_did_not_write_is_refused(path, tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    path.write_bytes(content)
    refused(path, "`training.npz` must be as `save_weights` writes it. Received: Packed data is")
    assert sorted(os.listdir()) == ["training.npz"]


def test_a_large_file_is_not_read(path):
    with open(path, "wb") as file:
        file.truncate(50 * 2**30)  # 50 GB of nothing: read whole, it would end this process
    refused(path, r"at most 8,388,608 bytes")


def test_a_link_is_not_followed(path, tmp_path):
    save_weights(small(), tmp_path / "other.npz")
    path.symlink_to(tmp_path / "other.npz")
    refused(path, "not a link to one")


def test_a_pipe_does_not_hold_up_the_grader(path):
    os.mkfifo(path)
    refused(path, "an ordinary file")


def test_a_folder_is_not_a_file(path):
    path.mkdir()
    refused(path, "an ordinary file")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "version must be 1. Received: 2"),
        ({"task": 3}, "must be texts"),
        ({"alphabet": ["a"]}, "must be texts"),
        ({"model": None}, "sizes must be d_model, num_layers"),
        ({"model": {**SIZES, "norm_first": False, "more": 1}}, "sizes must be"),
        ({"model": {**SIZES, "norm_first": 1}}, "`norm_first` must be true or false"),
        ({"model": {**SIZES, "norm_first": False, "d_model": 258}}, "from 1 to 256. Received: 258"),
        ({"model": {**SIZES, "norm_first": False, "d_model": 8.0}}, "whole number"),
        ({"model": {**SIZES, "norm_first": False, "d_model": True}}, "Received: True"),
        (
            {"model": {**SIZES, "norm_first": False, "num_layers": 0}},
            "`num_layers` must be a whole",
        ),
        ({"model": {**SIZES, "norm_first": False, "num_layers": 10**9}}, "`num_layers` must be"),
        ({"model": {**SIZES, "norm_first": False, "hidden_dim": -1}}, "`hidden_dim` must be"),
        ({"model": {**SIZES, "norm_first": False, "num_heads": 3}}, "`num_heads` must divide it"),
        ({"model": {**SIZES, "norm_first": False, "d_model": 7, "num_heads": 1}}, "must be even"),
        ({"weights": []}, "Every weight must be an array"),
        ({"weights": {"a": 1.0}}, "Every weight must be an array"),
        ({"weights": {"a": np.ones(3, "int32")}}, "Every weight must be an array"),
        ({"weights": {"a": np.ones(MAX_PARAMETERS + 1, "f2")}}, "at most 1,000,000 weights"),
        ({"weights": {"a": np.array([1.0, np.nan])}}, "NaN or infinity in `a`"),
        ({"weights": {"a": np.array([np.inf])}}, "NaN or infinity"),
    ],
)
def test_each_part_has_a_form_and_bounds(path, change, reason):
    path.write_bytes(pack(value(**change)))
    refused(path, reason)


@pytest.mark.parametrize("left", [None, [], "weights", {}, {"weights": {}}])
def test_something_else_is_refused(path, left):
    path.write_bytes(pack(left))
    refused(path, "The file must hold alphabet, model, task, version, weights")


def loading(**change):
    weights = {**value()["weights"], **change}
    model = small(3)
    before = module._array(model.embedding.table)
    return model, {name: array for name, array in weights.items() if array is not None}, before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"embedding.table": None}, "without `embedding.table`$"),
        ({"a": np.ones(1, "f4"), "b": np.ones(1, "f4")}, "with a strange `a` and 1 others"),
        ({"embedding.table": np.ones((3, 8), "f4")}, r"shape \(106, 8\). Received: \(3, 8\)"),
    ],
)
def test_weights_of_another_model_are_not_put_in(change, reason):
    model, weights, before = loading(**change)
    with pytest.raises(WeightsError, match=reason):
        load_weights(model, weights)
    np.testing.assert_array_equal(module._array(model.embedding.table), before)
