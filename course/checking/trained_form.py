"""The form in which it is written how the weights of a training are judged: a record for each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course.training.kinds import Kind


@dataclass(frozen=True)
class Finding:
    """What the right model did with somebody's weights.

    reached: dict of bools, in the order of the bands: what each asks for → whether it is reached.
    received: what was measured, in a few words.
    first: the message's first line, without the exercise's id.    facts: dict of its other lines.
    mistake: id of the misconception that the weights show, or None.
    """

    reached: dict
    received: str
    first: str
    facts: dict = field(default_factory=dict)
    mistake: str | None = None


@dataclass(frozen=True, eq=False)
class Training:
    """How the weights of one exercise are judged.

    task: what the model learns, with its `name`, `alphabet` and `units`.    kind: of the model.
    bands: what each part of the points needs, as the task says it → as a number, the least first;
        all parts are worth the same.
    right_model: `right_model(own)` returns the class that `check` puts weights into, or None where
        there is none; `own` is the student's own, where the lesson has one.
    visible: returns what `check` measures on; `hidden(rng)`, what grading does.
    build: `build(model_class, sizes)` returns a built model and `examine(drawn, visible)`, which
        returns the `Finding` of the weights that the model then has.
    """

    task: Any
    kind: Kind
    bands: dict
    right_model: Callable
    visible: Callable
    hidden: Callable
    build: Callable
