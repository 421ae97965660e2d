"""Weights by attribute path, such as `query.kernel` or `blocks.0.scale`.

Keras' own variable paths hold global counters and would reject right answers.
"""

from course.checking.plain import Unreadable


def assign(target, path, value):
    """Put the array `value` into the variable at `path`; Unreadable says where it does not fit."""
    try:
        variable = variable_at(target, path)
    except LookupError as error:
        raise Unreadable(
            f"`self.{path}` must hold a weight of shape {value.shape}. Received: {error}"
        ) from None
    shape = getattr(variable, "shape", None)
    if not hasattr(variable, "assign") or shape is None:
        raise Unreadable(
            f"`self.{path}` must be a weight of shape {value.shape}. "
            f"Received: {type(variable).__name__}"
        )
    if tuple(shape) != value.shape:
        raise Unreadable(f"`self.{path}` must have shape {value.shape}. Received: {tuple(shape)}")
    variable.assign(value)


def variable_at(target, path):
    """Return what is at `path`; a number is an index. Raises LookupError with what is missing."""
    reached = "self"
    for name in path.split("."):
        try:
            target = target[int(name)] if name.isdigit() else getattr(target, name)
        except (AttributeError, IndexError, TypeError):
            raise LookupError(f"no `{name}` in `{reached}`") from None
        reached += f".{name}"
    return target
