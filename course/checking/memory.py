"""How large is the largest array that a call makes on its way?

Every backend shows the arrays that its operations make, each in its own manner: TensorFlow and
PyTorch while they run, JAX in the program that it traces. Memory itself cannot be compared: how
much a process holds depends on what ran before.
"""

import math

import keras


def largest_array(function, args, kwargs):
    """Call `function`, and return the shape of the largest array that an operation made."""
    shapes = [()]
    _WATCHES[keras.backend.backend()](function, args, kwargs, shapes)
    return max(shapes, key=math.prod)


def _watch_tensorflow(function, args, kwargs, shapes):
    from tensorflow.python.framework import op_callbacks

    def note(op_type, inputs, attributes, outputs, op_name=None, graph=None):
        shapes.extend(tuple(made.shape) for made in outputs if made.shape.is_fully_defined())

    op_callbacks.add_op_callback(note)
    try:
        function(*args, **kwargs)
    finally:
        op_callbacks.remove_op_callback(note)


def _watch_torch(function, args, kwargs, shapes):
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
            result = operation(*args, **(kwargs or {}))
            made = result if isinstance(result, list | tuple) else [result]
            shapes.extend(tuple(one.shape) for one in made if hasattr(one, "shape"))
            return result

    with Watch():
        function(*args, **kwargs)


def _watch_jax(function, args, kwargs, shapes):
    import jax

    program = jax.make_jaxpr(lambda *arrays: function(*arrays, **kwargs))(*args)
    shapes.extend(_shapes_in(program.jaxpr))


def _shapes_in(program):
    """The shapes that a traced program makes, those of its loops and branches included."""
    for equation in program.eqns:
        yield from (variable.aval.shape for variable in equation.outvars)
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, list | tuple) else [parameter]:
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    yield from _shapes_in(inner)


_WATCHES = {"tensorflow": _watch_tensorflow, "torch": _watch_torch, "jax": _watch_jax}
