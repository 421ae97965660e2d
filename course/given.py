"""Parts of earlier lessons: `from course.given import softmax` brings the course's own version.

They come from the package `solutions`: the installed one, or the folder of that name beside a
released notebook, which holds the lessons before it and no others.
"""

import ast
import functools
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


def __getattr__(name):
    """Import the function or class `name` from the lesson it belongs to. Raises AttributeError."""
    if name.startswith("_"):
        raise AttributeError(name)
    places = _places()
    if name not in places:
        known = ", ".join(sorted(places)) or "nothing: there is no folder `solutions` here"
        raise AttributeError(f"No earlier lesson gives `{name}`. There is {known}.")
    return getattr(import_module(f"solutions.{places[name]}"), name)


def __dir__():
    return sorted(_places())


@functools.cache
def _places():
    """Public name of a part → the module of `solutions` that defines it; nothing is imported."""
    spec = find_spec("solutions")
    if spec is None:
        return {}
    paths = [p for folder in spec.submodule_search_locations for p in Path(folder).glob("*.py")]
    return {node.name: path.stem for path in sorted(paths) for node in _definitions(path)}


def _definitions(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
