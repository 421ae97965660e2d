"""Load Keras once and quietly; let hypothesis draw the same examples on every run."""

import tempfile

from hypothesis import configuration, settings

from course.quiet import load_keras

load_keras()
settings.register_profile("course", derandomize=True, database=None, deadline=None)
settings.load_profile("course")


def pytest_configure(config):
    """Let hypothesis keep its notes where they are removed again."""
    home = tempfile.TemporaryDirectory(prefix="hypothesis-")
    config.add_cleanup(home.cleanup)
    configuration.set_hypothesis_home_dir(home.name)
