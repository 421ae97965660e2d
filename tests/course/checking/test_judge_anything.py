"""Whatever passes `validate` can be judged and shown; nothing it holds makes the judge raise."""

import json
import string

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.checking.display import verdict_html, verdict_text
from course.checking.judge import judge
from course.checking.outcome import validate
from course.checking.values import DTYPES, pack, unpack
from course.checking.verdict import STATUSES

TEXTS = st.text(max_size=8) | st.text(string.printable, max_size=30)
KEYS = TEXTS.filter(lambda text: not text.startswith("$"))
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
ARRAYS = hnp.arrays(st.sampled_from([np.dtype(code) for code in DTYPES]), SHAPES | st.just((1, 3)))
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats() | st.booleans()
VALUES = st.recursive(
    st.none() | NUMBERS | TEXTS | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["output", "weights"]) | KEYS
KINDS = st.sampled_from(["NotImplementedError", "Unreadable", "ValueError", ""]) | TEXTS
OUTCOMES = st.fixed_dictionaries(
    {
        "values": st.dictionaries(NAMES, VALUES, max_size=3),
        "error": st.none()
        | st.fixed_dictionaries({"type": KINDS, "message": TEXTS, "line": TEXTS}),
    }
)
INTERRUPTIONS = st.none() | st.sampled_from(
    [("timeout", "stopped"), ("crashed", "ended"), ("needs-review", "odd")]
)


@st.composite
def keys(draw):
    """A key with any outcomes as the expected ones, and one misconception."""
    count = draw(st.integers(1, 3))
    outcomes = st.lists(OUTCOMES, min_size=count, max_size=count)
    returns = draw(st.sampled_from([[], ["a"], ["a", "b"]]))
    expected = draw(outcomes)
    if returns:
        for outcome in expected:
            outcome["values"]["output"] = draw(
                st.lists(VALUES, min_size=len(returns), max_size=len(returns))
            )
    return {
        "exercise": "toy.double",
        "points": draw(st.sampled_from([0.0, 1.0, 3.0])),
        "returns": returns,
        "cases": [{"name": f"case {i}", "points": 1.0, "tolerance": 1e-5} for i in range(count)],
        "visible": draw(st.lists(st.booleans(), min_size=count, max_size=count)),
        "expected": expected,
        "misconceptions": {"squared": draw(outcomes)},
    }


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(data=st.data(), key=keys(), interruption=INTERRUPTIONS, reveal=st.booleans())
def test_any_outcome_can_be_judged_and_shown(texts, data, key, interruption, reveal):
    outcomes = [
        data.draw(OUTCOMES | st.none() | st.sampled_from([wanted, mistaken]))
        for wanted, mistaken in zip(key["expected"], key["misconceptions"]["squared"], strict=True)
    ]
    for outcome in filter(None, outcomes):
        validate(unpack(pack(validate(outcome))))
    verdict = judge(key, outcomes, texts, interruption, reveal)
    assert verdict.status in STATUSES
    assert (verdict.points is None) == (verdict.status == "needs-review")
    if verdict.points is not None:
        assert 0 <= verdict.points <= verdict.max_points
        assert (verdict.points == verdict.max_points) <= (verdict.passed or not key["points"])
    assert len(verdict.message.splitlines()) <= 4
    json.dumps(verdict.to_data(), allow_nan=False)
    verdict_html(verdict, texts)
    verdict_text(verdict)
