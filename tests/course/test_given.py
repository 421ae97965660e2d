"""Parts of earlier lessons come from `solutions`, installed or beside the notebook."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import solutions
from autograder.classes import earlier_modules
from autograder.exercises import LESSONS
from course import given

SOLUTIONS = Path(solutions.__file__).parent


def test_a_part_is_the_reference():
    from course.given import softmax
    from solutions import attention

    assert softmax is attention.softmax


def test_an_unknown_part_is_told_with_those_there_are():
    with pytest.raises(AttributeError, match=r"gives `soft_max`\. There is .*softmax"):
        given.soft_max  # noqa: B018


def test_names_are_unique_over_all_lessons():
    names = Counter(
        node.name
        for path in SOLUTIONS.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_folder_beside_a_notebook_holds_earlier_lessons_only(tmp_path):
    last = list(LESSONS)[-1]
    own = {exercise.reference.__module__.split(".")[1] for exercise in LESSONS[last]}
    files = {Path(path).stem for path in earlier_modules(last)}
    assert files
    assert not files & own
    assert earlier_modules(next(iter(LESSONS))) == []


def test_the_folder_comes_before_the_installed_package(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "__init__.py").touch()
    (tmp_path / "solutions" / "start.py").write_text("def twice(x):\n    return 2 * x\n")
    code = "from course import given; print(given.twice(4), dir(given))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["8", "['twice']"]
    assert done.stderr == ""
