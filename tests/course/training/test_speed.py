"""Times of steps: each way is run once, and the numbers are times."""

from dataclasses import replace

import keras

from course.training import speed
from course.training.budget import BUDGETS
from solutions.transformer import Transformer

TINY = replace(
    BUDGETS["CPU"], d_model=8, num_layers=1, num_heads=2, hidden_dim=8, batch_size=4, steps=2
)


def test_each_way_is_timed(monkeypatch, capsys):
    ways = (("float32", False), ("mixed_float16", False))
    monkeypatch.setitem(speed.WAYS, keras.backend.backend(), ways)
    found = speed.measure_speeds(Transformer, TINY, steps=2)
    assert [each["precision"] for each in found] == ["float32", "mixed_float16"]
    assert not any(each["compiled"] for each in found)
    assert all(each["first"] > each["step"] > 0 for each in found)
    assert "Timing: 2 of 2" in capsys.readouterr().out
