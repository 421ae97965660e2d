"""The command `course`: what students need, and what installed plug-ins add."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

GROUP = "course.commands"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The Transformer course: lessons, checks and grading.",
)


@app.command()
def lab(
    folder: Annotated[
        Path, typer.Argument(help="Where your copies of the lessons live; made when missing.")
    ] = Path("my-lessons"),
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
):
    """Copy the lessons to a folder of yours and open JupyterLab on it; your work is never replaced."""
    from course.lab import open_lab

    raise typer.Exit(open_lab(folder, browser))


@app.command()
def doctor():
    """Say what this machine has for the course, and how to mend what is missing."""
    from course.doctor import report

    raise typer.Exit(report())


def load_plug_ins():
    """Let other packages add their commands; without them this is the student's command."""
    found = list(entry_points(group=GROUP))
    for entry in found:
        try:
            entry.load()(app)
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] == entry.module.split(".")[0]:
                continue  # the entry point is registered, its package is not here: a student's pack
            raise
    return found


def main():
    """Run the command."""
    load_plug_ins()
    app()
