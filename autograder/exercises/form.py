"""The form in which every exercise is written."""

from collections.abc import Callable
from dataclasses import dataclass, field

KINDS = ("function", "layer", "class", "training")


@dataclass(frozen=True)
class Misconception:
    """A mistake people make, as a small program that makes it.

    id: kebab-case name of the fault.    title: the fault in a few words.
    explanation: why it is one, and what it does.    hint: a question that leads away from it.
    program: the wrong function or class, with the reference's name and signature; a class derived
        from the reference is that one with some methods replaced (see `program_source`).
    """

    id: str
    title: str
    explanation: str
    hint: str
    program: Callable


def no_cases(rng=None):
    """The cases of a training: none, since what it left behind is judged."""
    return []


@dataclass(frozen=True)
class Exercise:
    """One thing a student writes, and how it is checked.

    id: `lesson.thing`.
    kind: one of `KINDS`. A training has no cases: the weights that it left in `attachment` are
        judged, by what the right model can do with them.
    reference: the function or class in `solutions` that answers it; its name is what is checked.
    visible: returns the cases that a student sees; `hidden` takes a `numpy.random.Generator` and
        returns those that carry the points.
    returns: names of the values, where the reference returns several.
    write: names of the methods the student writes, for a class; the rest is given.
    forbidden: reason by name, for names that would do the work.
    attachment: name of the file that is handed in beside the notebook, for a training.
    model: the class in `solutions` that the weights are put into, for a training.
    uses: ids of earlier exercises of the lesson that the reference builds on.
    balanced: whether the answer is a verdict, one of a few, of which the same one each time must
        earn nothing (see `course.checking.scoring`).
    misconceptions, variants: filled by the decorators below.
    """

    id: str
    title: str
    kind: str
    points: float
    reference: Callable
    visible: Callable = no_cases
    hidden: Callable = no_cases
    returns: tuple = ()
    write: tuple = ()
    forbidden: dict = field(default_factory=dict)
    attachment: str = ""
    model: type | None = None
    uses: tuple = ()
    balanced: bool = False
    misconceptions: list = field(default_factory=list)
    variants: list = field(default_factory=list)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.id}: kind must be one of {KINDS}. Received: {self.kind!r}")
        parts = (bool(self.attachment), self.model is not None)
        if parts != (self.kind == "training",) * 2:
            raise ValueError(
                f"{self.id}: a training, and nothing else, has an attachment and a model. "
                f"Received: kind={self.kind!r}, attachment={self.attachment!r}, model={self.model}"
            )

    @property
    def name(self):
        """The name that the student defines."""
        return self.reference.__name__

    @property
    def cell(self):
        """The nbgrader `grade_id` of the solution cell."""
        return self.id.replace(".", "-")

    @property
    def check_cell(self):
        """The nbgrader `grade_id` of the check cell."""
        return f"{self.cell}-check"

    def misconception(self, id, *, title, explanation, hint):
        """Decorate the wrong program of a misconception."""

        def add(program):
            self.misconceptions.append(Misconception(id, title, explanation, hint, program))
            return program

        return add

    def variant(self, program):
        """Decorate a right answer that is written differently; for tests and the demo."""
        self.variants.append(program)
        return program
