"""The baked keys and texts: what `check` and `hint` know of each exercise."""

import difflib
import functools
import json
from pathlib import Path

from course.checking.values import unpack

FOLDER = Path(__file__).parent


class UnknownExercise(ValueError):
    """There is no exercise of this name; the message names the nearest ones."""

    def _render_traceback_(self):
        """IPython shows this instead of a traceback, which would be of this package alone."""
        return [f"ValueError: {self}"]


def key(exercise):
    """Return the visible key of an exercise. Raises UnknownExercise, a ValueError."""
    return _keys(_lesson(exercise))[exercise]


def texts(exercise):
    """Return title, hints, misconceptions and forbidden names of an exercise, as plain data."""
    return _texts(_lesson(exercise))[exercise]


def exercise_ids():
    """Return the ids of all exercises, in the order of the lessons."""
    return [name for lesson in _lessons() for name in _texts(lesson)]


def _lesson(exercise):
    if isinstance(exercise, str):
        for lesson in _lessons():
            if exercise in _texts(lesson):
                return lesson
    known = exercise_ids()
    near = difflib.get_close_matches(str(exercise), known, n=3, cutoff=0.5) or known[:3]
    raise UnknownExercise(
        f"The first argument must be the id of an exercise, such as {', '.join(near)}. "
        f"Received: {repr(exercise)[:80]}"
    )


@functools.cache
def _lessons():
    return sorted(path.stem for path in (FOLDER / "texts").glob("*.json"))


@functools.cache
def _texts(lesson):
    return json.loads((FOLDER / "texts" / f"{lesson}.json").read_text(encoding="utf-8"))


@functools.cache
def _keys(lesson):
    return unpack((FOLDER / "keys" / f"{lesson}.npz").read_bytes())
