"""A class is made whole or not at all, with the backend that its instructor chose."""

import json
import subprocess
import sys

import pytest

from autograder.classes import new_class
from autograder.kernel.kernelspec import NAME


@pytest.mark.parametrize(("options", "backend"), [({}, "tensorflow"), ({"backend": "jax"}, "jax")])
def test_the_backend_that_grades_is_the_instructor_s(tmp_path, options, backend):
    folder = new_class(tmp_path / "class", **options)
    spec = json.loads((folder / "kernels" / NAME / "kernel.json").read_text())
    assert spec["env"] == {"KERAS_BACKEND": backend}


def test_an_unknown_backend_makes_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"one of tensorflow, jax, torch\. Received: 'thiano'"):
        new_class(tmp_path / "class", backend="thiano")
    assert not (tmp_path / "class").exists()


def test_nothing_of_a_class_is_replaced(tmp_path):
    (tmp_path / "class_seed").write_text("7\n")
    with pytest.raises(FileExistsError, match="empty or not there yet"):
        new_class(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["class_seed"]


def test_nbgrader_reads_the_configuration_without_loading_keras(tmp_path):
    folder = new_class(tmp_path / "class")
    code = "import sys; from traitlets.config.loader import PyFileConfigLoader as Loader; "
    code += "c = Loader('nbgrader_config.py').load_config(); "
    code += "print(c.CourseDirectory.course_id, 'keras' in sys.modules)"
    words = [sys.executable, "-c", code]
    shown = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert shown == "class False\n"
