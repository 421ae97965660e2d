"""The instructor's commands: they join `course` through the entry point group `course.commands`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

console = Console()
errors = Console(stderr=True)


def register(app):
    """Add the instructor's commands to the typer app of `course`."""
    for command in (new_class, build, demo, exercises, judge):
        app.command()(command)


def new_class(
    folder: Annotated[Path, typer.Argument(help="The class's own folder; made new.")],
    backend: Annotated[
        str, typer.Option(help="Keras' backend that grades: tensorflow, jax or torch.")
    ] = "tensorflow",
):
    """Make a class: a folder in which nbgrader's stock commands release and grade the lessons."""
    _load_keras()
    from autograder.classes import new_class as make

    try:
        make(folder, backend)
    except (FileExistsError, ValueError) as error:
        _wrong_usage(error)
    console.print(f"Made the class in {escape(str(folder))}. Next:")
    console.print(f"  cd {escape(str(folder))}")
    console.print("  nbgrader generate_assignment 03-attention   # then hand out release/")
    console.print("  nbgrader autograde 03-attention             # reads submitted/")
    console.print("  nbgrader generate_feedback 03-attention     # writes feedback/")


def build():
    """Bake released notebooks, keys and texts from lessons and exercises; for maintainers."""
    _load_keras()
    from autograder.build import build as bake

    changed = bake()
    for path in changed:
        console.print(f"wrote {escape(str(path))}", soft_wrap=True)
    console.print(f"{len(changed)} files changed.")


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Keep the demo's class here, to look at.")
    ] = None,
):
    """Grade a class of right, wrong and hostile notebooks and compare with what must come out."""
    _load_keras()
    from autograder.demo import run

    try:
        failed = run(folder, console)
    except FileExistsError as error:
        _wrong_usage(error)
    raise typer.Exit(failed)


def exercises(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
):
    """List all exercises."""
    _load_keras()
    from autograder.listing import as_data, as_table

    if as_json:
        print(json.dumps(as_data(), indent=2, ensure_ascii=False))
    else:
        console.print(as_table())


def judge(
    what: Annotated[str, typer.Argument(metavar="ID", help="An exercise id, or a lesson number.")],
    file: Annotated[
        Path, typer.Argument(help="Python source for the exercise's cell; or a lesson's notebook.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="The class seed of the hidden cases.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    trust_students: Annotated[
        bool, typer.Option("--trust-students", help="Go on where the sandbox is incomplete.")
    ] = False,
):
    """Judge one answer exactly as grading does, hidden cases included."""
    _load_keras()
    from autograder.judging import UsageError, judge_file
    from autograder.kernel.provisioner import SandboxUnavailable

    try:
        verdicts = judge_file(what, file, seed, trust_students)
    except (UsageError, SandboxUnavailable) as error:
        _wrong_usage(error)
    if as_json:
        print(json.dumps(verdicts, indent=2, ensure_ascii=False))
        return
    for verdict in verdicts if isinstance(verdicts, list) else [verdicts]:
        points = "no points yet" if verdict["points"] is None else f"{verdict['points']:g} points"
        console.print(escape(verdict["message"]), highlight=False, soft_wrap=True)
        console.print(f"  points:   {points} of {verdict['max_points']:g}", highlight=False)


def _load_keras():
    from course.quiet import load_keras

    load_keras()


def _wrong_usage(error):
    errors.print(escape(str(error)), highlight=False, soft_wrap=True)
    raise typer.Exit(2)
