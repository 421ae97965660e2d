"""Memory is measured in fresh processes: the plain way grows by the square, tiles do not."""

import numpy as np
import pytest

from course.toys import memory

TABLE = """
def attend(query, key, value):
    n = query.shape[0]
    return value + ops.sum(ops.ones((n, n)))
"""


def test_an_array_that_was_made_is_seen():
    measured = memory.measure_source("table", TABLE, 4096)
    assert 60 < measured.bytes / memory.MEGABYTE < 90  # 64, the sum's and the output's
    assert (measured.name, measured.length) == ("table", 4096)
    assert measured.output.shape == (4096, memory.WIDTH)
    assert measured.seconds > 0


def test_the_plain_way_is_attention_and_holds_the_table(capsys):
    [measured] = memory.measure(lengths=[2048])
    assert measured.bytes >= 2048**2 * 4
    rng = np.random.default_rng(11)
    query, key, value = (rng.normal(size=(2048, memory.WIDTH)) for _ in range(3))
    scores = query @ key.T / 8.0
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    expected = weights / weights.sum(axis=-1, keepdims=True) @ value
    np.testing.assert_allclose(measured.output, expected, atol=1e-5)
    assert "Measuring: 1 of 1 · 2,048 tokens" in capsys.readouterr().out


def halved(query, key, value):
    return value / 2


def test_a_function_is_sent_by_the_source_of_its_file(capsys):
    [measured] = memory.measure(halved, lengths=[64])
    rng = np.random.default_rng(11)
    [*_, value] = (rng.normal(size=(64, memory.WIDTH)) for _ in range(3))
    np.testing.assert_allclose(measured.output, value / 2, atol=1e-6)
    assert measured.name == "yours"


def test_a_failure_is_told_with_its_reason():
    with pytest.raises(RuntimeError, match=r"broken, 8 tokens:[\s\S]*NotImplementedError"):
        memory.measure_source(
            "broken", "def attend(*tokens):\n    raise NotImplementedError()\n", 8
        )
