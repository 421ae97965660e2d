"""Load Keras once and quietly; let hypothesis draw the same examples on every run."""

import tempfile

import pytest
from hypothesis import configuration, settings

from course import device
from course.quiet import load_keras

load_keras()
settings.register_profile("course", derandomize=True, database=None, deadline=None)
settings.load_profile("course")


def pytest_configure(config):
    """Let hypothesis keep its notes where they are removed again."""
    home = tempfile.TemporaryDirectory(prefix="hypothesis-")
    config.add_cleanup(home.cleanup)
    configuration.set_hypothesis_home_dir(home.name)


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups after it
def pytest_collection_modifyitems(items):
    """Keep the tests of a module in one process, where its fixtures are made once.

    Tests of exercises are kept by topic instead: they share the exercises' keys, and are too many
    for one process.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_topic(item) or item.location[0]))


def pytest_collection_finish(session):
    """Say so where xdist shares tests out one by one: every fixture would be made twice."""
    if getattr(session.config.option, "loadgroup", False):
        alone = [item.nodeid for item in session.items if "@" not in item.nodeid]
        assert not alone, f"xdist must know the groups of tests; this pytest hides them: {alone[0]}"


def pytest_runtest_setup(item):
    """Tell, by a skip, which tests this machine cannot run."""
    if item.get_closest_marker("gpu") and device.kind() != "GPU":
        pytest.skip(f"needs a GPU that Keras' backend uses; here it is a {device.kind()}")


def _topic(item):
    exercise = getattr(item, "callspec", None) and item.callspec.params.get("exercise")
    if hasattr(exercise, "id"):
        return exercise.id.split(".")[0]
    if item.path.stem.endswith("_exercises"):
        return item.path.stem.removeprefix("test_").removesuffix("_exercises")
    return None
