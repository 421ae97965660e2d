"""The decoder that is trained: one's own where it is right, else the course's."""

import pytest

from course import given
from course.training.decoder import choose_decoder
from solutions import modern_decoder


class Right(modern_decoder.DecoderOnly):
    """Somebody's own."""


class Wrong(modern_decoder.DecoderOnly):
    def call(self, ids, positions=None, cache=None):
        logits, cache = super().call(ids, positions=positions, cache=cache)
        return 2.0 * logits, cache


class Unanswered(modern_decoder.DecoderOnly):
    def build(self, ids_shape):
        raise NotImplementedError()


def test_a_right_one_is_taken(capsys):
    assert choose_decoder(Right) is Right
    assert "Your own `DecoderOnly`: its check is passed." in capsys.readouterr().out


@pytest.mark.parametrize("own", [Wrong, Unanswered, None, "language.npz"])
def test_instead_of_another_the_course_s_is_taken(own, capsys):
    assert choose_decoder(own) is modern_decoder.DecoderOnly
    assert "since yours does not pass its check yet" in capsys.readouterr().out


@pytest.mark.parametrize("own", [Wrong, Unanswered])
def test_in_a_class_that_is_not_given_yet_there_is_none(own, capsys, monkeypatch):
    monkeypatch.setattr(given, "_places", dict)
    assert choose_decoder(own) is None
    assert 'pass its check first, `check("modern.decoder_only", DecoderOnly)`.' in (
        capsys.readouterr().out
    )
