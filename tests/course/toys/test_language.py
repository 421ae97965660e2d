import math

import keras
import numpy as np
import pytest
from keras import ops

from course.data.pydoc_text import unigram_entropy
from course.toys import language
from solutions.modern_decoder import DecoderOnly


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(language, "STEPS", 4)
    monkeypatch.setattr(language, "ROUND", 2)
    monkeypatch.setattr(language, "BATCH", 4)


def small(**options):
    return DecoderOnly(language.corpus().vocabulary_size, 16, 2, 4, 2, 16, **options)


def test_the_corpus_is_the_text_in_pieces():
    corpus = language.corpus()
    assert corpus is language.corpus()
    assert len(corpus.train) > 5 * len(corpus.held_out) > 20_000
    assert max(corpus.train.max(), corpus.held_out.max()) < corpus.vocabulary_size


@pytest.mark.parametrize("own", [False, True])
def test_a_model_of_keras_and_one_of_a_student_are_trained_and_write(few_steps, capsys, own):
    result = language.train(small() if own else None)
    assert result.steps == [0, 2, 4]
    assert len(result.losses) == 3
    assert np.isfinite(result.losses).all()
    assert result.unigram == unigram_entropy(language.corpus().held_out)
    assert result.uniform == math.log(language.corpus().vocabulary_size)
    assert result.sample.startswith(language.PROMPT)
    assert len(result.sample) > len(language.PROMPT)
    assert "Training: " in capsys.readouterr().out
    assert f"{result.losses[-1]:.2f} nats a piece\nunigram entropy" in str(result)


def test_what_is_predicted_is_the_next_piece():
    ids = np.arange(500)
    x, y = language._draw(ids, 3, np.random.default_rng(0))
    assert x.shape == y.shape == (3 * language.BATCH, language.LENGTH)
    np.testing.assert_array_equal(y, x + 1)
    x, y = language._cut(ids)
    np.testing.assert_array_equal(y, x + 1)
    assert x.reshape(-1).tolist() == list(range(len(x) * language.LENGTH))


def test_writing_with_a_cache_is_writing_without_one():
    """The same model twice: once as it is, once behind a door that lets no cache through."""
    keras.utils.set_random_seed(2)
    model = small()

    class Forgetful(keras.layers.Layer):
        def call(self, ids):
            return model(ids)[0]

    texts = [
        language.write(layer, "The del statement", np.random.default_rng(5), temperature=0.3)
        for layer in (model, Forgetful())
    ]
    assert texts[0] == texts[1]
    assert len(language.corpus().pieces.encode(texts[0])) <= language.LENGTH


def test_the_model_of_keras_is_causal_and_has_one_table():
    keras.utils.set_random_seed(3)
    vocabulary = language.corpus().vocabulary_size
    layer = language._Keras(vocabulary)
    ids = np.random.default_rng(0).integers(0, vocabulary, (2, 9))
    changed = ids.copy()
    changed[:, 5:] = (changed[:, 5:] + 1) % vocabulary
    one, other = (ops.convert_to_numpy(layer(some)) for some in (ids, changed))
    assert one.shape == (2, 9, vocabulary)
    np.testing.assert_allclose(one[:, :5], other[:, :5], atol=1e-5)
    assert np.abs(one - other)[:, 5:].max() > 0.1
    assert sum(vocabulary in weight.shape for weight in layer.trainable_weights) == 1


@pytest.mark.exhaustive
def test_a_model_of_either_kind_learns_from_context(capsys):
    vocabulary = language.corpus().vocabulary_size
    learned, turned = (
        language.train(layer).losses[-1]
        for layer in (None, DecoderOnly(vocabulary, 96, 3, 4, 2, 256))
    )
    unigram = unigram_entropy(language.corpus().held_out)
    assert learned < unigram - 1.3
    assert turned < learned - 0.05
