"""A case: what is done to the student's object, as plain data."""

from dataclasses import asdict, dataclass, field

# Absolute. Sums of up to some 100 float32 terms of size 1 differ by less, in any order.
FLOAT32 = 1e-5
EXACT = 0.0


@dataclass(frozen=True)
class Call:
    """One call. `args` and `kwargs` may hold arrays, which arrive as tensors, and plain data.

    A layer among them, or among the arguments of the constructor, is named by
    `course.checking.standins.standin`.

    method: name of the method; the empty string calls the object itself.
    observe: what is read off: `output`, or a name of `course.checking.observe.OBSERVATIONS`;
        nothing, where the call is a step on the way to a later one.
    """

    args: list = field(default_factory=list)
    kwargs: dict = field(default_factory=dict)
    method: str = ""
    observe: tuple = ("output",)


@dataclass(frozen=True)
class Case:
    """One thing to try.

    name: says what is special about it, in words a student reads.
    points: this case's share of the exercise's points, relative to the other hidden cases.
    construct: keyword arguments of the constructor; for a `layer` or a `class`.
    weights: values by attribute path (`query.kernel`, `blocks.0.scale`), put in after one run of
        the first call, which creates the weights.
    tolerance: largest absolute difference that still counts as equal; `because` says why.
    raises: whether a right answer raises an exception here; its type is compared.
    """

    name: str
    calls: tuple[Call, ...] = (Call(),)
    points: float = 1.0
    construct: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)
    tolerance: float = FLOAT32
    because: str = "rounding in float32"
    raises: bool = False


def to_data(case):
    """Return `case` as plain data, ready for `values.pack`."""
    return asdict(case)


def from_data(data):
    """Return the case that `to_data` wrote. Raises TypeError when a field is unknown."""
    calls = tuple(Call(**{**call, "observe": tuple(call["observe"])}) for call in data["calls"])
    return Case(**{**data, "calls": calls})
