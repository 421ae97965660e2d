"""`course judge`: a file is judged as grading does, and wrong usage is told in a sentence."""

import json
from pathlib import Path

import nbformat
import pytest
import typer
from typer.testing import CliRunner

from autograder.exercises import EXERCISES, LESSONS, program_source
from autograder.weave import released_notebook
from course.cli import add_plug_ins

FORMULA = "attention.scaled_dot_product"
TRUST = "--trust-students"  # changes nothing where the sandbox is complete


@pytest.fixture(scope="module")
def course():
    app = typer.Typer()
    add_plug_ins(app)
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def write(tmp_path):
    def write(source):
        path = tmp_path / "answer.py"
        path.write_text(source, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    "name", ["softmax-over-queries", "missing-scale", "scale-by-d-model", "scale-by-d-k"]
)
def test_a_named_mistake_as_json(course, write, name):
    mistake = next(m for m in EXERCISES[FORMULA].misconceptions if m.id == name)
    path = write(program_source(mistake.program))
    result = course("judge", FORMULA, path, "--json", TRUST)
    assert result.exit_code == 0
    verdict = json.loads(result.stdout)
    assert list(verdict) == [
        "exercise",
        "status",
        "points",
        "max_points",
        "passed",
        "diagnosis",
        "message",
        "hints",
        "cases",
        "seconds",
    ]
    assert verdict["exercise"] == FORMULA
    assert (verdict["status"], verdict["passed"]) == ("failed", False)
    assert verdict["diagnosis"] == {"id": mistake.id, "title": mistake.title}
    for case in verdict["cases"]:
        assert list(case) == ["name", "points", "max_points", "passed", "visible", "message"]


def test_the_cells_it_uses_hold_the_reference(course, write):
    result = course("judge", FORMULA, write(program_source(EXERCISES[FORMULA].reference)), TRUST)
    assert result.exit_code == 0
    assert f"{FORMULA}: passed." in result.stdout


@pytest.mark.parametrize("number", range(len(EXERCISES[FORMULA].variants)))
def test_right_but_different_answers_get_full_points(course, write, number):
    path = write(program_source(EXERCISES[FORMULA].variants[number]))
    verdict = json.loads(course("judge", FORMULA, path, "--json", TRUST).stdout)
    assert verdict["passed"], verdict["message"]
    assert verdict["points"] == verdict["max_points"]


def test_a_notebook_gives_a_list(course, tmp_path):
    path = tmp_path / "lesson.ipynb"
    nbformat.write(released_notebook("03-attention"), path)
    result = course("judge", "3", path, "--json", TRUST)
    assert result.exit_code == 0
    verdicts = json.loads(result.stdout)
    assert [v["exercise"] for v in verdicts] == [e.id for e in LESSONS["03-attention"]]
    for verdict in verdicts:
        assert verdict["points"] == 0
        assert "not answered yet" in verdict["message"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["attention.scal", Path("x.py")], "such as attention.scale"),
        (["attention.scale", Path("missing.py")], "FILE must be a file"),
        (["99", Path("missing.ipynb")], "or a lesson number"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_code_2(course, arguments, sentence):
    result = course("judge", *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr


@pytest.mark.parametrize("seed", ["-1", "x"])
def test_a_seed_is_a_whole_number(course, write, seed):
    assert course("judge", FORMULA, write(""), "--seed", seed).exit_code == 2


def test_exercises_as_json(course):
    result = course("exercises", "--json")
    rows = json.loads(result.stdout)
    assert [row["id"] for row in rows] == list(EXERCISES)
    for row in rows:
        assert list(row) == [
            "id",
            "lesson",
            "title",
            "kind",
            "points",
            "cell",
            "scaffold",
            "forbidden",
            "misconceptions",
        ]
        assert "raise NotImplementedError()" in row["scaffold"]
