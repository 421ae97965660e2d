"""`masking.leak_detector`: the student writes the test, and a zoo of layers tests it.

Its wrong programs stand in `detector_mistakes` and `detector_gaps`, which add them to it.
"""

import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.masking import zoo
from autograder.exercises.masking.padding import YES_OR_NO
from course.checking.case import Call, Case
from course.checking.standins import standin
from solutions import masking

SIZES = 3, 10, 6  # B, T, d


def by_hand():
    """Running sums from the start, and from the end."""
    x = np.array([[[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]]], "float32")
    sums = np.tril(np.ones((3, 3)))
    calls = [Call([standin("mixer", matrix=matrix), x]) for matrix in (sums, sums.T)]
    return Case("by hand: running sums from the start, and from the end", tuple(calls), **YES_OR_NO)


def together(rng, name, layers):
    """One case with a call for each of some layers; the lesson lists them in this order."""
    calls = [Call([layer, normal(rng, *SIZES)]) for layer in layers.values()]
    return Case(name, tuple(calls), **YES_OR_NO)


def visible():
    rng = np.random.default_rng(46)
    leaks, honest = zoo.leaks(rng, *SIZES), zoo.honest(rng, *SIZES)
    plain = {name: leaks[name] for name in PLAIN}
    hidden_away = {name: leaks[name] for name in HIDDEN_AWAY}
    return [
        by_hand(),
        together(rng, "honest layers", {name: honest[name] for name in HONEST}),
        together(rng, "leaks in the open", plain),
        together(rng, "leaks that hide", hidden_away),
    ]


def hidden(rng):
    """The whole zoo, in an order of the seed's: neither a name nor a place gives an answer away."""
    layers = [*zoo.leaks(rng, *SIZES).values(), *zoo.honest(rng, *SIZES).values()]
    return [
        Case(
            f"layer {number} of the zoo", (Call([layers[place], normal(rng, *SIZES)]),), **YES_OR_NO
        )
        for number, place in enumerate(rng.permutation(len(layers)), 1)
    ]


HONEST = (
    "each position alone",
    "sums of the past",
    "normalised over features",
    "the past, and not itself",
    "the past as all less the rest",
)
PLAIN = (
    "attention without a mask",
    "a mask turned round",
    "a mask one step too far",
    "normalised over positions",
    "heads merged by reshape",
)
HIDDEN_AWAY = (
    "an early position sees two ahead",
    "a late position sees two ahead",
    "only beyond a length",
    "the first sees the last",
    "the last but one sees the last",
    "in the last sequence only",
    "faintly",
    "features normalised first",
)
OPENED = "the detector looks at a layer from outside, at what goes in and what comes out"
EXERCISE = Exercise(
    id="masking.leak_detector",
    title="Find out whether a layer looks ahead",
    kind="function",
    points=5,
    reference=masking.sees_future,
    visible=visible,
    hidden=hidden,
    forbidden=dict.fromkeys(("get_config", "__dict__", "matrix", "allowed"), OPENED),
    balanced=True,
)
