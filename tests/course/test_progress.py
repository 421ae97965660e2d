import time

import pytest

from course import progress
from course.progress import Progress


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook was shown, first drawing and updates."""
    shown = []

    class Handle:
        def update(self, data, raw):
            shown.append(data)

    def display(data, raw, display_id):
        shown.append(data)
        return Handle()

    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    return shown


def test_a_notebook_shows_a_bar_that_ends_full(displayed):
    with Progress("Training <1>", total=3) as bar:
        for step in range(3):
            bar.advance(note=f"loss {step}")
    assert '<progress max="3" value="0">' in displayed[0]["text/html"]
    assert '<progress max="3" value="3">' in displayed[-1]["text/html"]
    assert "Training &lt;1&gt;: 3 of 3 · loss 2" in displayed[-1]["text/html"]
    assert displayed[-1]["text/plain"].startswith("Training <1>: 3 of 3 · loss 2 · ")


def test_fast_steps_are_not_all_drawn(displayed):
    with Progress("Counting", total=5000) as bar:
        for _ in range(5000):
            bar.advance()
    assert len(displayed) < 100


def test_work_that_breaks_off_leaves_the_bar_where_it_was(displayed):
    def work():
        with Progress("Counting", total=2) as bar:
            bar.advance()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        work()
    assert displayed[-1]["text/plain"].startswith("Counting: 1 of 2")


def test_a_terminal_is_told_at_the_end(capsys):
    with Progress("Counting", total=2) as bar:
        bar.advance(2)
    assert "Counting: 2 of 2" in capsys.readouterr().out


def test_what_is_done_before_the_delay_shows_nothing(displayed, capsys):
    with Progress("Counting", total=2, delay=60) as bar:
        bar.advance(2)
    assert displayed == []
    assert capsys.readouterr().out == ""


def test_what_lasts_longer_than_the_delay_appears(displayed):
    with Progress("Counting", total=3, delay=0.2) as bar:
        bar.advance()
        assert displayed == []
        time.sleep(0.25)
        bar.advance()
        assert "2 of 3" in displayed[-1]["text/plain"]
        bar.advance()
    assert "3 of 3" in displayed[-1]["text/plain"]
