"""Lesson 01 against PyTorch, tokenizers, Keras' own layer, NumPy in float64 and hand numbers."""

import doctest
import math
import re
from functools import reduce
from itertools import pairwise

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from solutions import embedding
from solutions.embedding import TokenEmbedding, Vocabulary, merge_pair, train_bpe
from tests.solutions.values import close, stored

B, T, V, D_MODEL = 2, 5, 11, 6
ORACLES = stored("embedding")
PAPER = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
ROSE = "a rose is a rose is a rose"
PLANE = np.array([[1, 1], [1, 9], [5, 1], [5, 8], [9, 0]], "float32")  # man woman king queen crown


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def rose():
    vocabulary = Vocabulary()
    vocabulary.build([ROSE])
    return vocabulary


def layer_of(table, **options):
    layer = TokenEmbedding(*table.shape, **options)
    layer.build((None, None))
    layer.set_weights([table.astype("float32")])
    return layer


def bpe_by_text(words, num_merges):
    """The paper's way: words as texts with spaces between tokens, and a pattern for the pair."""
    texts, merges = [" ".join(word) for word in words], []
    for _ in range(num_merges):
        pairs = [tuple(p) for text in texts for p in pairwise(text.split())]
        if not pairs:
            break
        most = max(pairs.count(pair) for pair in set(pairs))
        left, right = next(pair for pair in pairs if pairs.count(pair) == most)
        pattern = rf"(?<!\S){re.escape(f'{left} {right}')}(?!\S)"
        texts = [re.sub(pattern, left + right, text) for text in texts]
        merges.append((left, right))
    return merges


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(embedding)
    assert result.attempted > 10
    assert result.failed == 0


def test_a_rose_by_hand(rose):
    assert rose.tokens == ["[PAD]", "[START]", "[END]", "[UNK]", " rose", " is", " a", "a"]
    ids = rose.encode("a rose is a tulip")
    assert ids == [1, 7, 4, 5, 6, 3, 2]
    assert rose.pad(ids, 9) == [*ids, 0, 0]
    assert rose.decode(rose.pad(ids, 9)) == "a rose is a[UNK]"


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_any_text_that_was_counted_comes_back(texts):
    vocabulary = Vocabulary()
    vocabulary.build(texts)
    for text in texts:
        assert vocabulary.decode(vocabulary.encode(text)) == text


def test_only_the_most_frequent_words_have_ids(rose):
    small = Vocabulary(max_words=2)
    small.build([ROSE])
    assert small.tokens == rose.tokens[:6]
    assert small.decode(small.encode("a rose")) == "[UNK] rose"


@pytest.mark.parametrize("number", [-1, 8, 100])
def test_an_id_that_no_token_has_is_refused(rose, number):
    with pytest.raises(ValueError, match=rf"in 0 to 7. Received: {number}"):
        rose.decode([1, number, 2])


def test_a_text_is_not_cut_off(rose):
    with pytest.raises(ValueError, match=r"at least 3\. Received: length=2"):
        rose.pad([1, 4, 2], 2)


def test_nothing_is_encoded_as_start_and_end(rose):
    assert rose.encode("") == [1, 2]
    assert rose.decode([]) == rose.decode([1, 2]) == ""
    rose.build([])
    assert rose.tokens == embedding.SPECIALS


@pytest.mark.parametrize(
    ("tokens", "pair", "expected"),
    [
        ("b a n a n a", "a n", "b an an a"),
        ("o o o", "o o", "oo o"),
        ("o o o o", "o o", "oo oo"),
        ("win g in g", "in g", "win g ing"),
        ("u gs ug s", "ug s", "u gs ugs"),
        ("n a", "a n", "n a"),
        ("x", "a n", "x"),
        ("", "a n", ""),
    ],
)
def test_merges_by_hand(tokens, pair, expected):
    assert merge_pair(tokens.split(), *pair.split()) == expected.split()


@given(st.lists(st.sampled_from(["a", "b", "ab", "ba"])), st.sampled_from("ab"))
def test_a_merge_spells_the_same_word_and_leaves_no_pair(tokens, left):
    merged = merge_pair(tokens, left, "b")
    assert "".join(merged) == "".join(tokens)
    if left != "b":
        assert (left, "b") not in set(pairwise(merged))


def test_merges_of_the_papers_words_by_hand():
    merges = train_bpe(PAPER, 8)
    assert merges[:4] == [("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")]
    assert merges[4:] == [("n", "e"), ("ne", "w"), ("new", "est"), ("w", "i")]


@given(st.lists(st.text("abc", min_size=1, max_size=6), max_size=8), st.integers(0, 9))
def test_merges_against_the_papers_way(words, num_merges):
    assert train_bpe(words, num_merges) == bpe_by_text(words, num_merges)


def test_words_are_cut_as_tokenizers_cuts_them():
    merges = [tuple(map(str, pair)) for pair in ORACLES["merges"]]
    assert merges == train_bpe(PAPER, 12)
    for word, expected in zip(ORACLES["words"], ORACLES["cut"], strict=True):
        tokens = reduce(lambda found, pair: merge_pair(found, *pair), merges, list(str(word)))
        assert " ".join(tokens) == expected


def test_no_words_have_no_merges():
    assert train_bpe([], 3) == train_bpe(["a", "b"], 3) == train_bpe(["ab"], 0) == []


