"""What the capstone measures of a model: seen and unseen pairs, cross-attention, a beam."""

import math
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from keras import ops

from course.data.characters import END
from course.training.beam import beam_answers
from course.training.budget import BUDGETS, FEW, LONGEST_TRAINING, sentence_budget
from course.training.crossing import cross_weights
from course.training.exam import Exam
from course.training.seen import SeenAndUnseen
from solutions.multihead import MultiHeadAttention
from solutions.transformer import Transformer
from tests.course.training.models import COPY, Copier, draw


@pytest.fixture(scope="module")
def transformer():
    keras.utils.set_random_seed(4)
    model = Transformer(len(COPY.characters), d_model=8, num_layers=2, num_heads=2, hidden_dim=12)
    model.build({"source": (None, COPY.source_length), "target": (None, COPY.target_length - 1)})
    return model


def test_the_loss_is_keras_own(transformer):
    watched = SeenAndUnseen(COPY, count=9)
    watched.set_model(transformer)
    pairs = draw("test", 9, seed=2)
    targets = COPY.targets(pairs)
    logits = transformer({"source": COPY.sources(pairs), "target": targets[:, :-1]})
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    expected = ops.convert_to_numpy(loss(targets[:, 1:], logits))
    assert watched.loss(pairs) == pytest.approx(float(expected), abs=1e-5)


def test_who_knows_nothing_is_at_ln_v(transformer):
    class Nothing(Copier):
        def decode(self, target, encoded, source):
            return ops.zeros((*target.shape, len(COPY.characters)))

    watched = SeenAndUnseen(COPY, count=9)
    watched.set_model(Nothing())
    assert watched.loss(draw("test", 5)) == pytest.approx(math.log(len(COPY.characters)), abs=1e-5)


def test_each_epoch_is_measured_on_both(transformer):
    watched = SeenAndUnseen(COPY, count=9, seed=3)
    transformer.optimizer = SimpleNamespace(iterations=7)
    watched.set_model(transformer)
    watched.on_epoch_end(0)
    seen, unseen = (watched.loss(COPY.draw(split, 9, 3)) for split in ("training", "validation"))
    assert watched.history == [{"step": 7, "seen": seen, "unseen": unseen}]


def test_cross_attention_is_that_of_the_last_block(transformer, monkeypatch):
    """The weights are those of a second call with what the decoder called it with."""
    source, target = COPY.characters.encode("fade"), COPY.characters.encode("dead")
    attention = transformer.decoder.blocks[-1].cross_attention.attention
    weights = cross_weights(transformer, source, target)
    assert "call" not in vars(attention)  # as it was
    assert weights.shape == (5, 4)
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, rtol=1e-5)
    asked, plain = [], MultiHeadAttention.call

    def spying(layer, *args, **kwargs):
        asked.append((layer, args, kwargs))
        return plain(layer, *args, **kwargs)

    monkeypatch.setattr(MultiHeadAttention, "call", spying)
    ids = ops.array([[1, *target]])
    transformer.decode(ids, transformer.encode(ops.array([source])), ops.array([source]))
    [(args, kwargs)] = [call[1:] for call in asked if call[0] is attention]
    _, again = plain(attention, *args, **kwargs, return_weights=True)
    np.testing.assert_allclose(weights, ops.convert_to_numpy(again)[0].mean(axis=0), atol=1e-6)
    assert np.ptp(weights, axis=-1).max() > 1e-3  # not the same for all: there is something to see


def test_an_empty_source_is_an_error(transformer):
    with pytest.raises(ValueError, match=r"must hold an id at least. Received: none"):
        cross_weights(transformer, [], [5])


def greedy(model, start, beam_width, max_length):
    """A search of width one; it asks for two beginnings, as a beam does."""
    ids = list(start)
    while len(ids) <= max_length and ids[-1] != END:
        logits = ops.convert_to_numpy(model(ops.array([ids, ids])))
        np.testing.assert_allclose(logits[0], logits[1], atol=1e-5)
        ids.append(int(logits[0, -1].argmax()))
    return ids[len(start) :], 0.0


def test_a_beam_of_one_is_greedy(transformer):
    pairs = draw("test", 3, seed=1)
    written = beam_answers(transformer, COPY, pairs, greedy, beam_width=1)
    assert written == Exam(transformer, COPY).answers(pairs)
    assert beam_answers(Copier(), COPY, pairs, greedy) == pairs.targets


def test_budgets_of_sentences_hold_whole_rounds(capsys):
    for count in (1, 33, FEW - 1, FEW, 27_001, 10**6):
        budget = sentence_budget(count)
        assert budget.rounds * budget.round_steps == budget.steps <= LONGEST_TRAINING
        assert budget.warmup_steps < budget.steps
        assert budget.batch_size <= max(count, 1)
        assert budget.d_model == (64 if count < FEW else 128)
    assert "not measured by us" in capsys.readouterr().out
    assert sentence_budget(33).precision == BUDGETS["CPU"].precision
    with pytest.raises(ValueError, match=r"at least 1. Received: 0"):
        sentence_budget(0)
