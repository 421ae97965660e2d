"""`attention.find_error`: which column of a printed attention table is wrong, and what is right?"""

import math

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import attention

DECIMALS = 4  # to which a table is printed
PRINTED = 1e-3  # half a unit of the fourth decimal, through an exponential below 5

RIGHT = {
    "scaled": lambda table, d_k: table["score"] / math.sqrt(d_k),
    "exp": lambda table, d_k: np.exp(table["scaled"]),
    "weight": lambda table, d_k: table["exp"] / table["exp"].sum(),
}


def printed(score, d_k, wrong):
    """Return a table as printed, each column made from the printed one before it.

    wrong: rules that stand in for those of `RIGHT`, by column.
    """
    table = {"score": np.asarray(score, "float32")}
    for column, rule in {**RIGHT, **wrong}.items():
        table[column] = np.round(rule(table, d_k), DECIMALS).astype("float32")
    return table


def case(rng, name, length, d_k, points=1.0, **wrong):
    """A table of `length` keys whose scaled scores spread from about −1 to 1.4."""
    spread = np.linspace(-1.0, 1.4, length) + rng.uniform(-0.1, 0.1, length)
    score = np.round(rng.permutation(spread) * math.sqrt(d_k), 1)
    return of_table(name, printed(score, d_k, wrong), d_k, points)


def of_table(name, table, d_k, points=1.0):
    return Case(
        name,
        (Call([table, d_k]),),
        points,
        tolerance=PRINTED,
        because="the columns are printed to four decimals",
    )


def exchanged(column):
    """The rule of a column, then its largest and its smallest entry in each other's place."""

    def rule(table, d_k):
        right = RIGHT[column](table, d_k)
        low, high = right.argmin(), right.argmax()
        right[[low, high]] = right[[high, low]]
        return right

    return rule


def divided_by_d_k(table, d_k):
    return table["score"] / d_k


def not_divided(table, d_k):
    return table["score"] + 0.0


def power_of_two(table, d_k):
    return 2.0 ** table["scaled"]


def exp_of_score(table, d_k):
    return np.exp(table["score"])


def wrong_sum(table, d_k):
    return table["exp"] / (table["exp"].sum() * 1.11)


def in_circulation():
    """The table of "the cat sat on the mat" as printed in several places; it sums to 0.907."""
    table = printed([0.3, 2.1, 1.2, 1.6, 1.8], 64, {})
    table["weight"] = np.array([0.157, 0.197, 0.176, 0.185, 0.192], "float32")
    return of_table("the cat sat on the mat", table, 64)


def visible():
    rng = np.random.default_rng(35)
    return [
        in_circulation(),
        case(rng, "a right table", 4, 9),
        case(rng, "two wrong columns", 5, 16, scaled=divided_by_d_k, weight=wrong_sum),
        case(rng, "rows exchanged", 6, 25, exp=exchanged("exp")),
    ]


def hidden(rng):
    return [
        case(rng, "a right table", 5, 36),
        case(rng, "a wide head", 7, 144, scaled=divided_by_d_k),
        case(rng, "five keys", 5, 12, scaled=not_divided),
        case(rng, "six keys", 6, 30, exp=power_of_two, weight=exchanged("weight")),
        case(rng, "seven keys", 7, 10, exp=exchanged("exp"), weight=wrong_sum),
        case(rng, "four keys", 4, 20, exp=exp_of_score),
        case(rng, "weights that do not sum to one", 6, 49, weight=wrong_sum),
        case(rng, "weights that sum to one", 5, 18, weight=exchanged("weight")),
    ]


EXERCISE = Exercise(
    id="attention.find_error",
    title="Find the error in a table",
    kind="function",
    points=2,
    reference=attention.find_error,
    visible=visible,
    hidden=hidden,
    returns=("column", "correct"),
)


@EXERCISE.misconception(
    "only-the-sum-checked",
    title="checking only whether the weights sum to one",
    explanation="A sum of one is necessary and says little: weights made from wrong scores sum to "
    "one, too, and so do right weights in the wrong rows.",
    hint="Could a table be wrong whose weights sum to one?",
)
def find_error(table, d_k):
    correct = table["exp"] / ops.sum(table["exp"])
    if ops.abs(ops.sum(table["weight"]) - 1.0) > 0.01:
        return "weight", correct
    return "none", correct


@EXERCISE.misconception(
    "rounding-taken-for-an-error",
    title="asking for equality to the last digit",
    explanation="A table is printed to a few decimals, so that no column follows from the one "
    "before it exactly. The question is whether rounding explains the difference.",
    hint="How far can two numbers be apart that print alike to four decimals?",
)
def find_error(table, d_k):
    follows = {
        "scaled": table["score"] / math.sqrt(d_k),
        "exp": ops.exp(table["scaled"]),
        "weight": table["exp"] / ops.sum(table["exp"]),
    }
    for column, correct in follows.items():
        if ops.any(table[column] != correct):
            return column, correct
    return "none", follows["weight"]


@EXERCISE.misconception(
    "last-error-reported",
    title="reporting the last wrong column",
    explanation="The first error is the one to mend: all that follows is built on it.",
    hint="When two columns are wrong, which of them does your loop come to first?",
)
def find_error(table, d_k):
    exponentials = ops.exp(table["scaled"])
    weights = table["exp"] / ops.sum(table["exp"])
    scaled = table["score"] / math.sqrt(d_k)
    for column, correct in (("weight", weights), ("exp", exponentials), ("scaled", scaled)):
        if ops.max(ops.abs(table[column] - correct)) > 0.01:
            return column, correct
    return "none", weights


@EXERCISE.misconception(
    "maximum-taken-off",
    title="taking the maximum off before exp",
    explanation="The weights come out the same, but the column is e^scaled, as its name says, and "
    "every right table looks wrong.",
    hint="What is the largest entry of your exponentials, and of those in a right table?",
)
def find_error(table, d_k):
    follows = {
        "scaled": table["score"] / math.sqrt(d_k),
        "exp": ops.exp(table["scaled"] - ops.max(table["scaled"])),
        "weight": table["exp"] / ops.sum(table["exp"]),
    }
    for column, correct in follows.items():
        if ops.max(ops.abs(table[column] - correct)) > 0.01:
            return column, correct
    return "none", follows["weight"]


@EXERCISE.variant
def find_error(table, d_k):
    scaled = table["score"] / math.sqrt(d_k)
    exponentials = ops.exp(scaled)
    weights = exponentials / ops.sum(exponentials)
    if not np.allclose(table["scaled"], scaled, atol=0.005):
        return "scaled", scaled
    if not np.allclose(table["exp"], exponentials, atol=0.005):
        return "exp", exponentials
    if not np.allclose(table["weight"], weights, atol=0.005):
        return "weight", weights
    return "none", weights


@EXERCISE.variant
def find_error(table, d_k):
    columns = {name: np.asarray(column, "float64") for name, column in table.items()}
    follows = {
        "scaled": columns["score"] / d_k**0.5,
        "exp": np.exp(columns["scaled"]),
        "weight": columns["exp"] / columns["exp"].sum(),
    }
    wrong = [name for name in follows if np.abs(columns[name] - follows[name]).max() > 0.002]
    return (wrong[0], follows[wrong[0]]) if wrong else ("none", follows["weight"])
