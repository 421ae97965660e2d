import numpy as np
import pytest
from keras import ops

from course.data.characters import END, START, Pairs
from course.data.dates import DATES
from course.training.exam import BATCH, Exam, GreedyWriter, exact_match
from course.training.weights import load_weights, read_weights
from solutions.transformer import Transformer
from tests.course.training.models import COPY, LETTERS, Copier, Forgetful, Leaky, draw
from tests.course.training.trained import DATES as TRAINED

WORDS = draw("test", 40, seed=1)


def test_a_model_that_copies_is_always_right():
    exam = Exam(Copier(), COPY)
    assert exam.answers(WORDS) == WORDS.targets
    assert exam.exact_match(WORDS) == 1.0
    assert exam.token_accuracy(WORDS) == 1.0


def test_a_mistake_costs_the_whole_word_and_one_token():
    exam = Exam(Forgetful(), COPY)
    wrong = [word for word in WORDS.sources if "b" in word]
    tokens = sum(len(word) + 1 for word in WORDS.sources)  # END is one
    assert exam.exact_match(WORDS) == pytest.approx(1 - len(wrong) / 40)
    assert exam.token_accuracy(WORDS) == pytest.approx(1 - "".join(wrong).count("b") / tokens)


def test_a_leak_is_perfect_when_told_and_nothing_alone():
    exam = Exam(Leaky(), COPY)
    assert exam.token_accuracy(WORDS) == 1.0
    assert exam.exact_match(WORDS) == 0.0
    assert exam.answers(WORDS) == [""] * 40


def test_more_pairs_than_a_batch_and_a_rest():
    many = draw("test", 2 * BATCH + 3, seed=2)
    exam = Exam(Copier(), COPY)
    assert exam.answers(many) == many.targets
    assert exam.token_accuracy(many) == 1.0


def test_a_single_pair():
    assert Exam(Copier(), COPY).answers(Pairs(["fade"], ["fade"])) == ["fade"]


def test_the_writer_is_the_loop_that_everybody_writes():
    """One token after the other, in plain Python, by a Transformer that learned to write dates."""
    value = read_weights(TRAINED.right)
    model = Transformer(len(DATES.characters), **value["model"])
    model.build({"source": (None, 36), "target": (None, 11)})
    load_weights(model, value["weights"])
    source = DATES.sources(DATES.draw("test", 5, seed=3))
    written = GreedyWriter(model, 11).predict(source, verbose=0)
    known = np.full((5, 1), START)
    for _ in range(11):
        logits = ops.convert_to_numpy(model({"source": source, "target": known}))
        known = np.concatenate([known, logits[:, -1:].argmax(-1)], axis=1)
    np.testing.assert_array_equal(written, known[:, 1:])
    assert DATES.characters.decode(written[0]) == DATES.draw("test", 5, seed=3).targets[0]


def test_what_stands_behind_the_end_does_not_count():
    assert LETTERS.decode([4, 5, END, 6, 6]) == "ab"
    assert exact_match(["ab", "ba", "a"], ["ab", "ab", "ab"]) == pytest.approx(1 / 3)
