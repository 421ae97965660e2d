import numpy as np
import pytest

from course import plots

HISTORY = [{"step": 30, "seen": 3.5, "unseen": 4.5}, {"step": 60, "seen": 0.5, "unseen": 5.25}]


def test_both_curves_are_drawn_and_told():
    picture = plots.seen_and_unseen(HISTORY)
    seen, unseen = (line.get_xydata().tolist() for line in picture.axes[0].lines)
    assert seen == [[30, 3.5], [60, 0.5]]
    assert unseen == [[30, 4.5], [60, 5.25]]
    assert "Step 60: 0.50 and 5.25." in picture.alt
    assert "none measured yet" in plots.seen_and_unseen([]).alt


def test_a_row_is_a_piece_that_was_written():
    weights = np.array([[0.75, 0.25], [0.1, 0.9], [0.5, 0.5]])
    picture = plots.sentence_alignment(weights, ["the", " cat"], ["le", " chat"])
    axes = picture.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["le", "␣chat", "END"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["the", "␣cat"]
    np.testing.assert_array_equal(axes.images[0].get_array(), weights)
    assert "“ chat” most at “ cat”, 0.90" in picture.alt


def test_a_dollar_is_no_mathematics():
    picture = plots.sentence_alignment(np.ones((2, 1)), ["$5"], ["5$"])
    assert [label.get_text() for label in picture.axes[0].get_xticklabels()] == [r"\$5"]
    assert picture.to_html().startswith("<img")  # drawn: an odd dollar is an error otherwise


def test_weights_of_another_sentence_are_an_error():
    with pytest.raises(ValueError, match=r"must have shape \(3, 2\).* Received: \(2, 2\)"):
        plots.sentence_alignment(np.ones((2, 2)), ["a", "b"], ["c", "d"])
