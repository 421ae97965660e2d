"""Stand-ins: layers and models that cross from a case to the student's object as plain data."""

import keras
import numpy as np
import pytest
from keras import ops

from course.checking.case import Call, Case, from_data, to_data
from course.checking.probe import probe
from course.checking.standins import STANDINS, fill, is_standin, standin
from course.checking.values import pack, unpack

# Keras reads variables of TensorFlow, and tensors of PyTorch, in NumPy 1's manner.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.arange(24, dtype="float32").reshape(2, 3, 4) % 7 - 2.0
ALLOWED = np.tril(np.ones((3, 3), bool))
MATRIX = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 2.0, -1.0]])
AFFINE = standin("affine", matrix=np.eye(4)[:, :3] * 2.0, offset=np.array([0.0, 1.0, -1.0]))
EXAMPLES = {
    "affine": AFFINE,
    "mixer": standin("mixer", matrix=MATRIX),
    "attending": standin("attending", allowed=ALLOWED),
    "norm_over": standin("norm_over", axis=[1, 2]),
    "head_merge": standin("head_merge", num_heads=2, transposed=False),
    "chain": standin("chain", layers=[standin("norm_over", axis=-1), AFFINE]),
}
LAYERS = [name for name, made in STANDINS.items() if issubclass(made, keras.layers.Layer)]


def array(x):
    return ops.convert_to_numpy(x)


def values_of(subject, *calls, **options):
    """What a case observes after its way through bytes."""
    case = Case("a stand-in", calls, **options)
    outcome = probe(subject, from_data(unpack(pack(to_data(case)))))
    assert outcome["error"] is None
    return outcome["values"]


