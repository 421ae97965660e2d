"""Only answers and added code come from a submission; the rest is the instructor's, and is told."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.grading.rebuild import NOTES, rebuild
from autograder.weave import released, source_notebook

ANSWER = "def scale_scores(scores, query):\n    return scores\n"
SOLUTION, CHECK = "attention-scale", "attention-scale-check"


@pytest.fixture(scope="module")
def source():
    return source_notebook("03-attention")


@pytest.fixture
def submission(source):
    notebook = released(source)
    cell(notebook, SOLUTION).source = ANSWER
    return notebook


def cell(notebook, grade_id):
    return next(c for c in notebook.cells if c.get("id") == grade_id)


def notes(notebook):
    return notebook.metadata[NOTES]["notes"]


def test_the_answer_comes_from_the_submission_and_all_else_from_the_source(submission, source):
    cell(submission, CHECK).source = "pass"
    cell(submission, CHECK).metadata.nbgrader.points = 100
    result = rebuild(submission, source)
    assert cell(result, SOLUTION).source == ANSWER
    assert cell(result, CHECK) == cell(source, CHECK)


def test_an_untouched_submission_is_told_nothing(submission, source):
    result = rebuild(submission, source)
    assert notes(result) == []
    assert [c.id for c in result.cells] == [c.id for c in source.cells]


def test_the_submission_is_not_changed(submission, source):
    before = copy.deepcopy(submission)
    rebuild(submission, source)
    assert submission == before


def test_added_code_keeps_its_place_and_loses_its_metadata(submission, source):
    place = submission.cells.index(cell(submission, SOLUTION))
    helper = new_code_cell("def helper():\n    return 1", metadata={"tags": ["skip-execution"]})
    submission.cells.insert(place, helper)
    result = rebuild(submission, source)
    sources = [c.source for c in result.cells]
    assert sources.index(helper.source) == sources.index(ANSWER) - 1
    added = result.cells[sources.index(helper.source)]
    assert added.metadata == {}


def test_added_text_is_left_out(submission, source):
    submission.cells.append(new_markdown_cell("a note of mine"))
    assert "a note of mine" not in [c.source for c in rebuild(submission, source).cells]


def test_code_before_the_first_cell_stays_first(submission, source):
    submission.cells.insert(0, new_code_cell("first = 1"))
    assert rebuild(submission, source).cells[0].source == "first = 1"


def test_a_missing_answer_is_the_scaffold_and_is_told(submission, source):
    others = [c for c in submission.cells if c.id != SOLUTION]
    if not any("nbgrader" in c.metadata and c.metadata.nbgrader.solution for c in others):
        pytest.skip("the lesson has one exercise only")
    submission.cells = others
    result = rebuild(submission, source)
    assert "raise NotImplementedError()" in cell(result, SOLUTION).source
    assert notes(result) == ["The cell of `attention.scale` was missing: it was put back."]


def test_an_answer_in_two_cells_counts_as_the_last(submission, source):
    twin = copy.deepcopy(cell(submission, SOLUTION))
    twin.source, twin.id = ANSWER.replace("scores\n", "2 * scores\n"), "twin"
    submission.cells.append(twin)
    result = rebuild(submission, source)
    assert cell(result, SOLUTION).source == twin.source
    told = "`attention.scale` was answered in several cells: the last one counts."
    assert notes(result) == [told]


def test_a_copy_of_the_scaffold_does_not_undo_an_answer(submission, source):
    submission.cells.append(copy.deepcopy(cell(released(source), SOLUTION)))
    assert cell(rebuild(submission, source), SOLUTION).source == ANSWER


def test_a_duplicated_check_cell_is_one(submission, source):
    submission.cells.append(copy.deepcopy(cell(submission, CHECK)))
    assert [c.id for c in rebuild(submission, source).cells].count(CHECK) == 1


def test_an_answer_without_metadata_is_found_by_its_name(submission, source):
    answer = cell(submission, SOLUTION)
    answer.metadata, answer.id = nbformat.from_dict({}), "lost"
    result = rebuild(submission, source)
    assert cell(result, SOLUTION).source == ANSWER
    assert notes(result) == ["The cell of `attention.scale` was found by what it defines."]


def test_an_answer_in_a_text_cell_counts(submission, source):
    answer = cell(submission, SOLUTION)
    place = submission.cells.index(answer)
    submission.cells[place] = new_markdown_cell(ANSWER, metadata=answer.metadata)
    result = rebuild(submission, source)
    assert cell(result, SOLUTION).source == ANSWER
    assert cell(result, SOLUTION).cell_type == "code"
    assert "not a code cell" in notes(result)[0]


def test_a_changed_cell_of_the_lesson_is_not_run_and_that_is_told(submission, source):
    setup = next(c for c in submission.cells if c.cell_type == "code")
    setup.source += "\nfrom math import *"
    result = rebuild(submission, source)
    assert cell(result, setup.id).source == cell(source, setup.id).source
    assert "code of your own belongs in a cell of your own" in notes(result)[0]


def test_notes_stand_on_top_in_words(submission, source):
    submission.cells.append(copy.deepcopy(cell(submission, SOLUTION)))
    top = rebuild(submission, source).cells[0]
    assert top.cell_type == "markdown"
    assert top.source.startswith("> **From the grader**")


def test_a_notebook_of_another_lesson_needs_review(source):
    other = new_notebook(cells=[new_code_cell("x = 1")])
    result = rebuild(other, source)
    assert result.metadata[NOTES]["unreadable"] == "it has none of this lesson's answer cells"
    assert "is it another lesson?" in notes(result)[0]


def test_an_unreadable_file_needs_review(source):
    result = rebuild(new_notebook(), source, unreadable="NotJSONError: cut short")
    assert result.metadata[NOTES]["unreadable"] == "NotJSONError: cut short"
    assert "could not be read as a notebook: NotJSONError: cut short" in notes(result)[0]


def test_forged_notes_do_not_survive(submission, source):
    submission.metadata[NOTES] = {"unreadable": "please review", "notes": []}
    assert rebuild(submission, source).metadata[NOTES]["unreadable"] is None


@pytest.mark.parametrize("metadata", [{"nbgrader": None}, {"nbgrader": "x"}, {"nbgrader": {}}])
def test_broken_nbgrader_metadata_is_as_none(submission, source, metadata):
    submission.cells.append(new_code_cell("y = 2", metadata=metadata))
    assert rebuild(submission, source).cells[-1].source == "y = 2"


def test_cells_without_ids_are_known_by_their_text(submission, source):
    for one in submission.cells:
        if "nbgrader" not in one.metadata:
            del one["id"]
    result = rebuild(submission, source)
    assert [c.source for c in result.cells].count(submission.cells[1].source) == 1
    assert notes(result) == []


@pytest.mark.parametrize("place", ["answer", "added"])
def test_a_backend_set_by_the_student_is_told(submission, source, place):
    line = "import os; os.environ['KERAS_BACKEND'] = 'jax'"
    if place == "answer":
        cell(submission, SOLUTION).source = f"{line}\n{ANSWER}"
    else:
        submission.cells.insert(1, new_code_cell(line))
    assert "KERAS_BACKEND" in notes(rebuild(submission, source))[0]
