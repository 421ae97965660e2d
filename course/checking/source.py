"""Find forbidden shortcuts in source: names that do the exercise's work for the student."""

import ast
import inspect
import linecache
import os
import types


def forbidden_uses(source, forbidden):
    """Return `[(name, line number, reason)]`, one for each forbidden name that `source` uses.

    forbidden: reason by name. A name counts where it is read as a variable (`MultiHeadAttention`),
        as an attribute (`ops.softmax`, `x.softmax`) or imported, also under another name. A word in
        a comment or in a string does not, nor does what the source itself defines: a function, a
        variable, an argument, and an attribute or method of `self`.
    Source that cannot be parsed uses nothing: it cannot run either. What is looked up while the
    program runs, as by `getattr(ops, "softmax")`, is not found: this guides, it does not guard.
    """
    found = {}
    for tree, offset in _trees(source):
        own, of_self = _own_names(tree)
        for node in ast.walk(tree):
            for name in _used_names(node, own, of_self):
                if name in forbidden:
                    line = getattr(node, "lineno", 0) + offset
                    found[name] = min(line, found.get(name, line))
    return [(name, line, forbidden[name]) for name, line in found.items()]


def source_of(subject):
    """Return the source that defines a function or class, or an empty string.

    In a notebook that is the whole cell, helpers included: what is read when grading, too.
    """
    members = vars(subject).values() if inspect.isclass(subject) else [subject]
    try:
        functions = [f for f in map(inspect.unwrap, members) if isinstance(f, types.FunctionType)]
        files = {function.__code__.co_filename for function in functions}
        if len(files) == 1 and not os.path.exists(file := files.pop()):
            return "".join(linecache.getlines(file))
        return inspect.getsource(subject)
    except (OSError, TypeError, ValueError):  # typed at a prompt, or built in
        return ""


def _trees(source, offset=0):
    """Yield `(tree, line offset)` of the source, and of the code that its magics run."""
    try:
        tree = ast.parse(_without_magics(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    offset += len(source) - len(source.lstrip("\n"))  # IPython drops empty lines at the top
    yield tree, offset
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="run_cell_magic" | "run_line_magic" as magic),
                args=[*_, ast.Constant(value=str(body))],
            ):
                first = node.lineno if magic == "run_cell_magic" else node.lineno - 1
                yield from _trees(body, offset + first)


def _without_magics(source):
    """Return Python for IPython's own syntax: `%%time` and a body become a call with a string."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def _own_names(tree):
    """Return the names that a program defines, and the attributes that it sets on `self`."""
    own, of_self = set(), set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                own.add(name)
            case ast.ClassDef(name=name, body=body):
                own.add(name)
                of_self.update(item.name for item in body if isinstance(item, ast.FunctionDef))
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                own.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                of_self.add(name)
    return own, of_self


def _used_names(node, own, of_self):
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name not in own:
            return [name]
        case ast.Attribute(ctx=ast.Store()):
            return []
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if name in of_self:
            return []
        case ast.Attribute(attr=name):
            return [name]
        case ast.ImportFrom(names=names) | ast.Import(names=names):
            return [part for alias in names for part in alias.name.split(".")]
    return []