def test_vectors_are_those_of_torch_times_the_root():
    layer = layer_of(ORACLES["table"])
    close(layer(ORACLES["ids"]), ORACLES["looked_up"] * math.sqrt(5))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="calls TensorFlow's tape")
def test_the_gradient_is_that_of_torch_times_the_root():
    import tensorflow as tf

    layer = layer_of(ORACLES["table"])
    with tf.GradientTape() as tape:
        total = ops.sum(layer(ORACLES["ids"]) * ORACLES["weights"].astype("float32"))
    found = tf.convert_to_tensor(tape.gradient(total, layer.table.value))
    close(found, ORACLES["gradient"] * math.sqrt(5))


def test_vectors_are_those_of_keras_times_the_root(rng):
    ids = rng.integers(0, V, (B, T, 3))
    oracle = keras.layers.Embedding(V, D_MODEL)
    expected = ops.convert_to_numpy(oracle(ids)) * math.sqrt(D_MODEL)
    close(layer_of(oracle.get_weights()[0])(ids), expected)


@pytest.mark.parametrize("shape", [(), (T,), (B, T), (B, 3, T), (B, 0)])
def test_ids_of_any_shape(shape):
    ids = np.full(shape, V - 1, "int32")
    assert TokenEmbedding(V, D_MODEL)(ids).shape == (*shape, D_MODEL)


def test_the_mask_is_false_at_padding_only():
    ids = np.array([[1, 4, 3, 2, 0], [1, 2, 0, 0, 0]])
    output = TokenEmbedding(V, D_MODEL)(ids)
    expected = np.array([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]], bool)
    np.testing.assert_array_equal(ops.convert_to_numpy(output._keras_mask), expected)


@pytest.mark.parametrize("d_model", [16, 512])
def test_fresh_entries_have_standard_deviation_one(d_model):
    keras.utils.set_random_seed(0)
    output = TokenEmbedding(800, d_model)(np.arange(800))
    assert np.std(ops.convert_to_numpy(output)) == pytest.approx(1.0, abs=0.03)


def test_one_table_is_all_that_is_learned():
    layer = TokenEmbedding(37_000, 512)
    layer.build((None, None))
    assert [weight.shape for weight in layer.trainable_weights] == [(37_000, 512)]
    assert layer.count_params() == 18_944_000


def test_the_embedding_keeps_the_contract_of_a_layer(rng, assert_layer_contract):
    ids = rng.integers(0, V, (B, T)).astype("int32")
    sizes = {"vocabulary_size": V, "d_model": D_MODEL}
    assert_layer_contract(TokenEmbedding, sizes, ids, passes_mask=False)


@pytest.mark.parametrize(("vocabulary_size", "d_model"), [(0, 4), (9, 0), (9, -4)])
def test_sizes_must_be_positive(vocabulary_size, d_model):
    expected = f"Received: vocabulary_size={vocabulary_size}, d_model={d_model}"
    with pytest.raises(ValueError, match=expected):
        TokenEmbedding(vocabulary_size, d_model)


@pytest.mark.parametrize("dtype", ["float32", "bool"])
def test_ids_must_be_integers(dtype):
    with pytest.raises(ValueError, match=f"integers. Received: dtype=.*{dtype}"):
        TokenEmbedding(V, D_MODEL)(np.ones((B, T), dtype))


def test_cosines_are_those_of_torch():
    x, y = ORACLES["x"].astype("float32"), ORACLES["y"].astype("float32")
    close(embedding.cosine_similarities(x, y), ORACLES["cosines"])


def test_cosines_by_hand():
    x = np.array([[3.0, 4.0]], "float32")
    y = np.array([[1.0, 0.0], [6.0, 8.0], [0.0, -5.0], [0.0, 0.0]], "float32")
    close(embedding.cosine_similarities(x, y), [[0.6, 1.0, -0.8, 0.0]])


def test_cosines_do_not_feel_the_lengths(rng):
    x, y = rng.normal(size=(2, 4, 7)).astype("float32")
    close(embedding.cosine_similarities(100 * x, 0.01 * y), embedding.cosine_similarities(x, y))


def test_cosines_in_float16(rng):
    x, y = rng.normal(size=(2, 4, 7)).astype("float16")
    expected = ops.convert_to_numpy(embedding.cosine_similarities(x.astype("f4"), y.astype("f4")))
    close(embedding.cosine_similarities(x, y), expected, 5e-3)


def test_the_analogy_by_hand():
    assert ops.convert_to_numpy(embedding.solve_analogy(PLANE, 0, 1, 2)).tolist() == [3]
    found = embedding.cosine_similarities(np.array([[5.0, 9.0]], "float32"), PLANE[3:])
    close(found, [[0.9987, 0.4856]], 5e-5)


@pytest.mark.parametrize("count", [1, 4])
def test_analogies_against_numpy(rng, count):
    for _ in range(20):
        table = rng.normal(size=(15, 6)) * rng.uniform(0.2, 4.0, (15, 1))
        a, b, c = (int(number) for number in rng.choice(15, 3, replace=False))
        target = table[b] - table[a] + table[c]
        cosines = {
            number: row @ target / math.sqrt((row @ row) * (target @ target))
            for number, row in enumerate(table)
            if number not in (a, b, c)
        }
        expected = sorted(cosines, key=cosines.get, reverse=True)[:count]
        found = embedding.solve_analogy(table.astype("float32"), a, b, c, count)
        assert ops.convert_to_numpy(found).tolist() == expected
