"""Outcomes are judged outside the kernel; anything that is not as it must be needs review."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from autograder.exercises import EXERCISES, program_source
from autograder.grading.execute import BY_CHECK_CELL
from autograder.grading.hidden import HiddenCases
from autograder.grading.judge import Judge, verdict_data
from autograder.grading.rebuild import NOTES, rebuild
from autograder.weave import released, source_notebook
from course.checking.case import from_data
from course.checking.notebook import OUTCOME
from course.checking.probe import probe
from course.checking.values import pack

SCALE = EXERCISES["attention.scale"]
SEED, TICKET = 7, "a ticket"


@pytest.fixture(scope="module")
def source():
    return source_notebook("03-attention")


def cell_of(notebook, grade_id):
    return next(c for c in notebook.cells if c.get("id") == grade_id)


def executed(source, program, answer=None, helper=None):
    """The rebuilt notebook as a kernel would leave it, where `program` is what it defined."""
    submission = released(source)
    cell_of(submission, SCALE.cell).source = answer or program_source(program)
    if helper:
        submission.cells.insert(2, new_code_cell(helper))
    notebook = rebuild(submission, source)
    notebook.cells = [c for c in notebook.cells if BY_CHECK_CELL.get(c.id) in (None, SCALE)]
    check = cell_of(notebook, SCALE.check_cell)
    check.metadata[NOTES] = {"ticket": TICKET, "seconds": 0.5}
    if program:
        cases = [from_data(case) for case in HiddenCases(seed=SEED).hidden_key(SCALE.id)["cases"]]
        outcomes = [{"number": n, "ticket": TICKET, **probe(program, case)}
                    for n, case in enumerate(cases)]  # fmt: skip
        check.outputs = [published(outcome) for outcome in outcomes]
    return notebook, check


def published(outcome):
    data = base64.b64encode(pack(outcome)).decode()
    return new_output("display_data", data={OUTCOME: data, "text/plain": ""})


def judged(notebook):
    notebook, _ = Judge(seed=SEED).preprocess(notebook, {})
    check = cell_of(notebook, SCALE.check_cell)
    nbformat.validate(notebook)
    return verdict_data(check), check


def test_a_right_answer_gets_its_points(source):
    verdict, check = judged(executed(source, SCALE.reference)[0])
    assert (verdict["status"], verdict["points"], verdict["seconds"]) == ("passed", 2.0, 0.5)
    assert determine_grade(check) == (2.0, 2.0)
    assert NOTES not in check.metadata


def test_a_mistake_is_named_and_hidden_values_are_not_told(source):
    mistake = SCALE.misconceptions[0]
    verdict, check = judged(executed(source, mistake.program)[0])
    assert (verdict["status"], verdict["points"]) == ("failed", 0.0)
    assert verdict["diagnosis"]["id"] == mistake.id
    assert determine_grade(check) == (0.0, 2.0)
    for case in verdict["cases"]:
        assert ("expected" in case["message"]) == case["visible"]


def test_noise_on_stderr_costs_nothing(source):
    notebook, check = executed(source, SCALE.reference)
    check.outputs.insert(0, new_output("stream", name="stderr", text="a warning"))
    assert judged(notebook)[0]["points"] == 2.0


def test_a_printed_number_is_no_grade(source):
    mistake = SCALE.misconceptions[0]
    notebook, check = executed(source, mistake.program)
    check.outputs.append(new_output("execute_result", data={"text/plain": "2.0"}))
    assert judged(notebook)[0]["points"] == 0.0


def forge(**change):
    return published({"number": 0, "ticket": TICKET, "values": {}, "error": None, **change})


@pytest.mark.parametrize(
    "output",
    [
        forge(),
        forge(ticket="of another run"),
        forge(number=99),
        forge(number=-1),
        forge(number="0"),
        forge(number=True),
        forge(number=None),
        forge(error="none"),
        forge(more=1),
        published({"number": 0}),
        published([1, 2]),
        new_output("display_data", data={OUTCOME: "not base64!"}),
        new_output("display_data", data={OUTCOME: base64.b64encode(b"no npz").decode()}),
        new_output("display_data", data={OUTCOME: ["a", "list"]}),
    ],
)
def test_a_forged_outcome_needs_review_and_gets_no_mark(source, output):
    notebook, check = executed(source, SCALE.reference)
    check.outputs.append(output)
    verdict, check = judged(notebook)
    assert (verdict["status"], verdict["points"]) == ("needs-review", None)
    assert "reason" in verdict["message"]


def test_no_outcome_and_no_reason_needs_review(source):
    verdict, _ = judged(executed(source, None, answer="def scale_scores(scores, query): ...")[0])
    assert (verdict["status"], verdict["points"]) == ("needs-review", None)


def test_a_lost_outcome_needs_review_too(source):
    notebook, check = executed(source, SCALE.reference)
    del check.outputs[1]
    assert judged(notebook)[0]["points"] is None


@pytest.mark.parametrize("status", ["timeout", "crashed"])
def test_an_interruption_keeps_the_points_of_cases_before_it(source, status):
    notebook, check = executed(source, SCALE.reference)
    check.metadata[NOTES]["interruption"] = [status, "a sentence"]
    del check.outputs[-1]
    verdict, _ = judged(notebook)
    lost = verdict["cases"][-1]["max_points"]
    assert lost > 0
    assert (verdict["status"], verdict["points"]) == (status, round(2.0 - lost, 2))
    assert "a sentence" in verdict["message"]


def test_an_undefined_name_says_why(source):
    notebook, check = executed(source, None, answer="def scale_scores(scores, query)\n    pass")
    trouble = new_output("error", ename="SyntaxError", evalue="expected ':'", traceback=[])
    cell_of(notebook, SCALE.cell).outputs = [trouble]
    evalue = "name 'scale_scores' is not defined"
    check.outputs = [new_output("error", ename="NameError", evalue=evalue, traceback=[])]
    verdict, _ = judged(notebook)
    assert (verdict["status"], verdict["points"]) == ("error", 0.0)
    assert "the cell stopped with SyntaxError: expected ':'" in verdict["message"]


def test_forbidden_names_count_in_the_answer_and_in_its_helpers(source, monkeypatch):
    monkeypatch.setitem(SCALE.forbidden, "rsqrt", "it does the work")
    answer = "def scale_scores(scores, query):\n    return scores * helper(query)"
    helper = "def helper(query):\n    return ops.rsqrt(query.shape[-1])"
    assert judged(executed(source, SCALE.reference, answer, helper)[0])[0]["status"] == "forbidden"
    unrelated = helper.replace("helper", "my_experiment")
    verdict, _ = judged(executed(source, SCALE.reference, answer, unrelated)[0])
    assert verdict["status"] == "passed"


def test_trouble_in_a_cell_of_the_lesson_is_no_students_fault(source):
    notebook, _ = executed(source, SCALE.reference)
    setup = next(c for c in notebook.cells if c.cell_type == "code")
    setup.outputs = [new_output("error", ename="ImportError", evalue="no keras", traceback=[])]
    verdict, _ = judged(notebook)
    assert verdict["points"] is None
    assert "a cell of the lesson itself failed: ImportError: no keras" in verdict["message"]


def test_an_unreadable_notebook_needs_review(source):
    notebook, _ = executed(source, SCALE.reference)
    notebook.metadata[NOTES]["unreadable"] = "NotJSONError: cut short"
    verdict, _ = judged(notebook)
    assert verdict["points"] is None
    assert "NotJSONError: cut short" in verdict["message"]
