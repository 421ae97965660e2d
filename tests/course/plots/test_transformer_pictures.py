"""The numbers in the pictures of lesson 07, and those that its text quotes."""

from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.plots import parameters
from course.toys import translate
from solutions.sizes import count_model_parameters, trace_shapes

LESSON = (files("course") / "lessons" / "07-encoder-decoder.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("sizes", [(6, 4, 2, 8), (37_000, 512, 6, 2048), (9, 10, 3, 11)])
def test_parts_add_up_to_the_exact_count(sizes):
    parts, counts = parameters.count_parts(*sizes), count_model_parameters(*sizes)
    layers = sizes[2]
    assert sum(parts.values()) == counts["model"]
    assert parts["self-attention"] == 2 * layers * counts["attention"]
    assert parts["cross-attention"] == layers * counts["attention"]
    assert parts["feed-forward"] == 2 * layers * counts["feed_forward"]
    assert parts["layer norms"] == 5 * layers * counts["norm"]


def test_the_shares_that_the_lesson_tells():
    parts = parameters.count_parts(**parameters.BASE)
    total = sum(parts.values())
    assert parts["feed-forward"] / total == pytest.approx(0.40, abs=5e-3)
    assert parts["embedding"] / total == pytest.approx(0.30, abs=5e-3)
    attention = parts["self-attention"] + parts["cross-attention"]
    assert attention / total == pytest.approx(0.30, abs=5e-3)
    counts = count_model_parameters(37_000, 512, 6, 2048)
    assert counts["feed_forward"] / counts["encoder_block"] == pytest.approx(2 / 3, abs=5e-3)
    assert counts["feed_forward"] / counts["decoder_block"] == pytest.approx(1 / 2, abs=5e-3)
    assert "The feed-forward networks are 40 % of the base model, the table 30 %" in LESSON


def test_the_counts_that_the_lesson_tells():
    for biases in (False, True):
        for d_model in (512, 1024):
            counts = count_model_parameters(37_000, d_model, 6, 4 * d_model, biases)
            assert f"{counts['model']:,}" in LESSON
    assert "124,439,808 is exactly" in LESSON


def test_the_vocabularies_of_the_riddle():
    assert parameters.vocabulary_of("base") == pytest.approx(40_800, abs=50)
    assert parameters.vocabulary_of("big") == pytest.approx(35_860, abs=10)
    for name, low, high in (("base", "39,840", "41,790"), ("big", "35,370", "36,340")):
        for text, step in ((low, -5e5), (high, 5e5)):
            fits = parameters.vocabulary_of(name, parameters.PRINTED[name] + step)
            assert fits == pytest.approx(int(text.replace(",", "")), abs=6)
            assert text in LESSON


def test_the_slider_moves_the_count():
    play = plots.play_with_sizes()
    assert "63,045,632 weights" in play.still().alt
    assert "214,171,648 weights" in play.draw(width=1024.0, layers=6.0, vocabulary=37.0).alt


def test_the_walk_has_the_shapes_of_the_lesson():
    model = translate.Translator(len(translate.WORDS), 32, 4, 64)
    walk = translate.Result(model, [0]).trace("the cat sat", "le chat")
    shapes = {name: array.shape for name, array in walk.arrays.items()}
    expected = trace_shapes(1, 4, 3, len(translate.WORDS), 32, 4, 64)
    for name, shape in shapes.items():
        if name != "probabilities":
            assert shape == expected[name.replace(" ", "_")], name
    np.testing.assert_allclose(walk.arrays["probabilities"].sum(axis=-1), 1.0, atol=1e-5)
    assert "V = 41" in LESSON
    assert len(translate.WORDS) == 41


def test_the_pencil_s_variance_of_a_stack():
    assert np.sqrt(1 + 2 * 6) == pytest.approx(3.6, abs=0.01)
    assert r"$\sqrt{13} = 3.6$" in LESSON
