"""Lesson 07: what its layers and models keep to: files, precision, unknown sizes, bad input."""

import json
import warnings
import zipfile

import keras
import numpy as np
import pytest
from keras import ops

from solutions.classifier import TokenClassifier
from solutions.transformer import Decoder, Encoder, Transformer
from tests.solutions.values import array

SIZES = {"num_layers": 2, "num_heads": 3, "hidden_dim": 7, "norm_first": True, "dropout": 0.1}
INPUTS = {
    "source": np.array([[5, 6, 7, 2, 0], [8, 2, 0, 0, 0]], "int32"),
    "target": np.array([[1, 9, 4], [1, 10, 0]], "int32"),
}
COMPILED = keras.backend.backend() != "torch"  # its compiler takes minutes on a CPU


def a_transformer(**options):
    keras.utils.set_random_seed(7)
    return Transformer(vocabulary_size=11, d_model=6, **{**SIZES, **options})


def a_classifier(**options):
    keras.utils.set_random_seed(7)
    return TokenClassifier(vocabulary_size=11, num_labels=4, d_model=6, **{**SIZES, **options})


MODELS = pytest.mark.parametrize(
    ("make", "inputs"),
    [pytest.param(a_transformer, INPUTS, id="Transformer"),
     pytest.param(a_classifier, INPUTS["source"], id="TokenClassifier")],
)  # fmt: skip


def save(model, path):
    with warnings.catch_warnings():  # Keras reads TensorFlow's variables in NumPy 1's manner
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        model.save(path)


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_encoder_keeps_the_contract_of_a_layer(assert_layer_contract, norm_first):
    x = np.random.default_rng(7).normal(size=(2, 5, 6)).astype("float32")
    assert_layer_contract(Encoder, {**SIZES, "norm_first": norm_first}, x)


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_decoder_keeps_the_contract_of_a_layer(assert_layer_contract, norm_first):
    rng = np.random.default_rng(7)
    x, source = (rng.normal(size=(2, length, 6)).astype("float32") for length in (4, 5))
    assert_layer_contract(Decoder, {**SIZES, "norm_first": norm_first}, x, source)


@MODELS
def test_a_model_survives_its_file_without_being_told_its_class(make, inputs, tmp_path):
    model = make()
    expected = array(model(inputs))
    save(model, tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert type(again) is type(model)
    assert {name: again.get_config()[name] for name in SIZES} == SIZES
    np.testing.assert_array_equal(array(again(inputs)), expected)
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        config = json.loads(file.read("config.json"))
    assert config["registered_name"] == f"transformer_course>{type(model).__name__}"


@MODELS
def test_a_model_of_mixed_precision_comes_back_as_one(make, inputs, tmp_path):
    model = make(dtype="mixed_float16")
    expected = model(inputs)
    assert keras.backend.standardize_dtype(expected.dtype) == "float16"
    assert {weight.dtype for weight in model.weights} == {"float32"}
    wide = make()
    wide(inputs)
    wide.set_weights(model.get_weights())
    np.testing.assert_allclose(array(expected), array(wide(inputs)), rtol=0, atol=3e-2)
    save(model, tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(again(inputs)), array(expected))


def test_the_halves_alone_have_the_precision_of_the_whole():
    model = a_transformer(dtype="mixed_float16")
    source, target = (ops.convert_to_tensor(INPUTS[name]) for name in ("source", "target"))
    logits = model.decode(target, model.encode(source), source)
    assert keras.backend.standardize_dtype(logits.dtype) == "float16"
    np.testing.assert_allclose(array(logits), array(model(INPUTS)), rtol=0, atol=1e-2)


def test_one_model_serves_any_batch_and_any_length():
    model = a_transformer()
    symbols = {name: keras.Input((None,), dtype="int32", name=name) for name in INPUTS}
    functional = keras.Model(symbols, model(symbols))
    assert functional.output_shape == (None, None, 11)
    for some in (INPUTS, {name: ids[:1, :2] for name, ids in INPUTS.items()}):
        np.testing.assert_allclose(array(functional(some)), array(model(some)), atol=1e-5)


def test_compiled_it_gives_the_same_and_learns():
    model = a_transformer(dropout=0.0)
    expected = array(model(INPUTS))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss, jit_compile=COMPILED)
    np.testing.assert_allclose(model.predict_on_batch(INPUTS), expected, atol=1e-5)
    labels = np.array([[9, 4, 2], [10, 2, 0]])
    losses = [float(model.train_on_batch(INPUTS, labels)) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]


def test_dropout_acts_in_training_only():
    model = a_transformer(dropout=0.5)
    np.testing.assert_array_equal(array(model(INPUTS)), array(model(INPUTS)))
    first, second = (array(model(INPUTS, training=True)) for _ in range(2))
    assert np.abs(first - second).max() > 1e-2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Encoder(0, 2, 8), "num_layers=0"),
        (lambda: Decoder(-1, 2, 8), "num_layers=-1"),
        (lambda: a_transformer(num_heads=4)(INPUTS), "num_heads=4, d_model=6"),
        (lambda: a_transformer()(INPUTS["source"]), r"`source` and `target`.*\(2, 5\)"),
        (lambda: a_transformer()({"source": INPUTS["source"]}), "`source` and `target`.*source"),
        (
            lambda: a_transformer()({name: ids[0] for name, ids in INPUTS.items()}),
            r"\(B, S\).*\(5,\)",
        ),
        (
            lambda: a_transformer()({name: ids / 2 for name, ids in INPUTS.items()}),
            "must be integers.*float",
        ),
        (lambda: Transformer(0, 6, **SIZES), "vocabulary_size=0"),
        (lambda: Transformer(11, 9, **SIZES)(INPUTS), "d_model=9"),
    ],
)
def test_bad_input_is_told_what_must_hold(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_word_alone_and_a_source_of_padding_only():
    model = a_transformer()
    logits = array(model({"source": np.zeros((1, 3), "int32"), "target": np.array([[1]])}))
    assert logits.shape == (1, 1, 11)
    assert np.isfinite(logits).all()
