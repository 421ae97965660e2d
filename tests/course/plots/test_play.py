import sys

import pytest

from course.plots.figure import Picture
from course.plots.play import Playground

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def playground():
    def draw(size, word):
        return Picture(1, 1, f"{word} {size:g}")

    controls = {"size": (0.0, 4.0, 0.5, 1.0), "word": ["cat", "mat"]}
    return Playground(draw, controls, {"size": "how much", "word": "which"})


def test_it_shows_controls_and_for_pages_without_widgets_the_picture_at_the_start(playground):
    shown = playground._repr_mimebundle_()
    assert set(shown) == {WIDGET, "text/html", "text/plain"}
    assert shown["text/plain"] == "cat 1"
    assert 'alt="cat 1"' in shown["text/html"]


def test_the_picture_follows_its_controls(playground):
    slider, choice, image = playground.box.children
    assert 'alt="cat 1"' in image.value
    slider.value = 2.5
    assert 'alt="cat 2.5"' in image.value
    choice.value = "mat"
    assert 'alt="mat 2.5"' in image.value


def test_without_ipywidgets_the_picture_stands_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    still = Playground(lambda size: Picture(1, 1, f"{size:g}"), {"size": (0, 4, 1, 2)}, {})
    assert still.box is None
    assert still._repr_mimebundle_()["text/plain"] == "2"


@pytest.mark.parametrize(
    ("control", "shown"),
    [((0.0, 4.0, 0.5, 1.0), ".1f"), ((100, 900, 100, 400), ".0f"), ((0.0, 0.5, 0.05, 0.1), ".2f")],
)
def test_a_slider_shows_as_many_digits_as_its_steps_have(control, shown):
    playground = Playground(
        lambda size: Picture(1, 1, f"{size:g}"), {"size": control}, {"size": ""}
    )
    assert playground.box.children[0].readout_format == shown
