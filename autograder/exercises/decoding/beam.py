"""`decoding.beam`: several beginnings at once, and a penalty for being short.

Its wrong programs stand in `beam_mistakes` and `beam_scores`.
"""

import numpy as np

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from course.checking.standins import standin
from solutions import decoding
from solutions.embedding import END, START

GARDEN = np.zeros((6, 6))  # what follows what, in tenths
GARDEN[START, [3, 4, 5]] = 5, 4, 1
GARDEN[3, [END, 3, 4]] = 4, 3, 3
GARDEN[4, [END, 3]] = 9, 1
GARDEN[5, [END, 4]] = 6, 4
NEVER = -30.0  # the logit of what has no chance


def case(name, model, width, length, start=(START,), alpha=0.6, **options):
    args = [model, list(start)]
    kwargs = {"beam_width": width, "max_length": length, "alpha": alpha}
    return Case(name, (Call(args, kwargs),), **options)


def drawn(rng, name, size, width, length, start=1, ends=0.0, alpha=None, **options):
    """size: V.    start: how many tokens there are already.    ends: added to the logits of END."""
    table = normal(rng, size, size, scale=1.2)
    table[:, END] += ends
    model = standin("table_model", table=table, memory=0.3)
    beginning = [START, *rng.integers(3, size, start - 1).tolist()]
    alpha = round(float(rng.uniform(0.5, 1.0)), 2) if alpha is None else alpha
    return case(name, model, width, length, beginning, alpha, **options)


def by_hand(name, width):
    logits = np.where(GARDEN > 0, np.log(np.maximum(GARDEN, 1)), NEVER)
    model = standin("table_model", table=logits.astype("float32"))
    return case(name, model, width, 2, alpha=0.0)


def steered(rng, name, size, length, alpha, *edges):
    """Two beams, in a model that has strong opinions on some steps.

    edges: triples of what stands before, what comes next, and its logit; a letter is some token.
    """
    tokens = dict(zip("abcd", (3 + rng.permutation(size - 3)).tolist(), strict=False))
    tokens |= {"START": START, "END": END}
    table = normal(rng, size, size, scale=0.3)
    for before, after, logit in edges:
        table[tokens[before], tokens[after]] += logit
    return case(name, standin("table_model", table=table), 2, length, alpha=alpha)


def late(rng, name):
    """A text of one token ends first, and one of four has the better score."""
    path = (("a", "b", 8.0), ("b", "c", 8.0), ("c", "END", 8.0))
    return steered(rng, name, 9, 5, 0.8, ("START", "a", 8.0), ("START", "END", 7.4), *path)


def crowded(rng, name):
    """Both beams of the second step come from the same beam of the first."""
    first = (("START", "a", 8.0), ("START", "b", 6.0))
    return steered(rng, name, 10, 3, 0.6, *first, ("a", "c", 8.0), ("a", "d", 7.6),
                   ("d", "END", 9.0))  # fmt: skip


def visible():
    rng = np.random.default_rng(125)
    return [
        by_hand("by hand: two beams find 0.36 where one finds 0.20", 2),
        drawn(rng, "a longer text may win", 7, 3, 5, ends=0.6, alpha=0.9),
        drawn(rng, "a beginning of three tokens", 9, 4, 4, start=3, ends=1.0, alpha=0.7),
        drawn(rng, "no text ends", 6, 2, 3, ends=NEVER, alpha=0.6),
    ]


def hidden(rng):
    return [
        drawn(rng, "two beams", 8, 2, 4, ends=0.8, points=2.0),
        drawn(rng, "four beams", 11, 4, 5, ends=0.8, points=2.0),
        late(rng, "a short text ends first, and a longer one is better"),
        crowded(rng, "two beams from one"),
        drawn(rng, "no text ends", 8, 3, 4, ends=NEVER),
        drawn(rng, "a beginning of several tokens", 10, 3, 4, start=4, ends=0.9),
        drawn(rng, "no penalty", 9, 3, 5, ends=0.7, alpha=0.0),
        drawn(rng, "more beams than texts: everything is searched", 4, 40, 3, ends=0.4),
        drawn(rng, "edge: one beam", 8, 1, 5, ends=0.8),
    ]


EXERCISE = Exercise(
    id="decoding.beam",
    title="Beam search",
    kind="function",
    points=6,
    reference=decoding.beam_search,
    visible=visible,
    hidden=hidden,
    returns=("tokens", "score"),
)
