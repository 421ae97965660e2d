import numpy as np
import pytest

from course.toys import backwards
from solutions.blocks import DecoderBlock


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(backwards, "STEPS", 4)
    monkeypatch.setattr(backwards, "ROUND", 2)
    monkeypatch.setattr(backwards, "HELD_OUT", 6)


def test_a_model_is_given_what_was_written_before_each_letter():
    words = np.array([[0, 1, 2, 3, 4, 5, 6, 7]], "int32")
    source, before = backwards._inputs(words)
    assert source is words
    assert before.tolist() == [[backwards.START, 7, 6, 5, 4, 3, 2, 1]]
    assert backwards.text(words[0]) == "abcdefgh"


def test_words_are_letters_of_the_alphabet():
    words = backwards.draw(100, np.random.default_rng(0))
    assert words.shape == (100, backwards.LENGTH)
    assert set(words.ravel()) == set(range(backwards.LETTERS))


class Reverser:
    """A model that knows the task: it names the letter that is due at each place."""

    def predict_on_batch(self, inputs):
        words, _ = inputs
        return np.eye(backwards.LETTERS)[words[:, ::-1]]


class Copier(Reverser):
    """A model that repeats what was written before: on its own it never gets anywhere."""

    def predict_on_batch(self, inputs):
        _, before = inputs
        return np.eye(backwards.LETTERS + 1)[before]


def test_a_word_counts_only_if_the_model_wrote_all_of_it_on_its_own():
    words = backwards.draw(20, np.random.default_rng(1))
    assert backwards._accuracy(Reverser(), words) == 1.0
    assert backwards._accuracy(Copier(), words) == 0.0
    np.testing.assert_array_equal(backwards.write(Reverser(), words), words[:, ::-1])


def test_a_changed_letter_moves_the_one_that_mirrors_it():
    words = backwards.draw(20, np.random.default_rng(1))
    moved = backwards._moved(Reverser(), words, np.random.default_rng(2))
    np.testing.assert_array_equal(moved, np.eye(backwards.LENGTH)[::-1])


@pytest.mark.parametrize("block", [None, DecoderBlock(num_heads=2, hidden_dim=5)])
def test_stacks_of_keras_and_a_student_s_block_are_trained(few_steps, capsys, block):
    result = backwards.train(block)
    assert result.names == (["yours"] if block else list(backwards.STACKS))
    assert result.steps == [0, 2, 4]
    assert [len(accuracy) for accuracy in result.accuracy] == [3] * len(result.names)
    assert [len(word) for word in result.words + result.written] == [backwards.LENGTH] * 10
    assert result.moved.shape == (backwards.LENGTH, backwards.LENGTH)
    assert "Training: " in capsys.readouterr().out


@pytest.mark.exhaustive
def test_three_blocks_need_their_residual_connections_and_one_does_not(capsys):
    one, three, whole = backwards.train().accuracy
    assert one[-1] >= 0.99
    assert max(three) == 0.0
    assert whole[-1] >= 0.95


@pytest.mark.exhaustive
def test_the_block_of_the_lesson_learns_the_task(capsys):
    result = backwards.train(DecoderBlock(num_heads=4, hidden_dim=64))
    assert result.accuracy[0][-1] >= 0.99
    assert result.written == [word[::-1] for word in result.words]
