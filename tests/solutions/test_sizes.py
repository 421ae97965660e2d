"""Lesson 07: exact counts and shapes, against models that are made, Keras, and numbers known."""

import doctest
import time

import keras
import numpy as np
import pytest
from keras import ops

from solutions import sizes
from solutions.multihead import MultiHeadAttention
from solutions.sizes import count_model_parameters, trace_shapes
from solutions.transformer import Transformer

BASE = {"vocabulary_size": 37_000, "d_model": 512, "num_layers": 6, "hidden_dim": 2048}
BIG = {"vocabulary_size": 37_000, "d_model": 1024, "num_layers": 6, "hidden_dim": 4096}


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(sizes)
    assert result.attempted >= 3
    assert result.failed == 0


@pytest.mark.parametrize(
    ("model", "biases", "count"),
    [
        (BASE, False, 63_045_632),
        (BASE, True, 63_082_496),
        (BIG, False, 214_171_648),
        (BIG, True, 214_245_376),
    ],
)
def test_the_counts_of_the_paper_s_models(model, biases, count):
    assert count_model_parameters(**model, biases=biases)["model"] == count


def test_the_count_of_gpt_2_small():
    counts = count_model_parameters(50_257, 768, 12, 3072, biases=True)
    total = counts["embedding"] + 1024 * 768 + 12 * counts["encoder_block"] + counts["norm"]
    assert total == 124_439_808


def test_a_model_small_enough_for_a_pencil():
    assert count_model_parameters(6, d_model=4, num_layers=2, hidden_dim=8) == {
        "attention": 64, "feed_forward": 76, "norm": 8, "encoder_block": 156,
        "decoder_block": 228, "embedding": 24, "model": 792,
    }  # fmt: skip


def test_no_vocabulary_gives_both_printed_totals():
    def fitting(model, millions):
        """The vocabularies whose total rounds to what table 3 prints."""
        bare = count_model_parameters(**{**model, "vocabulary_size": 0})["model"]
        ends = [(1e6 * (millions + half) - bare) / model["d_model"] for half in (-0.5, 0.5)]
        return [round(end) for end in ends]

    base, big = fitting(BASE, 65), fitting(BIG, 213)
    assert sum(base) / 2 == pytest.approx(40_817, abs=1)
    assert sum(big) / 2 == pytest.approx(35_856, abs=1)
    assert big[1] < base[0]


@pytest.mark.parametrize(("width", "layers", "heads", "hidden"), [(6, 1, 3, 5), (8, 3, 2, 9)])
def test_counts_are_those_of_the_model(width, layers, heads, hidden):
    model = Transformer(11, width, layers, heads, hidden)
    model.build({"source": (None, None), "target": (None, None)})
    counts = count_model_parameters(11, width, layers, hidden)
    assert model.count_params() == counts["model"]
    block = model.decoder.blocks[0]
    assert block.attention.count_params() == counts["attention"]
    assert block.feed_forward.count_params() == counts["feed_forward"]
    assert block.attention_residual.count_params() == counts["norm"]
    assert block.count_params() == counts["decoder_block"]
    assert model.encoder.blocks[0].count_params() == counts["encoder_block"]
    assert model.embedding.count_params() == counts["embedding"]


@pytest.mark.parametrize("biases", [False, True])
def test_blocks_count_as_keras_own_layers_do(biases):
    """A decoder block of Keras' layers in a functional model, of the paper's base size."""
    x, source = keras.Input((None, 512)), keras.Input((None, 512))
    y = x
    for value in (x, source):
        attention = keras.layers.MultiHeadAttention(8, 64, use_bias=biases)
        y = keras.layers.LayerNormalization()(y + attention(y, value))
    inside = keras.layers.Dense(2048, activation="relu")(y)
    y = keras.layers.LayerNormalization()(y + keras.layers.Dense(512)(inside))
    counts = count_model_parameters(**BASE, biases=biases)
    assert keras.Model([x, source], y).count_params() == counts["decoder_block"]


def test_shapes_are_those_that_a_model_makes(monkeypatch):
    batch, source, target, width, heads, hidden = 2, 5, 7, 12, 3, 20
    model = Transformer(11, width, 1, heads, hidden)
    seen = {}
    inputs = {"source": np.ones((batch, source), "int32"), "target": np.ones((batch, target), int)}
    call = MultiHeadAttention.call

    def watched(self, query, value, attention_mask=None, return_weights=False):
        output, weights = call(self, query, value, attention_mask, return_weights=True)
        seen[id(self)] = (tuple(weights.shape), tuple(attention_mask.shape))
        return output

    monkeypatch.setattr(MultiHeadAttention, "call", watched)
    logits = model(inputs)
    shapes = trace_shapes(batch, source, target, 11, width, heads, hidden)
    [encoder], [decoder] = model.encoder.blocks, model.decoder.blocks
    assert seen[id(encoder.attention)] == (shapes["encoder_weights"], shapes["source_mask"])
    assert seen[id(decoder.attention)] == (shapes["decoder_weights"], shapes["target_mask"])
    cross = seen[id(decoder.cross_attention.attention)]
    assert cross == (shapes["cross_weights"], shapes["source_mask"])
    encoded = model.encode(ops.convert_to_tensor(inputs["source"]))
    assert tuple(encoder.feed_forward.expand(encoded).shape) == shapes["encoder_hidden"]
    assert tuple(encoded.shape) == shapes["encoded"] == shapes["embedded_source"]
    assert tuple(logits.shape) == shapes["logits"]
    assert shapes["cross_keys"] == (batch, heads, source, width // heads)
    assert len(shapes) == 14


@pytest.mark.exhaustive
def test_the_paper_s_base_model_is_built_saved_loaded_and_run(tmp_path):
    keras.utils.set_random_seed(7)
    model = Transformer(**BASE, num_heads=8, dropout=0.1)
    rng = np.random.default_rng(7)
    inputs = {
        "source": rng.integers(4, 37_000, (4, 25)),
        "target": rng.integers(4, 37_000, (4, 24)),
    }
    start = time.perf_counter()
    expected = ops.convert_to_numpy(model(inputs))
    built = time.perf_counter() - start
    assert model.count_params() == 63_045_632
    assert expected.shape == (4, 24, 37_000)
    model.save(tmp_path / "base.keras")
    again = keras.models.load_model(tmp_path / "base.keras")
    np.testing.assert_array_equal(ops.convert_to_numpy(again(inputs)), expected)
    print(f"built and run in {built:.1f} s, all in {time.perf_counter() - start:.1f} s")
