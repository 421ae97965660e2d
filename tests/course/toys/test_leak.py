import numpy as np
import pytest

from course.toys import leak
from solutions.masking import causal_mask


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(leak, "STEPS", 4)
    monkeypatch.setattr(leak, "ROUND", 2)
    monkeypatch.setattr(leak, "HELD_OUT", 10)


def test_the_text_is_small_letters_and_its_end_is_held_out():
    text = leak.text()
    assert len(text) > 100_000
    assert set(text) <= set(range(len(leak.LETTERS)))
    border = len(text) * 9 // 10
    windows = leak.draw(50, np.random.default_rng(0), held_out=True)
    assert windows.shape == (50, leak.LENGTH + 1)
    end = "".join(map(chr, text[border:]))
    start = "".join(map(chr, text[:border]))
    assert all("".join(map(chr, window)) in end for window in windows)
    trained = leak.draw(50, np.random.default_rng(0))
    assert all("".join(map(chr, window)) in start for window in trained)


@pytest.mark.parametrize("mask", [None, causal_mask])
def test_it_trains_with_a_mask_of_the_student_s_and_without(few_steps, capsys, mask):
    result = leak.train(mask)
    assert result.names == (["yours"] if mask else ["no mask", "causal mask"])
    assert result.steps == [0, 2, 4]
    for seen, alone in zip(result.seen, result.alone, strict=True):
        assert len(seen) == len(alone) == 3
        assert seen[0] == pytest.approx(np.log(30), abs=0.3)
    np.testing.assert_allclose(result.seen[-1], result.alone[-1], atol=1e-5)  # the causal one
    for text in result.texts:
        assert text.startswith(leak.START)
        assert len(text) == len(leak.START) + 60
    assert "Training: " in capsys.readouterr().out


def test_the_right_mask_and_none():
    np.testing.assert_array_equal(leak.causal(5), causal_mask(5))
    assert leak.none(5).shape == (1, 5, 5)
    assert leak.none(5).all()


@pytest.mark.exhaustive
def test_a_leak_makes_training_perfect_and_the_model_useless(capsys):
    result = leak.train()
    leaking, honest = result.accuracy
    assert leaking[0] > 0.99
    assert leaking[1] < 0.15
    assert result.seen[0][-1] < 0.02
    assert result.alone[0][-1] > np.log(30)
    assert honest[0] == honest[1] > 0.4
    assert result.seen[1][-1] < 2.0
