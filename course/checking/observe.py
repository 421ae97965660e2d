"""What can be read off a student's object on given inputs: values, never a claim about them."""

import keras
import numpy as np
from keras import ops

MAX_TEXT = 1000  # characters of a returned string
MAX_ITEMS = 10_000  # of a returned list or dict
MAX_DEPTH = 8  # of nested lists and dicts


class Unreadable(TypeError):
    """What came back cannot be compared; the message says what must hold and what was received."""


def to_value(result, depth=0):
    """Return `result` as plain data: tensors become arrays, tuples become lists.

    Raises Unreadable, with a sentence for the student, for anything else.
    """
    if result is None or isinstance(result, bool | int | float):
        return result
    if isinstance(result, str):
        return result[:MAX_TEXT]
    if depth > MAX_DEPTH:
        raise Unreadable(f"Lists may be nested {MAX_DEPTH} deep. Received: more")
    if isinstance(result, list | tuple | dict) and len(result) > MAX_ITEMS:
        raise Unreadable(f"A list may hold {MAX_ITEMS} items. Received: {len(result)}")
    if isinstance(result, list | tuple):
        return [to_value(item, depth + 1) for item in result]
    if isinstance(result, dict):
        return {str(key)[:MAX_TEXT]: to_value(item, depth + 1) for key, item in result.items()}
    return _to_array(result)


def _to_array(result):
    kind = type(result).__name__
    if isinstance(result, keras.KerasTensor):
        raise Unreadable(
            "The result must hold numbers computed from the inputs. Received: a symbolic tensor "
            "(KerasTensor), which has a shape and no values"
        )
    if not hasattr(result, "shape") or not hasattr(result, "dtype"):
        raise Unreadable(
            f"The result must be a tensor, a number, a string, or a list of these. "
            f"Received: {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
        )
    try:
        array = np.asarray(ops.convert_to_numpy(result))
    except Exception as error:
        raise Unreadable(
            f"The result must be a tensor with one shape and with values. Received: {kind}, "
            f"which cannot be read ({type(error).__name__})"
        ) from None
    if array.dtype.name == "bfloat16":
        array = array.astype("float32")
    if array.dtype.kind not in "biuf":
        raise Unreadable(
            f"A tensor must hold numbers or booleans. Received: a {kind} of {array.dtype}"
        )
    return array


def weight_shapes(layer, arguments, case):
    """The shapes of all trainable weights, sorted: says how many there are, and of which size."""
    return sorted([list(weight.shape) for weight in layer.trainable_weights])


def gradients(layer, arguments, case):
    """The gradient of a fixed weighted sum of the output, for each weight named in the case."""
    variables = {path: _variable(layer, path) for path in case.weights}
    names, tensors = list(variables), list(variables.values())
    found = _BACKEND_GRADIENTS[keras.backend.backend()](layer, arguments, tensors)
    return {name: np.zeros(v.shape, "float32") if g is None else g
            for name, v, g in zip(names, tensors, found, strict=True)}  # fmt: skip


def config_round_trip(layer, arguments, case):
    """The output of a layer made anew from `get_config`, with the same weights."""
    again = type(layer).from_config(layer.get_config())
    args, kwargs = arguments
    again(*args, **kwargs)
    again.set_weights(layer.get_weights())
    return again(*args, **kwargs)


def half_precision(function, arguments, case):
    """The output when every float argument is float16; for a function."""
    args, kwargs = arguments
    return function(*[_half(item) for item in args], **{k: _half(v) for k, v in kwargs.items()})


def input_gradient(function, arguments, case):
    """The gradient of a fixed weighted sum of the output for the first argument."""
    args, kwargs = arguments
    first = keras.Variable(args[0])
    call = lambda *rest, **named: function(first.value, *rest, **named)  # noqa: E731
    return _BACKEND_GRADIENTS[keras.backend.backend()](call, (args[1:], kwargs), [first])[0]


OBSERVATIONS = {
    "weights": weight_shapes,
    "gradients": gradients,
    "config": config_round_trip,
    "float16": half_precision,
    "input gradient": input_gradient,
}


def _half(value):
    is_float = hasattr(value, "dtype") and "float" in keras.backend.standardize_dtype(value.dtype)
    return ops.cast(value, "float16") if is_float else value


def _variable(layer, path):
    for name in path.split("."):
        layer = getattr(layer, name)
    return layer


def _weighted_sum(output):
    """A scalar that depends on every entry of every output, each with a weight of its own."""
    total = 0.0
    for tensor in output if isinstance(output, list | tuple) else [output]:
        size = int(np.prod(tensor.shape))
        weights = ops.reshape(ops.cos(ops.arange(size, dtype="float32")), tensor.shape)
        total = total + ops.sum(ops.cast(tensor, "float32") * weights)
    return total


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
    values = [variable.value for variable in variables]
    found = torch.autograd.grad(total, values, allow_unused=True)
    return [None if g is None else g.detach() for g in found]


def _jax_gradients(call, arguments, variables):
    import jax

    args, kwargs = arguments

    def total(values):
        mapping = list(zip(variables, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return _weighted_sum(call(*args, **kwargs))

    return jax.grad(total)([variable.value for variable in variables])


_BACKEND_GRADIENTS = {
    "tensorflow": _tensorflow_gradients,
    "torch": _torch_gradients,
    "jax": _jax_gradients,
}
