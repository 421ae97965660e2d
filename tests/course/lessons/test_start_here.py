"""What lesson 00 quotes is what a student sees."""

import re
from importlib.resources import files

import numpy as np
import pytest
from keras import ops

from autograder.exercises.start import normalize_rows as exercise
from course.checking import CheckFailed, check
from course.plots import start as plots
from solutions.start import normalize_rows

LESSON = (files("course") / "lessons" / "00-start-here.md").read_text(encoding="utf-8")


def quoted(language):
    """The code blocks of a language that the lesson quotes, without their indentation."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```$", LESSON, re.MULTILINE | re.DOTALL)
    return [block.strip() for block in blocks]


def test_the_quoted_verdict_is_that_on_the_quoted_wrong_answer(capsys):
    (line,), (verdict,) = quoted("python"), quoted("text")
    names = {"ops": ops}
    exec(f"def normalize_rows(table):\n    {line}\n", names)
    with pytest.raises(CheckFailed) as failure:
        check("start.normalize_rows", names["normalize_rows"])
    assert str(failure.value) == verdict
    assert "✗ by hand: the votes of the lesson" in capsys.readouterr().out


def test_the_answer_passes_its_check(capsys):
    check("start.normalize_rows", normalize_rows)
    assert "✓ start.normalize_rows" in capsys.readouterr().out


def test_picture_check_and_text_show_the_same_votes():
    np.testing.assert_array_equal(plots.VOTES, exercise.VOTES)
    (votes,) = re.findall(r"^votes = ops\.array\((.*)\)$", LESSON, re.MULTILINE)
    np.testing.assert_array_equal(eval(votes), exercise.VOTES)


def test_the_shares_at_powers_zero_and_four_are_those_of_the_text():
    np.testing.assert_allclose(normalize_rows(exercise.VOTES**0), 0.25)
    sharp = ops.convert_to_numpy(normalize_rows(exercise.VOTES**4)).round(2)
    assert sharp[plots.FRENCH.index("dort"), plots.ENGLISH.index("sleeping")] == np.float32(0.88)
    assert sharp[plots.FRENCH.index("le"), plots.ENGLISH.index("the")] == np.float32(0.99)
    assert "At power 0 every vote counts the same and each share is 0.25." in LESSON
    assert "*dort* gives 0.88 to *sleeping*, and *le* gives 0.99 to *the*" in LESSON
