"""The project's own promises: layers, layout, documentation."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from autograder.exercises import EXERCISES
from course.cli import add_plug_ins, app

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("course", "solutions", "autograder", "benchmarks")
MAX_LINES = 250

# Who may import whom, beside the standard library.
LAYERS = {
    "course": {
        *("course", "keras", "numpy", "matplotlib", "typer", "rich", "IPython", "ipywidgets"),
        *("markdown_it", "tensorflow", "jax", "torch", "babel", "num2words"),
        "sacrebleu",
    },
    "solutions": {"solutions", "keras", "numpy"},
    "autograder": {
        *("autograder", "course", "solutions", "keras", "numpy", "nbgrader", "nbformat"),
        *("nbclient", "nbconvert", "jupyter_client", "jupyter_core", "jupytext", "traitlets"),
        *("typer", "rich", "yaml", "zmq", "ipykernel", "matplotlib", "matplotlib_inline"),
        *("IPython", "tensorflow"),
    },
}


def modules(package):
    return sorted(path for path in (ROOT / package).rglob("*.py"))


def imported(path):
    """Top-level names that a module imports from outside the standard library."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add(node.module.split(".")[0])
    beside = {other.stem for other in path.parent.glob("*.py")}  # `kernel/inside` runs as a script
    return found - sys.stdlib_module_names - beside


@pytest.mark.parametrize("package", LAYERS)
def test_nothing_imports_upward(package):
    for path in modules(package):
        assert imported(path) <= LAYERS[package], path


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_are_short_and_say_what_they_are(package):
    for path in modules(package):
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
        assert len(text.splitlines()) <= MAX_LINES, f"{path} is longer than {MAX_LINES} lines"


def test_the_conda_environment_installs_this_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["project"]["name"]
    python, pip, packages = environment["dependencies"]
    assert python == f"python{PROJECT['project']['requires-python']}"
    assert pip == "pip"
    assert packages == {"pip": ["-e ."]}
    assert "gpu" in PROJECT["project"]["optional-dependencies"]


def test_every_declared_dependency_is_imported_or_named():
    """What nothing imports is not a dependency; what is run as a program is named here."""
    run_as_programs = {"tensorflow", "jupyterlab"}
    names = {"pyyaml": "yaml"}
    used = set().union(*(imported(path) for package in PACKAGES for path in modules(package)))
    for requirement in PROJECT["project"]["dependencies"]:
        name = re.match(r"[\w-]+", requirement)[0].lower().replace("-", "_")
        assert names.get(name, name) in used | run_as_programs, requirement


def commands():
    instructors = typer.Typer()
    add_plug_ins(instructors)
    found = [typer.main.get_command(part).commands for part in (app, instructors)]
    return {name: command for commands in found for name, command in commands.items()}


def test_every_command_and_option_is_documented():
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"`course {name}" in text, name
        for parameter in command.params:
            options = [option for option in parameter.opts if option.startswith("--")]
            for option in options:
                if option != "--help":
                    assert option in text, f"course {name} {option}"


def test_every_benchmark_is_documented():
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for path in modules("benchmarks"):
        source = path.read_text(encoding="utf-8")
        if "__main__" in source:
            assert f"`benchmarks.{path.stem}`" in text, path.stem


def test_every_exercise_is_listed_in_the_documentation():
    text = (ROOT / "docs" / "exercises.md").read_text(encoding="utf-8")
    for name, exercise in EXERCISES.items():
        assert f"`{name}`" in text
        for misconception in exercise.misconceptions:
            assert f"`{misconception.id}`" in text


def test_the_readme_is_true():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for target in re.findall(r"make ([a-z]+)", text):
        assert target in targets, target
    for name in re.findall(r"`?course ([a-z-]+)", text):
        if name in ("and", "is", "of"):
            continue
        assert name in commands(), name
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        if not link.startswith("http"):
            assert (ROOT / link).exists(), link