@keras.saving.register_keras_serializable(package="tests")
class Doubling(keras.layers.Layer):
    """Wraps a layer, as a residual connection would."""

    def __init__(self, sublayer, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.sublayer = sublayer

    def call(self, x):
        return 2.0 * self.sublayer(x)

    def get_config(self):
        sublayer = keras.saving.serialize_keras_object(self.sublayer)
        return {**super().get_config(), "sublayer": sublayer}

    @classmethod
    def from_config(cls, config):
        sublayer = keras.saving.deserialize_keras_object(config.pop("sublayer"))
        return cls(sublayer, **config)


@pytest.mark.parametrize("how", ["args", "kwargs", "list", "dict"])
def test_a_stand_in_arrives_as_a_layer_wherever_it_is(how):
    layer = standin("mixer", matrix=MATRIX)
    calls = {
        "args": (lambda f, x: f(x), Call([layer, X])),
        "kwargs": (lambda x, f: f(x), Call([X], {"f": layer})),
        "list": (lambda f, x: f[0](x), Call([[layer], X])),
        "dict": (lambda f, x: f["a"](x), Call([{"a": layer}, X])),
    }
    function, call = calls[how]
    output = values_of(function, call)["output"]
    np.testing.assert_allclose(output, np.einsum("ts,bsd->btd", MATRIX, X), atol=1e-5)


def test_a_stand_in_is_an_argument_of_a_constructor_and_its_weights_have_paths():
    observe = ("output", "weights", "gradients", "config", "mask passed on")
    values = values_of(
        Doubling,
        Call([X], observe=observe),
        construct={"sublayer": AFFINE},
        weights={"sublayer.bias": np.zeros(3, "float32")},
    )
    np.testing.assert_allclose(values["output"], 4.0 * X[..., :3])
    np.testing.assert_allclose(values["config"], values["output"])
    assert values["weights"] == [[3], [4, 3]]
    slope = np.cos(np.arange(18.0)).reshape(2, 3, 3)
    np.testing.assert_allclose(
        values["gradients"]["sublayer.bias"], 2.0 * slope.sum((0, 1)), atol=1e-5
    )
    assert values["mask passed on"].shape == (2, 3)


def test_each_case_gets_a_layer_of_its_own():
    case = Case("twice", (Call([], observe=("weights",)),), construct={"sublayer": AFFINE})
    made = []

    class Keeps(Doubling):
        def __init__(self, sublayer):
            super().__init__(sublayer)
            made.append(sublayer)

    probe(Keeps, case)
    probe(Keeps, case)
    assert made[0] is not made[1]
    assert case.construct["sublayer"] is AFFINE


def test_training_multiplies_by_a_factor_that_reaches_a_sub_layer():
    layer = Doubling(fill(standin("affine", matrix=np.eye(4), training_factor=3.0)))
    np.testing.assert_allclose(array(layer(X)), 2.0 * X)
    np.testing.assert_allclose(array(layer(X, training=True)), 6.0 * X)


@pytest.mark.parametrize("name", LAYERS)
def test_every_stand_in_is_made_again_from_its_config_and_computes_the_same(name):
    layer = fill(EXAMPLES[name])
    output = array(layer(X))
    assert np.isfinite(output).all()
    data = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(data)
    assert type(again) is type(layer)
    np.testing.assert_array_equal(array(again(X)), output)
    np.testing.assert_array_equal(array(layer(ops.array(X), training=False)), output)


@pytest.mark.parametrize("name", LAYERS)
def test_every_stand_in_is_saved_with_a_model_and_loaded(name, tmp_path):
    x = keras.Input((3, 4), batch_size=2)
    model = keras.Model(x, Doubling(fill(EXAMPLES[name]))(x))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(array(again(X)), array(model(X)), atol=1e-6)


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "chain"])
def test_every_stand_in_computes_in_half_precision(name):  # the layers of a chain have their own
    layer = fill(EXAMPLES[name])
    with_half = type(layer).from_config({**layer.get_config(), "dtype": "mixed_float16"})
    assert array(with_half(X)).dtype == "float16"
    np.testing.assert_allclose(array(with_half(X)), array(layer(X)), rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("name", ["mixer", "attending"])
def test_fewer_sequences_and_positions_use_a_part_of_the_matrix(name):
    both = np.stack([ALLOWED, np.eye(3, dtype=bool)])
    for matrix in (ALLOWED, both):
        layer = fill(standin(name, **{"mixer": {"matrix": 1.0 * matrix},
                                      "attending": {"allowed": matrix}}[name]))  # fmt: skip
        np.testing.assert_allclose(array(layer(X[:1, :2])), array(layer(X))[:1, :2], atol=1e-6)
    with pytest.raises(ValueError, match=r"at most 3 positions long. Received: 4"):
        layer(np.zeros((2, 4, 5), "float32"))


def test_attending_by_hand():
    x = np.array([[[0.0, 0.0], [2.0, 0.0]]], "float32")  # all scores 0, but for 4 / √2
    output = array(fill(standin("attending", allowed=np.tril(np.ones((2, 2))) > 0))(x))
    share = np.exp(4 / np.sqrt(2)) / (1 + np.exp(4 / np.sqrt(2)))
    np.testing.assert_allclose(output, [[[0.0, 0.0], [2.0 * share, 0.0]]], atol=1e-6)
    over_queries = standin("attending", allowed=np.ones((2, 2), bool), axis=-2)
    np.testing.assert_allclose(array(fill(over_queries)(x))[0, 0, 0], 2.0 * (1 - share), atol=1e-6)


def test_heads_merged_by_reshape_mix_positions_and_transposed_do_not():
    right, wrong = (
        array(fill(standin("head_merge", num_heads=2, transposed=transposed))(X))
        for transposed in (True, False)
    )
    averages = np.cumsum(X, axis=1) / np.arange(1, 4)[:, None]
    np.testing.assert_allclose(right, averages, atol=1e-6)
    heads = averages.reshape(2, 3, 2, 2).transpose(0, 2, 1, 3)
    np.testing.assert_allclose(wrong, heads.reshape(2, 3, 4), atol=1e-6)


def test_a_norm_over_positions_has_mean_0_for_each_feature():
    output = array(fill(standin("norm_over", axis=1))(X))
    np.testing.assert_allclose(output.mean(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(output.std(axis=1), 1.0, atol=1e-4)


def test_a_table_scores_what_follows_by_hand():
    table = np.array([[1.0, 2.0], [10.0, 20.0]])
    model = fill(standin("table_model", table=table, memory=0.5))
    logits = array(model(np.array([[0, 1, 1]])))
    np.testing.assert_allclose(logits, [[[1, 2], [10.5, 21], [15.25, 30.5]]])
    np.testing.assert_allclose(array(model(ops.array([[1], [0]])))[:, 0], table[::-1])
    forgetful = fill(standin("table_model", table=table))
    np.testing.assert_allclose(array(forgetful(np.array([[0, 1, 0]])))[0], table[[0, 1, 0]])


def test_each_row_may_have_a_table_of_its_own_and_none_may_be_left_out():
    tables = np.arange(12.0).reshape(3, 2, 2)
    model = fill(standin("table_model", table=tables))
    logits = array(model(np.array([[0, 1], [1, 1], [1, 0]], "int64")))
    np.testing.assert_allclose(logits, [tables[0], tables[1][[1, 1]], tables[2][[1, 0]]])
    with pytest.raises(ValueError, match=r"`ids` must have 3 rows. Received: 2"):
        model(np.array([[0], [1]]))


def test_the_parts_of_an_attention_are_layers():
    rng = np.random.default_rng(0)
    matrices = {role: rng.normal(size=(4, 6)) for role in ("query", "key", "value")}
    parts = fill(standin("attention_parts", **matrices, output=rng.normal(size=(6, 4)),
                         num_heads=2))  # fmt: skip
    assert parts.num_heads == 2
    for role, matrix in matrices.items():
        projected = array(getattr(parts, f"{role}_projection")(X))
        np.testing.assert_allclose(projected, X @ matrix, atol=1e-4)
    assert array(parts.output_projection(np.ones((1, 2, 6), "float32"))).shape == (1, 2, 4)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (standin("mixr", matrix=MATRIX), r"one of affine, .*chain, .*parts. Received: 'mixr'"),
        ({"standin": ["mixer"], "params": {}}, r"one of affine, .*Received: \['mixer'\]"),
        ({"standin": "mixer"}, "a dict as `params`.*Received: standin: str"),
        ({"standin": "mixer", "params": [MATRIX]}, "a dict as `params`.*params: list"),
        ({**EXAMPLES["mixer"], "more": 1}, "nothing else. Received: .*more: int"),
        (standin("mixer", matrx=MATRIX), "`mixer` cannot be made: .*matrx|matrix"),
        (standin("chain", layers=[standin("nothing")]), "Received: 'nothing'"),
    ],
)
def test_what_is_no_stand_in_is_told_in_a_sentence(data, message):
    with pytest.raises(ValueError, match=message):
        fill(data)
    outcome = probe(lambda layer: 1.0, Case("a layer", (Call([data]),)))
    assert outcome["error"]["type"] == "ValueError"


def test_other_dicts_are_none():
    assert not is_standin({"mixer": {}})
    assert not is_standin("standin")
    assert is_standin(AFFINE)
    assert fill({"a": [1, "b"], "c": None}) == {"a": [1, "b"], "c": None}
