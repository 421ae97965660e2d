"""What cases are worth, and what an answer earns with those it passes.

Usually hidden cases share an exercise's points by their weights. Where an exercise is `balanced`,
its answers are verdicts such as true and false, and a constant one would pass some cases by luck.
There each possible verdict is worth the same, however many cases expect it, and only what is
above guessing counts: with two verdicts, `points · (2 · balanced accuracy − 1)`.
"""

from dataclasses import replace


def worths(key):
    """Return the points of each case: those of a visible one are 0."""
    weights = [
        0.0 if visible else case["points"]
        for case, visible in zip(key["cases"], key["visible"], strict=True)
    ]
    verdicts = _verdicts(key)
    totals = dict.fromkeys(verdicts, 0.0)
    for verdict, weight in zip(verdicts, weights, strict=True):
        totals[verdict] += weight
    count = sum(total > 0 for total in totals.values())
    return [
        key["points"] * weight / totals[verdict] / count if weight else 0.0
        for verdict, weight in zip(verdicts, weights, strict=True)
    ]


def without_luck(key, cases):
    """Return the verdicts on cases with the points that are above guessing, where that matters."""
    count = len({v for v, case in zip(_verdicts(key), cases, strict=True) if case.max_points})
    passed = sum(case.points for case in cases)
    if count < 2 or not passed:
        return cases
    luck = key["points"] / count
    earned = max(0.0, passed - luck) * count / (count - 1)
    return [replace(case, points=case.points * earned / passed) for case in cases]


def _verdicts(key):
    """Which verdict each case expects; all the same for an exercise that is not balanced."""
    if not key.get("balanced"):
        return [""] * len(key["cases"])
    return [repr(expected["values"]) for expected in key["expected"]]
