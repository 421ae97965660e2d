"""The toy translation: its sentences, what is right about them, and that it is learned."""

import keras
import numpy as np
import pytest
from keras import ops

from course.toys import translate
from course.toys.translator import Translator


def test_sentences_are_french():
    pairs = dict(translate.pairs())
    assert len(pairs) == len(translate.pairs()) == 160
    assert pairs["the cat sat"] == "le chat s'assit"
    assert pairs["the black cow slept"] == "la vache noire dormait"
    assert pairs["the white dog ran"] == "le chien blanc courait"


def test_every_word_has_one_id_and_the_specials_come_first():
    assert translate.WORDS[:3] == ["[PAD]", "[START]", "[END]"]
    assert len(set(translate.WORDS)) == len(translate.WORDS) == len(translate.IDS)
    words = {word for pair in translate.pairs() for text in pair for word in text.split()}
    assert words == set(translate.WORDS[3:])


def test_labels_are_the_target_one_place_on():
    inputs, labels = translate._batch([("the cat sat", "le chat s'assit")])
    target = [translate.WORDS[i] for i in inputs["target"][0]]
    assert target == ["[START]", "le", "chat", "s'assit", "[PAD]"]
    assert [translate.WORDS[i] for i in labels[0]] == ["le", "chat", "s'assit", "[END]", "[PAD]"]
    assert [translate.WORDS[i] for i in inputs["source"][0]][-2:] == ["[END]", "[PAD]"]


class Parrot(keras.Model):
    """Answer every position with the French word for the English word there, or with END."""

    def call(self, inputs):
        french = {"the": "la", "cow": "vache", "black": "noire", "slept": "dormait"}
        words = [translate.WORDS[i] for i in np.asarray(inputs["source"])[0]]
        ids = [translate.IDS[french.get(word, "[END]")] for word in words]
        return ops.one_hot(ops.array([ids]), len(translate.WORDS))


def test_writing_stops_at_end_and_goes_word_by_word():
    assert translate.write(Parrot(), ["the black cow slept"]) == ["la noire vache dormait"]
    assert translate.write(Parrot(), ["the cow slept"]) == ["la vache dormait"]


def test_the_model_sees_neither_the_future_nor_padding():
    keras.utils.set_random_seed(1)
    model = Translator(41, 8, 2, 6)
    source, target = np.array([[5, 6, 2, 0]]), np.array([[1, 20, 21]])
    before = ops.convert_to_numpy(model({"source": source, "target": target}))
    later = ops.convert_to_numpy(model({"source": source, "target": np.array([[1, 20, 30]])}))
    np.testing.assert_allclose(later[:, :2], before[:, :2], atol=1e-6)
    shorter = ops.convert_to_numpy(model({"source": source[:, :3], "target": target}))
    np.testing.assert_allclose(shorter, before, atol=1e-5)


@pytest.fixture
def short(monkeypatch):
    """A training of few steps."""
    monkeypatch.setattr(translate, "STEPS", 48)
    monkeypatch.setattr(translate, "ROUND", 24)


def test_it_learns_and_the_same_call_shows_the_same(short, capsys):
    result = translate.train()
    assert result.steps == [0, 24, 48]
    assert result.right[0] == 0.0
    assert result.right[-1] > 0.5
    assert len(result.examples) == translate.HELD_OUT
    trained = {english for english, _ in translate.pairs()} - {e[0] for e in result.examples}
    assert len(trained) == 128
    walk = result.trace("the cat sat", "le chat")
    assert (walk.source, walk.target) == (["the", "cat", "sat", "[END]"], ["[START]", "le", "chat"])
    assert len(walk.next_words(3)) == 3
    assert sum(share for _, share in walk.next_words(41)[0]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_all_of_it_is_right_in_the_end(seed):
    assert translate.train(seed=seed).right[-1] == 1.0
