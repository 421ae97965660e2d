"""What the judge says of an answer."""

from dataclasses import asdict, dataclass, field

from course.checking import messages

STATUSES = (
    "passed",
    "failed",
    "error",
    "timeout",
    "crashed",
    "forbidden",
    "needs-review",
)


@dataclass(frozen=True)
class CaseVerdict:
    """One case's outcome. `message` is empty where it passed."""

    name: str
    points: float
    max_points: float
    passed: bool
    visible: bool
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """An exercise's outcome.

    status: one of `STATUSES`.
    points: None only where the status is `needs-review`: a grader's trouble is never a mark.
    diagnosis: `{"id", "title"}` of the misconception that the answer equals, or None.
    message: the four lines for the student.
    """

    exercise: str
    status: str
    points: float | None
    max_points: float
    message: str
    diagnosis: dict | None = None
    hints: list = field(default_factory=list)
    cases: list = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self):
        return self.status == "passed"

    def to_data(self):
        """Return the verdict as plain data, ready for JSON."""
        data = asdict(self)
        first = {name: data.pop(name) for name in ("exercise", "status", "points", "max_points")}
        return {**first, "passed": self.passed, "diagnosis": data.pop("diagnosis"), **data}


def from_data(data):
    """Return the verdict that `Verdict.to_data` wrote."""
    cases = [CaseVerdict(**case) for case in data["cases"]]
    known = {name: value for name, value in data.items() if name != "passed"}
    return Verdict(**{**known, "cases": cases})


def needs_review(exercise, max_points, reason):
    """The verdict where grading itself failed: no mark, and the reason."""
    return Verdict(
        exercise=exercise,
        status="needs-review",
        points=None,
        max_points=max_points,
        message=messages.needs_review(exercise, reason),
    )
