"""Run programs as a notebook would, and judge them by keys that are made once a process.

The programs run from their source, after the lesson's first cell and the answers that the exercise
uses. Tests that go by exercise share a process by topic (`tests/conftest.py`), and so these keys.
"""

import functools
import linecache

import keras
import pytest

from autograder.exercises import EXERCISES, LESSONS, program_source
from autograder.keys import make_key
from autograder.weave import lesson as lessons
from course.checking.case import from_data
from course.checking.compare import difference
from course.checking.judge import judge
from course.checking.probe import probe

# A key of a further seed is as long in the making as the first; on other backends longer.
SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in (1, 2)))
DISTANCE = 100  # tolerances that two outcomes must be apart

BACKEND = keras.backend.backend()
IN_MODELS_ONLY = "where every length is known a model of any length has values"
REFUSED_BY_JAX = "JAX itself raises ValueError for shapes that do not fit"
# Misconceptions that no visible case shows, by exercise and id, each with the reason.
HIDDEN_ONLY = {
    "tensorflow": {},
    "jax": {("transformer.model", "table-copied"): IN_MODELS_ONLY},
    "torch": {("transformer.model", "table-copied"): IN_MODELS_ONLY},
}[BACKEND]
# Programs that are wrong on other backends only, with the reason.
RIGHT_HERE = {
    "tensorflow": {},
    "jax": {
        ("transformer.model", "length-must-be-known"): IN_MODELS_ONLY,
        ("position.learned", "end-not-checked"): REFUSED_BY_JAX,
        ("position.learned", "start-not-checked"): REFUSED_BY_JAX,
        ("modern.grouped_query", "groups-not-checked"): REFUSED_BY_JAX,
    },
    "torch": {("transformer.model", "length-must-be-known"): IN_MODELS_ONLY},
}[BACKEND]


@functools.cache
def key_of(exercise_id, seed):
    """The key of a seed; without one the visible part, which is the same for all seeds."""
    if seed is not None:
        return make_key(EXERCISES[exercise_id], seed)
    key = key_of(exercise_id, 0)
    count = sum(key["visible"])
    lists = {name: key[name][:count] for name in ("cases", "visible", "expected")}
    mistakes = {name: outcomes[:count] for name, outcomes in key["misconceptions"].items()}
    return {**key, **lists, "misconceptions": mistakes}


def texts_of(exercise):
    return {
        "hints": ["The first hint."],
        "forbidden": exercise.forbidden,
        "misconceptions": {
            m.id: {"title": m.title, "hint": m.hint} for m in exercise.misconceptions
        },
    }


def run(exercise, source, key):
    """The outcomes of a solution cell that holds `source`."""
    slug = next(slug for slug, exercises in LESSONS.items() if exercise in exercises)
    cells = (part for part in lessons.read(slug).parts if isinstance(part, lessons.CodeCell))
    namespace = {"__name__": "notebook"}
    exec(next(cells).source, namespace)
    for name in all_uses(exercise):
        exec(program_source(EXERCISES[name].reference), namespace)
    lines = source.splitlines(keepends=True)
    linecache.cache["<answer>"] = (len(source), None, lines, "<answer>")  # as a notebook does
    exec(compile(source, "<answer>", "exec"), namespace)
    return [probe(namespace[exercise.name], from_data(case)) for case in key["cases"]]


def verdict_on(exercise, source, key):
    return judge(key, run(exercise, source, key), texts_of(exercise))


def verdict_on_program(exercise, program, seed=0):
    """The verdict on a function or class as it stands in a test, in no notebook."""
    key = key_of(exercise.id, seed)
    return judge(
        key, [probe(program, from_data(case)) for case in key["cases"]], texts_of(exercise)
    )


def all_uses(exercise):
    """The ids of what an exercise uses and of what that uses, each after what it needs."""
    found = []
    for name in exercise.uses:
        found += [part for part in (*all_uses(EXERCISES[name]), name) if part not in found]
    return found


def apart(left, right, tolerance):
    """Whether two outcomes of a case differ by far more than rounding."""
    if left["error"] and right["error"]:
        return left["error"]["type"] != right["error"]["type"]
    if left["error"] or right["error"]:
        return True
    return difference(left["values"], right["values"], DISTANCE * tolerance) is not None
