"""Find forbidden shortcuts in source: names that do the exercise's work for the student."""

import ast
import io
import tokenize


def forbidden_uses(source, forbidden):
    """Return `[(name, line number, reason)]`, one for each forbidden name that `source` uses.

    forbidden: reason by name. A name counts where it is read as a variable (`MultiHeadAttention`),
        as an attribute (`ops.softmax`, `x.softmax`) or imported under any other name; a word in a
        comment or in a string does not, nor does a name that the source itself defines.
    Source that cannot be parsed uses nothing: it cannot run either.
    """
    try:
        tree = ast.parse(_without_magics(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    own = {node.name for node in ast.walk(tree) if isinstance(node, _DEFINITIONS)}
    found = {}
    for node in ast.walk(tree):
        for name in _names(node, own):
            if name in forbidden:
                found.setdefault(name, getattr(node, "lineno", 0))
    return [(name, line, forbidden[name]) for name, line in found.items()]


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _names(node, own):
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
        return [node.id]
    if isinstance(node, ast.ImportFrom):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.Import):
        return [alias.name.rpartition(".")[2] for alias in node.names]
    return []


def _without_magics(source):
    """Blank the lines of IPython's own syntax, which Python's parser does not read."""
    lines = source.splitlines()
    strings = _lines_inside_strings(source)
    return "\n".join(
        "" if number not in strings and line.lstrip().startswith(("%", "!")) else line
        for number, line in enumerate(lines, 1)
    )


def _lines_inside_strings(source):
    inside = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.STRING:
                inside.update(range(token.start[0] + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass  # the lines read so far are known, and the parser will say the rest
    return inside
