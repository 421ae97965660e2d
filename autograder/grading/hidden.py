"""Keys with hidden cases: made once for a class, and kept in its folder.

A key takes up to half a minute, since every mistake is run on every case. It is made when the
assignment is generated, or else when it is first needed, and made anew when anything that it is
computed from has changed.
"""

import base64
import contextlib
import functools
import hashlib
import importlib.metadata
import os
import platform
import tempfile
import threading
from pathlib import Path

import keras
from traitlets import Int, Unicode
from traitlets.config import Configurable
from traitlets.log import get_logger

import course
import solutions
from autograder import exercises, keys
from autograder.exercises import EXERCISES, LESSONS
from course.checking.values import pack, unpack

PROGRAMS = (course, solutions, exercises)  # all that a key is computed by, beside `keys` itself
LIBRARIES = ("keras", "numpy", "tensorflow", "jax", "torch")
_making = threading.Lock()


class HiddenCases(Configurable):
    """What `ExecuteSubmission` and `Judge` share: both must know the same key."""

    seed = Int(help="The class's seed, from which hidden cases are drawn.").tag(config=True)
    keys_folder = Unicode("", help="Where keys are kept; empty: nowhere.").tag(config=True)

    def hidden_key(self, exercise_id):
        """Return the key of an exercise; threads that ask at once share one."""
        with _making:
            return _key(exercise_id, self.seed, self.keys_folder)

    def packed_cases(self, exercise_id):
        """Return the cases of that key as text for `probe_hidden`."""
        with _making:
            return _packed(exercise_id, self.seed, self.keys_folder)


def prepare_keys(folder, seed, assignment, **_):
    """Make what is missing of a lesson's keys, as a hook of `nbgrader generate_assignment`."""
    hidden = HiddenCases(seed=seed, keys_folder=str(folder))
    for exercise in LESSONS.get(assignment, ()):
        if not exercise.attachment:
            hidden.hidden_key(exercise.id)


@functools.lru_cache(maxsize=256)
def _key(exercise_id, seed, folder):
    if not folder:
        return keys.make_key(EXERCISES[exercise_id], seed)
    path = Path(folder, f"{exercise_id}-{_origin(seed)}.npz")
    try:
        return unpack(path.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        get_logger().warning("%s is made anew: %s", path, error)
    get_logger().info("Making the key of %s; it is kept in %s.", exercise_id, path.parent)
    key = keys.make_key(EXERCISES[exercise_id], seed)
    try:
        _keep(key, path)
    except (OSError, TypeError) as error:  # it serves all the same
        get_logger().warning("%s could not be kept: %s", path, error)
    return key


def _keep(key, path):
    """Write a key, and remove those of its exercise that were computed from something else."""
    _write(path, pack(key))
    for other in path.parent.glob(f"{key['exercise']}-*.npz"):
        if other != path:
            other.unlink(missing_ok=True)


@functools.lru_cache(maxsize=256)
def _packed(exercise_id, seed, folder):
    return base64.b64encode(pack(_key(exercise_id, seed, folder)["cases"])).decode()


def _write(path, content):
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _origin(seed):
    """A short hash of what keys are computed from: seed, backend, programs, versions, machine."""
    total = hashlib.sha256(_programs().encode())
    total.update(f"{seed} {keras.backend.backend()} {platform.machine()}".encode())
    return total.hexdigest()[:16]


@functools.cache
def _programs():
    folders = [Path(package.__path__[0]) for package in PROGRAMS]
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    total = hashlib.sha256()
    for path in (*paths, Path(keys.__file__)):
        total.update(path.read_bytes())
    for library in LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            total.update(f"{library} {importlib.metadata.version(library)}".encode())
    return total.hexdigest()
