"""Turn a reference into an nbgrader solution cell, and into what a student finds there."""

import ast
import textwrap

from autograder.exercises.programs import program_source

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def solution_cell(exercise):
    """Return the reference's source with the parts that the student writes between markers."""
    lines = program_source(exercise.reference).splitlines()
    for first, last in reversed(_regions(exercise, "\n".join(lines))):
        indent = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
        lines[first - 1 : last] = [indent + BEGIN, *lines[first - 1 : last], indent + END]
    return "\n".join([*_notice(exercise), *lines])


def scaffold(exercise):
    """Return what a student sees in the solution cell: the stub in place of each marked part."""
    kept, inside = [], False
    for line in solution_cell(exercise).splitlines():
        if line.strip() == BEGIN:
            inside = True
            kept.append(textwrap.indent(STUB, line[: len(line) - len(line.lstrip())]))
        elif line.strip() == END:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def _notice(exercise):
    if not exercise.forbidden:
        return []
    names = ", ".join(exercise.forbidden)
    text = f"Not allowed in this cell, since they would do the work: {names}."
    return textwrap.wrap(text, 96, initial_indent="# ", subsequent_indent="# ")


def _regions(exercise, source):
    """First and last line of each body that the student writes, docstrings left out."""
    node = ast.parse(source).body[0]
    functions = [node]
    if isinstance(node, ast.ClassDef):
        methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
        missing = set(exercise.write) - set(methods)
        if missing or not exercise.write:
            raise ValueError(
                f"{exercise.id}: `write` must name methods of {node.name}. "
                f"Received: {exercise.write}"
            )
        functions = [methods[name] for name in methods if name in exercise.write]
    regions = []
    for function in functions:
        has_docstring = ast.get_docstring(function, clean=False) is not None
        body = function.body[1:] if has_docstring else function.body
        regions.append((body[0].lineno, body[-1].end_lineno))
    return regions
