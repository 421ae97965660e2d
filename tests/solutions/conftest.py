"""The contract that every layer of `solutions` keeps, as one helper for all lessons."""

import warnings

import keras
import numpy as np
import pytest

FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}
FLOAT16 = {"rtol": 2e-2, "atol": 2e-2}
COMPILED = keras.backend.backend() != "torch"  # its compiler takes minutes on a CPU


@pytest.fixture
def assert_layer_contract(tmp_path):
    """The helper: `assert_layer_contract(LayerClass, {"width": 4}, x, passes_mask=True)`."""

    def assert_layer_contract(layer_class, config, *inputs, passes_mask=True):
        """Check what every layer must do.

        layer_class: the class.    config: keyword arguments of its constructor.
        inputs: arrays `(B, T, ...)` with `B` and `T` above 1: the arguments of one call.
        passes_mask: whether the mask of the first input, features, arrives at every output.
        """
        layer = layer_class(**config)
        outputs = run(layer, inputs)
        assert all(np.isfinite(output).all() for output in outputs)
        assert_same(run(layer, inputs), outputs)  # each time the same
        alone = run(layer, [x[:1] for x in inputs])
        assert_same(alone, [output[:1] for output in outputs])  # whatever else is in the batch
        assert_config(layer, config, inputs, outputs)
        assert_unknown_sizes(layer, inputs)
        assert_saves(layer, inputs, outputs, tmp_path / "model.keras")
        assert_half_precision(layer_class, config, layer, inputs, outputs)
        assert_compiles_and_learns(layer, inputs, outputs)
        if passes_mask:
            assert_passes_mask(layer, inputs)

    return assert_layer_contract


def run(layer, inputs):
    """Every output of a call, as arrays."""
    return to_arrays(layer(*map(keras.ops.convert_to_tensor, inputs)))


def to_arrays(outputs):
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [keras.ops.convert_to_numpy(output) for output in outputs]


def assert_same(received, expected, tolerance=FLOAT32):
    for left, right in zip(received, expected, strict=True):
        assert left.shape == right.shape
        np.testing.assert_allclose(left, right, **tolerance)


def functional(layer, inputs):
    """A model of the layer alone, for any batch and any length."""
    symbols = [keras.Input((None, *x.shape[2:]), dtype=str(x.dtype)) for x in inputs]
    return keras.Model(symbols, layer(*symbols))


def assert_config(layer, config, inputs, outputs):
    """A layer made from its configuration has its arguments and, with its weights, its values."""
    found = layer.get_config()
    assert {name: found[name] for name in config} == config
    again = type(layer).from_config(found)
    run(again, inputs)
    again.set_weights(layer.get_weights())
    assert_same(run(again, inputs), outputs)


def assert_unknown_sizes(layer, inputs):
    """One model serves the batch as it is, and another batch size and length."""
    model = functional(layer, inputs)
    assert all(output.shape[0] is None for output in model.outputs)
    for some in (inputs, [x[:1, :-1] for x in inputs]):
        assert_same(to_arrays(model(list(some))), run(layer, some))


def assert_saves(layer, inputs, outputs, path):
    """A saved model that holds the layer gives the same values when it is loaded."""
    with warnings.catch_warnings():  # Keras reads TensorFlow's variables in NumPy 1's manner
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        functional(layer, inputs).save(path)
    custom = {type(layer).__name__: type(layer)}
    assert_same(to_arrays(keras.models.load_model(path, custom)(list(inputs))), outputs)


def assert_half_precision(layer_class, config, layer, inputs, outputs):
    """Under mixed precision the weights are float32, the outputs float16 and nearly the same."""
    mixed = layer_class(**config, dtype="mixed_float16")
    run(mixed, inputs)
    mixed.set_weights(layer.get_weights())
    assert {weight.dtype for weight in mixed.weights} <= {"float32"}
    halves = run(mixed, inputs)
    assert {half.dtype for half in halves} == {np.dtype("float16")}
    assert_same(halves, outputs, FLOAT16)


def assert_compiles_and_learns(layer, inputs, outputs):
    """Compiled it gives the same values, and one step of descent moves every trainable weight."""
    model = functional(layer, inputs)
    optimizer = keras.optimizers.SGD(0.1)
    losses = ["mse"] * len(outputs)
    model.compile(optimizer, losses if len(outputs) > 1 else "mse", jit_compile=COMPILED)
    assert_same(to_arrays(model.predict_on_batch(list(inputs))), outputs)
    if not layer.trainable_weights:
        return
    before = [weight.numpy().copy() for weight in layer.trainable_weights]
    # Not the output plus a constant: what shifts all features alike ends at a layer norm.
    aims = [output + np.cos(np.arange(output.size)).reshape(output.shape) for output in outputs]
    model.train_on_batch(list(inputs), aims)
    for weight, old in zip(layer.trainable_weights, before, strict=True):
        assert np.isfinite(weight.numpy()).all(), weight.path
        assert not np.array_equal(weight.numpy(), old), f"{weight.path} did not learn"


def assert_passes_mask(layer, inputs):
    """The mask of the first input is what a layer after this one receives."""
    first, *others = inputs
    padded = np.array(first)
    padded[:, -1] = 0.0
    outputs = layer(keras.layers.Masking()(padded), *map(keras.ops.convert_to_tensor, others))
    expected = np.ones(first.shape[:2], bool)
    expected[:, -1] = False
    for output in outputs if isinstance(outputs, list | tuple) else [outputs]:
        reader = MaskReader()
        reader(output)
        assert reader.mask is not None, "the mask was dropped"
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(reader.mask), expected)


class MaskReader(keras.layers.Layer):
    """Keep the mask that arrives."""

    supports_masking = True
    mask = None

    def call(self, x, mask=None):
        self.mask = mask
        return x
