"""No attack gains a point, reaches an answer or the world, or costs anybody else anything."""

import psutil
import pytest
from nbgrader.api import Gradebook

from autograder.demo.submissions import LESSON, verdicts_in
from autograder.exercises import LESSONS
from tests.attacks import ipython, metadata, outcomes, python_level, surroundings
from tests.attacks.conftest import HONEST
from tests.attacks.form import BUILT_ON, FULL, HARMFUL, NOTHING, REACHED, SCALE, STOPS

ATTACKS = [
    attack
    for module in (metadata, ipython, python_level, outcomes, surroundings)
    for attack in module.ATTACKS
]
MARK = "'REACHED"  # as printed, at the start of a stream's text
NAMES = [attack.name for attack in ATTACKS]


@pytest.fixture(scope="session")
def graded(grade):
    return grade(ATTACKS)


STOCK = """
for name in (
    *("exporter_class", "pre_convert_hook"),
    *("sanitize_preprocessors", "autograde_preprocessors"),
):
    c.Autograde.pop(name, None)
c.ExecutePreprocessor.kernel_name = "python3"
c.ExecutePreprocessor.timeout = 30
c.AsyncKernelManager.client_class = "jupyter_client.asynchronous.AsyncKernelClient"
"""


def points(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        found = gradebook.assignment_submissions(LESSON)
        return {
            one.student.id: {
                grade.cell.name: grade.auto_score
                for notebook in one.notebooks
                for grade in notebook.grades
            }
            for one in found
        }


def test_there_are_enough_attacks():
    assert len(set(NAMES)) == len(NAMES) >= 60
    assert all(attack.aim for attack in ATTACKS)


def test_every_submission_is_graded(graded):
    assert graded.status == 0, graded.log[-3000:]
    assert set(points(graded.folder)) == {*NAMES, *HONEST}


@pytest.mark.parametrize("name", HONEST)
def test_the_honest_get_full_points(graded, name):
    verdicts = verdicts_in(
        (graded.folder / f"autograded/{name}/{LESSON}/{LESSON}.ipynb").read_text()
    )
    assert [verdict["status"] for verdict in verdicts.values()] == ["passed"] * len(LESSONS[LESSON])


@pytest.mark.parametrize("attack", ATTACKS, ids=NAMES)
def test_an_attack_gains_nothing(graded, attack):
    path = graded.folder / "autograded" / attack.name / LESSON / f"{LESSON}.ipynb"
    verdicts = verdicts_in(path.read_text())
    verdict = verdicts[SCALE.id]
    assert not verdict["points"], verdict
    assert verdict["status"] in attack.status, verdict["message"]
    assert not points(graded.folder)[attack.name][SCALE.check_cell]
    assert MARK not in graded.outputs(attack.name)
    lost = {name: v["message"] for name, v in verdicts.items() if v["status"] != "passed"}
    assert lost.keys() <= {SCALE.id, *BUILT_ON, *attack.costs}, lost


def test_nothing_went_out_and_nothing_was_left(graded):
    assert graded.received == []
    assert graded.unchanged
    assert not list(graded.folder.rglob("left.txt"))
    left = [process for process in psutil.process_iter() if "4242" in _words(process)]
    assert left == []


def _words(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.exhaustive
def test_stock_nbgrader_does_what_is_stated(grade):
    harmless = [attack for attack in ATTACKS if attack.stock != HARMFUL]
    stock = grade(harmless, STOCK)
    scores = points(stock.folder)
    found = {attack.name: came_of_it(stock, attack.name, scores) for attack in harmless}
    assert found == {attack.name: attack.stock for attack in harmless}


def came_of_it(graded, name, scores):
    if scores.get(name, {}).get(SCALE.check_cell) is None:
        return STOPS
    if scores[name][SCALE.check_cell] > 0:
        return FULL
    return REACHED if MARK in graded.outputs(name) else NOTHING
