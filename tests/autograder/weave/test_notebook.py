"""Woven notebooks: nbgrader reads them, students find no answer in them, and bytes are stable."""

import ast
import functools
import json
import re

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from autograder.build import COURSE
from autograder.exercises import EXERCISES, program_source
from autograder.exercises import LESSONS as EXERCISES_OF
from autograder.keys import digest
from autograder.weave import (
    lesson_texts,
    released_notebook,
    scaffold,
    source_notebook,
    to_text,
)
from autograder.weave.lesson import read, slugs
from autograder.weave.scaffold import BEGIN, END, solution_cell
from course.checking.values import unpack

LESSONS = pytest.mark.parametrize("slug", slugs())
KEY_BYTES = 210_000  # a lesson's keys are part of the package


@LESSONS
def test_metadata_is_nbgraders_schema_3(slug):
    notebook = source_notebook(slug)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.schema_version == 3
            MetadataValidator().validate_cell(cell)


@LESSONS
def test_each_exercise_has_a_solution_cell_and_a_check_cell(slug):
    cells = {cell.id: cell for cell in source_notebook(slug).cells}
    for name in read(slug).blocks:
        exercise = EXERCISES[name]
        assert cells[exercise.cell].metadata.nbgrader.solution
        check = cells[exercise.check_cell]
        assert check.metadata.nbgrader.points == exercise.points
        subject = exercise.name
        if exercise.attachment:  # then the student's own parts that the right model is made of
            own = [EXERCISES[used].name for used in exercise.uses]
            subject = ", ".join([f'"{exercise.attachment}"', *own])
        assert check.source.splitlines()[0] == f'check("{name}", {subject})'
        assert ("probe_hidden" in check.source) != bool(exercise.attachment)
        assert check.metadata.tags == ["raises-exception"]


@LESSONS
def test_exercises_are_listed_in_the_order_of_the_prose(slug):
    assert [exercise.id for exercise in EXERCISES_OF[slug]] == list(read(slug).blocks)


@LESSONS
def test_the_released_notebook_holds_no_answer_and_no_left_over(slug):
    text = "\n".join(cell.source for cell in released_notebook(slug).cells)
    assert not re.search(r"SOLUTION|HIDDEN|probe_hidden\(", text)
    assert not re.search(r"^:::|^```\{|\{[a-z-]+\}`", text, re.MULTILINE)
    lessons = list(EXERCISES_OF)
    for later in lessons[lessons.index(slug) :]:  # answers of earlier ones are open
        for exercise, line in ((e, line) for e in EXERCISES_OF[later] for line in _secret_lines(e)):
            assert line not in text, f"{slug} shows a line of {exercise.id}: {line}"


def _secret_lines(exercise):
    """Lines of the answer that stand in no scaffold and are long enough to be one's own."""
    inside, found = False, []
    for line in solution_cell(exercise).splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside and len(line.strip()) > 30:
            found.append(line.strip())
    return [line for line in found if line not in _given()]


@functools.cache
def _given():
    """The lines that scaffolds hand out, such as the end of a `get_config`: no secrets."""
    scaffolds = map(scaffold, EXERCISES.values())
    return {line.strip() for text in scaffolds for line in text.splitlines()}


@LESSONS
def test_cells_have_ids_that_stay(slug):
    ids = [cell.id for cell in source_notebook(slug).cells]
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in source_notebook(slug).cells]


@LESSONS
def test_the_committed_notebook_is_what_the_weaver_makes(slug):
    path = COURSE / "notebooks" / f"{slug}.ipynb"
    assert path.read_text(encoding="utf-8") == to_text(released_notebook(slug)), "run: make build"


@LESSONS
def test_the_committed_texts_are_what_the_weaver_makes(slug):
    path = COURSE / "checking" / "texts" / f"{slug}.json"
    assert json.loads(path.read_text(encoding="utf-8")) == lesson_texts(slug), "run: make build"


@LESSONS
def test_the_committed_keys_have_the_digests_of_today(slug):
    path = COURSE / "checking" / "keys" / f"{slug}.npz"
    assert path.stat().st_size < KEY_BYTES
    keys = unpack(path.read_bytes())
    expected = {name: digest(EXERCISES[name], EXERCISES[name].visible()) for name in keys}
    assert {name: key["digest"] for name, key in keys.items()} == expected, "run: make build"
    assert sorted(keys) == sorted(read(slug).blocks)


@LESSONS
def test_experiments_call_no_answer(slug):
    names = {EXERCISES[name].name for name in read(slug).blocks}
    for cell in released_notebook(slug).cells:
        if "training" in cell.metadata.get("tags", []):
            continue  # `course.training.run.train` says what is not answered yet
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            read_names = {n.id for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Name)}
            assert not names & read_names, cell.source


def test_program_source_and_scaffold_agree_on_the_signature():
    for exercise in EXERCISES.values():
        reference = ast.parse(program_source(exercise.reference)).body[0]
        given = ast.parse(scaffold(exercise)).body[0]
        if isinstance(reference, ast.FunctionDef):
            assert ast.dump(reference.args) == ast.dump(given.args)
