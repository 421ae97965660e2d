"""Train one variant on this machine and say what training saw, and what the model can do."""

import time
from dataclasses import dataclass, field

from course.data.dates import DATES
from course.gallery.bugs import BUGS, Bug
from course.training.budget import choose_budget
from course.training.exam import Exam
from course.training.run import train

PAIRS = 500  # dates of days that were not trained on


@dataclass(frozen=True)
class Result:
    """What was measured of one variant.

    token_accuracy: share of tokens found when all before them are told, as training sees it.
    exact_match: share of dates written exactly, by the model alone.
    examples: a few triples (source, target, answer).    seconds: of training and of both exams.
    """

    bug: Bug
    token_accuracy: float
    exact_match: float
    seconds: float
    examples: list = field(default_factory=list)

    def __str__(self):
        return (
            f"{self.bug.title}: {self.token_accuracy:.1%} of tokens when told those before, "
            f"{self.exact_match:.1%} of dates exactly right by itself ({self.seconds:.0f} s)"
        )


def measure(name, fit, transformer, batches, seed=0, budget=None):
    """Train the variant `name` of `BUGS`, and measure it both ways.

    fit, transformer, batches: yours, as of `course.training.run.train`.
    budget: None takes that of this device.
    Returns: `Result`. Raises ValueError where there is no such variant.
    """
    if name not in BUGS:
        raise ValueError(f"The variant must be one of {', '.join(BUGS)}. Received: {name!r}")
    bug = BUGS[name]
    budget = budget or choose_budget(say=lambda line: None)
    start = time.perf_counter()
    model, _ = train(
        fit,
        lambda *args, **kwargs: transformer(*args, **kwargs, **bug.options),
        batches if bug.shifted else _unshifted(batches),
        budget=budget,
        seed=seed,
        resume=False,
        change=bug.apply,
    )
    exam, pairs = Exam(model, DATES), DATES.draw("test", PAIRS, seed=11)
    answers = exam.answers(pairs)
    triples = list(zip(pairs.sources, pairs.targets, answers, strict=True))
    return Result(
        bug,
        token_accuracy=exam.token_accuracy(pairs, shifted=bug.shifted),
        exact_match=sum(target == answer for _, target, answer in triples) / len(triples),
        seconds=time.perf_counter() - start,
        examples=triples[:3],
    )


def _unshifted(batches):
    """Batches in which the label of a position is the token that stands there."""

    class Unshifted(batches):
        def __getitem__(self, index):
            inputs, _ = super().__getitem__(index)
            return inputs, inputs["target"]

    return Unshifted
