"""A training of a language model around the function of a student, and what it writes."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from course.data.pydoc_pieces import DOCUMENTATION, corpus
from course.training import nats
from course.training.kinds import DECODER
from course.training.language import PROMPT, Recipe, marks, train, write
from course.training.weights import read_weights
from solutions.language import fit_language_model
from solutions.modern_decoder import DecoderOnly

TINY = replace(
    Recipe(), d_model=16, num_layers=1, num_groups=1, d_ff=16, batch_size=4, steps=4, round_steps=2,
    warmup_steps=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def layer():
    keras.utils.set_random_seed(2)
    layer = DecoderOnly(corpus().vocabulary_size, **TINY.sizes)
    layer.build((None, nats.LENGTH))
    return layer


def test_the_reference_is_trained_measured_and_kept(tmp_path, capsys):
    path = tmp_path / "language.npz"
    layer, history = train(fit_language_model, DecoderOnly, TINY, path=path)
    assert [round["step"] for round in history] == [0, 2, 4]
    assert all("loss" in round for round in history[1:])
    windows = nats.cut(corpus().visible)
    assert history[-1]["nats"] == pytest.approx(nats.measure(layer, windows).next, abs=1e-5)
    assert "Training: 4 of 4" in capsys.readouterr().out
    saved = read_weights(path, DECODER, DOCUMENTATION)
    assert saved["model"] == {**TINY.sizes, "parallel": False}
    np.testing.assert_array_equal(saved["weights"]["embedding.table"], layer.embedding.table)


def test_the_same_seed_gives_the_same_training():
    one, same, other = (
        train(fit_language_model, DecoderOnly, TINY, seed=seed)[1] for seed in (4, 4, 5)
    )
    assert one == same
    assert one[-1]["nats"] != other[-1]["nats"]


def unanswered(model, ids, budget, callbacks=()):
    raise NotImplementedError()


class Unanswered(DecoderOnly):
    def build(self, ids_shape):
        raise NotImplementedError()


@pytest.mark.parametrize(
    ("fit", "decoder", "place"),
    [
        (unanswered, DecoderOnly, "`unanswered`"),
        (fit_language_model, Unanswered, "`Unanswered.build`"),
    ],
)
def test_what_is_not_answered_is_named(capsys, tmp_path, fit, decoder, place):
    path = tmp_path / "language.npz"
    assert train(fit, decoder, TINY, path=path) == (None, [])
    assert f"{place} is not answered yet: nothing was trained." in capsys.readouterr().out
    assert not path.exists()


def test_without_a_decoder_nothing_is_trained():
    assert train(unanswered, None) == (None, [])


def test_a_recipe_holds_whole_rounds():
    recipe = Recipe()
    assert recipe.rounds * recipe.round_steps == recipe.steps
    assert recipe.sizes.keys() == DECODER.sizes.keys()
    assert DECODER.fits(recipe.sizes)


def test_windows_are_drawn_from_all_of_the_text():
    """The reference's: what is asked for is what follows, and no place is left out."""
    ids, given = np.arange(70), {}
    budget = replace(TINY, steps=200, length=64)
    recording = lambda inputs, labels, **options: given.update(options, x=inputs, y=labels)  # noqa: E731
    model = keras.Sequential([keras.layers.Embedding(70, 70)])
    model.fit = recording
    fit_language_model(model, ids, budget, callbacks=["seen"])
    assert given["x"].shape == given["y"].shape == (800, 64)
    np.testing.assert_array_equal(given["y"], given["x"] + 1)
    assert {*given["x"][:, 0]} == {0, 1, 2, 3, 4, 5}
    assert (given["epochs"], given["steps_per_epoch"], given["callbacks"]) == (100, 2, ["seen"])
    assert model.loss.from_logits


def test_the_marks_are_those_of_what_is_measured():
    found = marks()
    asked = nats.measure(lambda ids: np.zeros((*ids.shape, 504)), nats.cut(corpus().visible))
    assert found["unigram"] == asked.unigram
    assert found["uniform"] == pytest.approx(asked.next) == np.log(corpus().vocabulary_size)


def test_writing_with_a_cache_is_writing_without_one(layer):
    def forgetful(ids):
        return layer(ids)[0]

    texts = [write(model, PROMPT, seed=5, temperature=0.3) for model in (layer, forgetful)]
    assert texts[0] == texts[1]
    assert texts[0].startswith(PROMPT)
    assert len(corpus().pieces.encode(texts[0])) <= nats.LENGTH
    assert texts[0] != write(layer, PROMPT, seed=6, temperature=0.3)


def test_each_piece_is_read_once_where_there_is_a_cache(layer):
    lengths = []

    def reading(ids, **options):
        lengths.append(ids.shape[1])
        return layer(ids, **options)

    write(reading, PROMPT, length=20)
    assert lengths == [lengths[0]] + [1] * (19 - lengths[0])


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_recipe_reaches_its_target(seed):
    from course.checking.trained_language import BANDS

    layer, _ = train(fit_language_model, DecoderOnly, seed=seed)
    rng = np.random.default_rng(seed)
    for part in (corpus().visible, corpus().hidden):
        assert nats.measure(layer, nats.draw(part, 600, rng)).below > max(BANDS.values()) + 0.1
