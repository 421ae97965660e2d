"""Mistakes as other people write them: each is named as the misconception that it is.

A key holds the outcomes of one program a misconception. Here stand second programs, which make the
same mistake in other words. Only tests know them. A module `strangers/<topic>.py` holds them as
`STRANGERS = {("lesson.thing", "misconception-id"): source}`, in which the source is typed as into
the solution cell; to add a second one, put a number behind: `("lesson.thing", "id", 2)`.
"""

import importlib.util
from pathlib import Path

import pytest

from autograder.exercises import EXERCISES, program_source
from tests.autograder.exercises.running import BACKEND, RIGHT_HERE, key_of, verdict_on

SHARE = 0.4  # of the misconceptions of a topic have a stranger, at least
SEED = 0


def load(path):
    """The `STRANGERS` of a module that is not on the path."""
    spec = importlib.util.spec_from_file_location(f"strangers_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.STRANGERS


FOUND = {
    path.stem: load(path) for path in sorted((Path(__file__).parent / "strangers").glob("*.py"))
}
TOPICS = {}  # a lesson may have several
for exercise in EXERCISES.values():
    if exercise.kind == "training":  # mistakes that show in weights only, after a training
        continue
    TOPICS.setdefault(exercise.id.split(".")[0], []).append(exercise)
STRANGERS = [
    pytest.param(EXERCISES[key[0]], key[1], source, id="-".join(map(str, key)))
    for topic, programs in FOUND.items()
    for key, source in programs.items()
    if topic in TOPICS  # a lesson that is being written waits for its place in `LESSONS`
]
every_stranger = pytest.mark.parametrize(("exercise", "misconception", "source"), STRANGERS)


@every_stranger
def test_a_stranger_s_mistake_is_named(exercise, misconception, source):
    if (exercise.id, misconception) in RIGHT_HERE:
        pytest.skip(f"it is no mistake on {BACKEND}")
    verdict = verdict_on(exercise, source, key_of(exercise.id, SEED))
    assert not verdict.passed
    assert verdict.points < exercise.points or exercise.points == 0
    if BACKEND != "tensorflow":  # each stops some programs in other places and other words
        return
    assert verdict.diagnosis is not None, verdict.message
    assert verdict.diagnosis["id"] == misconception, verdict.message


@every_stranger
def test_a_stranger_s_program_is_another_program(exercise, misconception, source):
    mistakes = {m.id: m.program for m in exercise.misconceptions}
    assert misconception in mistakes, f"{exercise.id} has no misconception {misconception}"
    assert _words(source) != _words(program_source(mistakes[misconception]))


@pytest.mark.parametrize("topic", sorted(FOUND.keys() & TOPICS.keys()))
def test_enough_misconceptions_have_a_stranger(topic):
    known = {(e.id, m.id) for e in TOPICS[topic] for m in e.misconceptions}
    met = {key[:2] for key in FOUND[topic]}
    assert len(known & met) >= SHARE * len(known), sorted(known - met)


def _words(source):
    return "".join(source.split())
