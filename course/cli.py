"""The command `course`: what students need, and what installed plug-ins add."""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

GROUP = "course.commands"
NOT_HERE = (
    "The instructor's commands, such as `course new-class`, come with the package `autograder`, "
    "which is not installed here."
)


class Commands(TyperGroup):
    """The commands by name; one that is missing because a plug-in is gets a sentence."""

    def get_command(self, ctx, cmd_name):
        found = super().get_command(ctx, cmd_name)
        if found is None and not ctx.obj:
            here = ", ".join(self.list_commands(ctx))
            ctx.fail(f"There is no command `{cmd_name}`; there are {here}. {NOT_HERE}")
        return found


app = typer.Typer(
    cls=Commands,
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
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="For JupyterLab, after `--`: course lab my-lessons -- --port=9000"),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
):
    """Copy the lessons to a folder of yours, replacing nothing there, and open JupyterLab on it."""
    from course.lab import LabError, open_lab

    try:
        raise typer.Exit(open_lab(folder, browser, arguments or []))
    except LabError as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None


@app.command()
def doctor():
    """Say what this machine has for the course, and how to mend what is missing."""
    from course.doctor import report

    raise typer.Exit(report())


def add_plug_ins(app):
    """Let other packages add their commands to a typer app; return the names of those that did."""
    added = []
    for entry in entry_points(group=GROUP):
        try:
            entry.load()(app)
        except ModuleNotFoundError as error:
            if error.name and error.name.split(".")[0] == entry.module.split(".")[0]:
                continue  # the entry point is registered, its package is not here: a student's pack
            raise
        added.append(entry.name)
    return added


def main():
    """Run the command."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a ✓ must not stop a terminal that lacks it
    plug_ins = add_plug_ins(app)
    if not plug_ins:
        app.info.epilog = NOT_HERE
    app(obj=plug_ins)
