"""What can be read off a student's object on given inputs: values, never a claim about them.

An observation takes the object, the arguments `(args, kwargs)` of the call, and the case.
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import ops

from course.checking.epochs import one_epoch, several_epochs
from course.checking.memory import largest_array
from course.checking.plain import Unreadable
from course.checking.weights import variable_at


def weight_shapes(layer, arguments, case):
    """The shapes of all trainable weights, sorted: says how many there are, and of which size."""
    args, kwargs = arguments
    layer(*args, **kwargs)
    return sorted([list(weight.shape) for weight in layer.trainable_weights])


def gradients(layer, arguments, case):
    """The gradient of a fixed weighted sum of the output, for each weight named in the case."""
    variables = [variable_at(layer, path) for path in case.weights]
    return dict(zip(case.weights, _gradients(layer, arguments, variables), strict=True))


def input_gradient(function, arguments, case):
    """The gradient of a fixed weighted sum of the output for the first argument."""
    (first, *others), kwargs = arguments
    variable = keras.Variable(first)

    def of_others(*args, **kwargs):
        return function(ops.convert_to_tensor(variable), *args, **kwargs)

    return _gradients(of_others, (others, kwargs), [variable])[0]


def config_round_trip(layer, arguments, case):
    """The output of a layer made anew from `get_config`, with the same weights."""
    args, kwargs = arguments
    layer(*args, **kwargs)
    again = type(layer).from_config(layer.get_config())
    again(*args, **kwargs)
    again.set_weights(layer.get_weights())
    return again(*args, **kwargs)


def saved(model, arguments, case):
    """The output of the model that Keras makes of a `.keras` file, into which it saved this one.

    Its class need not be registered: here Keras is told it, as `custom_objects` would.
    """
    if not isinstance(model, keras.Model):
        raise Unreadable(f"A `keras.Model` can be saved. Received: {type(model).__name__}")
    args, kwargs = arguments
    model(*args, **kwargs)
    known = {keras.saving.get_registered_name(type(model)): type(model)}
    with tempfile.TemporaryDirectory() as folder, keras.saving.custom_object_scope(known):
        path = Path(folder) / "model.keras"
        model.save(path)
        again = keras.models.load_model(path)
    return again(*args, **kwargs)


def keras_mask(layer, arguments, case):
    """The mask that the output carries to the next layer; None where it carries none."""
    args, kwargs = arguments
    return getattr(layer(*args, **kwargs), "_keras_mask", None)


def mask_passed_on(layer, arguments, case):
    """The mask of the output, where the first argument comes with one; a text where it has none."""
    (first, *others), kwargs = arguments
    mask = keras_mask(layer, ([_Padded()(first), *others], kwargs), case)
    return "no mask" if mask is None else mask


def any_length(layer, arguments, case):
    """The output of a model that holds the layer and was made for any batch and any length."""
    (first, *others), kwargs = arguments
    x = keras.tree.map_structure(_symbol, first)
    return keras.Model(x, layer(x, *others, **kwargs))(first)


def half_precision(function, arguments, case):
    """The output when every float argument is float16; for a function."""
    args, kwargs = arguments
    return function(*map(_half, args), **{name: _half(value) for name, value in kwargs.items()})


def memory(function, arguments, case):
    """A text: whether an array was made of more than twice the entries of the largest argument."""
    args, kwargs = arguments
    largest = max(int(np.prod(array.shape)) for array in args)
    shape = largest_array(function, args, kwargs)
    if np.prod(shape, dtype=int) > 2 * largest:
        return f"an array of shape {shape}"
    return "no array larger than twice the input"


OBSERVATIONS = {
    "weights": weight_shapes,
    "gradients": gradients,
    "input gradient": input_gradient,
    "config": config_round_trip,
    "saved": saved,
    "float16": half_precision,
    "mask": keras_mask,
    "mask passed on": mask_passed_on,
    "any length": any_length,
    "memory": memory,
    "one epoch": one_epoch,
    "several epochs": several_epochs,
}


class _Padded(keras.layers.Layer):
    """Return the input with a mask: each sequence ends one position before the one above it."""

    def call(self, x):
        return x

    def compute_mask(self, x, mask=None):
        batch, length = x.shape[:2]
        return ops.arange(length)[None, :] < length - 1 - ops.arange(batch)[:, None]


def _symbol(x):
    """What a tensor `(B, T, ...)` is before a run: of any batch and any length.

    On JAX and PyTorch every length is known when a layer runs. Keras tries some of its own there,
    which are beyond the end of a short table or no numbers at all, so the length stays.
    """
    length = None if keras.backend.backend() == "tensorflow" else x.shape[1]
    return keras.Input((length, *x.shape[2:]), dtype=keras.backend.standardize_dtype(x.dtype))


def _half(value):
    is_float = hasattr(value, "dtype") and "float" in keras.backend.standardize_dtype(value.dtype)
    return ops.cast(value, "float16") if is_float else value


def _weighted_sum(output):
    """A scalar that depends on every entry of every output, each with a weight of its own.

    Outputs may be nested, such as `(output, (keys, values))`.
    """
    total = 0.0
    for tensor in keras.tree.flatten(output):
        if not ops.is_tensor(tensor):
            raise Unreadable(
                f"The result must be a tensor, so that it has a gradient. "
                f"Received: {type(tensor).__name__}"
            )
        size = int(np.prod(tensor.shape))
        weights = ops.reshape(ops.cos(ops.arange(size, dtype="float32")), tensor.shape)
        total = total + ops.sum(ops.cast(tensor, "float32") * weights)
    return total


def _gradients(call, arguments, variables):
    """Return one array a variable; zeros where the result does not depend on it."""
    found = _BACKEND_GRADIENTS[keras.backend.backend()](call, arguments, variables)
    return [
        np.zeros(variable.shape, "float32") if gradient is None else gradient
        for variable, gradient in zip(variables, found, strict=True)
    ]


def _tensorflow_gradients(call, arguments, variables):
    import tensorflow as tf

    args, kwargs = arguments
    with tf.GradientTape() as tape:
        total = _weighted_sum(call(*args, **kwargs))
    return tape.gradient(total, [variable.value for variable in variables])


def _torch_gradients(call, arguments, variables):
    import torch

    args, kwargs = arguments
    total = _weighted_sum(call(*args, **kwargs))
    if not total.requires_grad:
        return [None] * len(variables)
    values = [variable.value for variable in variables]
    found = torch.autograd.grad(total, values, allow_unused=True)
    return [None if gradient is None else gradient.detach() for gradient in found]


def _jax_gradients(call, arguments, variables):
    import jax

    args, kwargs = arguments
    each = {id(variable): variable for variable in variables}  # one may stand for two names

    def total(values):
        mapping = [(each[name], value) for name, value in values.items()]
        with keras.StatelessScope(state_mapping=mapping):
            return _weighted_sum(call(*args, **kwargs))

    found = jax.grad(total)({name: variable.value for name, variable in each.items()})
    return [found[id(variable)] for variable in variables]


_BACKEND_GRADIENTS = {
    "tensorflow": _tensorflow_gradients,
    "torch": _torch_gradients,
    "jax": _jax_gradients,
}
