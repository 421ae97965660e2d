import base64
import re

import matplotlib

from course.plots.figure import STYLE, Picture, picture, weight_table


def test_a_notebook_gets_an_image_with_its_alt_text_and_a_terminal_the_text():
    shown = Picture(2, 1, "a < b & “c”")._repr_mimebundle_()
    assert shown["text/plain"] == "a < b & “c”"
    assert 'alt="a &lt; b &amp; “c”"' in shown["text/html"]
    assert 'width="200"' in shown["text/html"]
    data = base64.b64decode(re.search('base64,([^"]+)"', shown["text/html"])[1])
    assert data.startswith(b"\x89PNG")


def test_the_style_holds_inside_a_picture_and_nowhere_else():
    before = matplotlib.rcParams["axes.spines.top"]
    seen = picture(lambda: matplotlib.rcParams["axes.spines.top"])()
    assert seen is STYLE["axes.spines.top"] is False
    assert matplotlib.rcParams["axes.spines.top"] == before


def test_a_weight_is_written_in_ink_on_pale_and_in_white_on_dark():
    axes = Picture(2, 2, "two weights").subplots()
    weight_table(axes, [[0.1, 0.9]])
    assert [text.get_text() for text in axes.texts] == ["0.10", "0.90"]
    assert [text.get_color() == "white" for text in axes.texts] == [False, True]
