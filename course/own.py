"""Your own answers, out of a lesson's notebook: what you built there, to build on elsewhere."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

from IPython.core.inputtransformer2 import TransformerManager

DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def answers(notebook):
    """Run the imports and answers of a lesson's notebook; return what they define.

    notebook: path of your copy, such as `"07-encoder-decoder.ipynb"`.
    Returns an object with your functions and classes as attributes: `answers(…).Transformer`. One
        that is not answered yet says so when it is used.
    Checks, experiments and trainings are not run; of cells that you added yourself, the functions,
    classes and imports are. What the lesson takes from earlier ones is the course's.
    Raises FileNotFoundError, and ValueError for what is no notebook or an answer that fails.
    """
    names = {"__name__": f"answers of {Path(notebook).stem}"}
    for number, cell in enumerate(_cells(notebook), 1):
        try:
            source = TransformerManager().transform_cell(_text(cell["source"]))
            tree = ast.parse(source)
            if "nbgrader" not in cell["metadata"]:
                tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
            exec(compile(tree, f"{notebook}, code cell {number}", "exec"), names)
        except Exception as error:
            first = (_text(cell["source"]).strip().splitlines() or [""])[0]
            raise ValueError(
                f"The imports and answers of `{notebook}` must run. Received: "
                f"{type(error).__name__}: {error} in the cell that begins with `{first}`"
            ) from error
    return SimpleNamespace(**{k: v for k, v in names.items() if not k.startswith("_")})


def _cells(notebook):
    """The cells that define something: the lesson's imports, the answers, the reader's own."""
    try:
        cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise FileNotFoundError(
            f"`{notebook}` must be a lesson's notebook. Received: no such file"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"`{notebook}` must be a lesson's notebook. Received: {type(error).__name__}: {error}"
        ) from None
    return [
        cell
        for cell in cells
        if cell["cell_type"] == "code"
        and not cell["metadata"].get("tags")
        and not cell["metadata"].get("nbgrader", {}).get("grade")
    ]


def _text(source):
    return source if isinstance(source, str) else "".join(source)
