"""A crash, an endless loop or a dead kernel costs its own exercise; the rest is graded."""

import asyncio

import pytest

from autograder.exercises import EXERCISES, LESSONS, program_source
from autograder.grading.execute import ExecuteSubmission
from autograder.judging import judge_notebook
from autograder.weave import released, source_notebook

LESSON = "03-attention"
HOSTILE = {
    "attention.scores": (
        "def dot_product_scores(query, key):\n    import os\n    os._exit(0)\n",
        "crashed",
        "Python ended while this ran",
    ),
    "attention.scale": (
        "def scale_scores(scores, query):\n    while True:\n        pass\n",
        "timeout",
        "it was stopped after 10 s",
    ),
    "attention.softmax": (
        "import os\nos.kill(os.getpid(), 9)\n",
        "crashed",
        "Python ended while this ran",
    ),
    "attention.find_error": (
        "def find_error(table, d_k):\n"
        "    while True:\n"
        "        try:\n"
        "            while True:\n"
        "                pass\n"
        "        except BaseException:\n"
        "            pass\n",
        "timeout",
        "it was stopped after 10 s",
    ),
    "attention.projections": (None, "passed", "passed"),
}


@pytest.fixture(scope="module")
def verdicts():
    notebook = released(source_notebook(LESSON))
    cells = {cell.id: cell for cell in notebook.cells}
    for exercise in LESSONS[LESSON]:
        source = HOSTILE.get(exercise.id, (None,))[0]
        cells[exercise.cell].source = source or program_source(exercise.reference)
    config = {
        "ExecuteSubmission": {"timeout": 10},
        "WarmKernelProvisioner": {"trust_students": True},  # where the sandbox is incomplete
    }
    return {v["exercise"]: v for v in judge_notebook(LESSON, notebook, config=config)}


def test_every_exercise_is_judged(verdicts):
    assert set(verdicts) == {exercise.id for exercise in LESSONS[LESSON]}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_trouble_costs_its_own_exercise(verdicts, name):
    _, status, sentence = HOSTILE[name]
    verdict = verdicts[name]
    assert verdict["status"] == status, verdict["message"]
    assert sentence in verdict["message"]
    assert verdict["points"] == (EXERCISES[name].points if status == "passed" else 0)


def test_watching_a_kernel_that_is_there_no_more_ends_quietly():
    """A failing task that nobody awaits is told amid anything, such as parsing source."""
    assert asyncio.run(ExecuteSubmission()._async_poll_kernel_alive()) is None
