"""An attack: a notebook of lesson 03, all right but `attention.scale`, and what it is after."""

from collections.abc import Callable
from dataclasses import dataclass

from autograder.exercises import EXERCISES
from autograder.grading.follow import used_by

SCALE = EXERCISES["attention.scale"]
BUILT_ON = {name for name in EXERCISES if SCALE.id in used_by(name)}  # they call the attack, too
WRONG = "def scale_scores(scores, query):\n    return scores\n"
FULL, REACHED, NOTHING, STOPS = "full points", "reached", "nothing", "no grade"
HARMFUL = "harmful"  # to the machine: not tried with the stock kernel


@dataclass(frozen=True)
class Attack:
    """One submission.

    name: the student's, too.    aim: what it is after, in one line.
    stock: what comes of it with stock nbgrader: FULL points for the wrong answer, the aim REACHED
        in another way, NOTHING, STOPS (no grade at all), or HARMFUL. Measured by an exhaustive test.
    answer: source in the cell of `attention.scale`. It prints REACHED when it has what it is after.
    added: source of a cell of the student's own, in front of all others.
    edit: takes the notebook and changes it.
    files: what is handed in beside the notebook: takes the submission's folder.
    status: what grading must say of `attention.scale`; one of several where the machine decides.
    costs: exercises that may be lost by the attack's own fault, beside those built on this one.
    """

    name: str
    aim: str
    stock: str
    answer: str = WRONG
    added: str = ""
    edit: Callable | None = None
    files: Callable | None = None
    status: tuple[str, ...] = ("failed",)
    costs: tuple[str, ...] = ()


def inside(body):
    """An answer that runs `body` when it is called, and returns a wrong value."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return f"def scale_scores(scores, query):\n{lines}    return scores\n"


def attempt(expression):
    """Source that prints REACHED when `expression` can be evaluated and is true."""
    return (
        f"try:\n    if {expression}:\n        print('REACHED')\n"
        "except BaseException as error:\n    print(type(error).__name__)\n"
    )
