"""Run the demo: release, hand in, grade with stock nbgrader, compare with what was expected."""

import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from autograder.classes import new_class
from autograder.demo.submissions import LESSON, submissions, verdicts_in
from autograder.kernel.layers import explain, missing
from autograder.stock import start_nbgrader

TIMEOUT = 8  # seconds a cell of the demo may take: its endless loop is waited for


def run(folder, console):
    """Run the demo in `folder`, or in one that is removed; return 1 if an outcome is unexpected."""
    if folder is not None:
        return _run(Path(folder), console)
    with tempfile.TemporaryDirectory(prefix="demo-class-") as temporary:
        return _run(Path(temporary) / "class", console)


def _run(folder, console):
    start = time.perf_counter()
    handed_in = submissions()
    if missing():
        console.print(f"{escape(explain())}\nThe demo trusts its own submissions and goes on.")
    new_class(folder)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"c.ExecuteSubmission.timeout = {TIMEOUT}\n")
        config.write(f"c.WarmKernelProvisioner.trust_students = {bool(missing())}\n")
    with _progress(console) as progress:
        _nbgrader(folder, "generate_assignment", progress, 1)
        _hand_in(folder, handed_in)
        _nbgrader(folder, "autograde", progress, len(handed_in))
        _nbgrader(folder, "generate_feedback", progress, len(handed_in))
    failed = _report(folder, handed_in, console)
    seconds = time.perf_counter() - start
    console.print(f"{len(handed_in)} submissions in {seconds:.0f} s, {failed} unexpected outcomes.")
    return int(failed > 0)


def _progress(console):
    return Progress(
        TextColumn("{task.description:>20}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _nbgrader(folder, command, progress, total):
    """Run a stock nbgrader command in the class folder; its log counts the notebooks done."""
    task = progress.add_task(command, total=total)
    log = []
    with start_nbgrader(folder, command, LESSON) as process:
        for line in process.stdout:
            log.append(line)
            if "Setting destination file permissions" in line:
                progress.advance(task)
    (folder / f"{command}.log").write_text("".join(log), encoding="utf-8")
    if process.returncode:
        raise RuntimeError(f"nbgrader {command} failed:\n{''.join(log[-30:])}")


def _hand_in(folder, handed_in):
    path = folder / "release" / LESSON / f"{LESSON}.ipynb"
    released = nbformat.read(path, as_version=4)
    for submission in handed_in:
        target = folder / "submitted" / submission.student / LESSON / submission.filename
        target.parent.mkdir(parents=True)
        target.write_text(submission.write(released), encoding="utf-8")


def _report(folder, handed_in, console):
    """Print the table; return the number of unexpected outcomes."""
    table = Table("", Column("student", no_wrap=True), "handed in", "points", "what was said")
    failed = 0
    for submission, points in zip(handed_in, _points(folder, handed_in), strict=True):
        path = folder / "autograded" / submission.student / LESSON / f"{LESSON}.ipynb"
        verdicts = verdicts_in(path.read_text(encoding="utf-8"))
        wrong = unexpected(submission, verdicts, points)
        failed += bool(wrong)
        said = wrong or _said(submission, verdicts)
        mark = "[red]✗[/red]" if wrong else "[green]✓[/green]"
        table.add_row(mark, submission.student, submission.about, _in_words(points), said)
    console.print(table)
    return failed


def unexpected(submission, verdicts, points):
    """Return what is not as expected, in words; an empty string when all is."""
    graded = [v["points"] for v in verdicts.values() if v["points"] is not None]
    if points is None or abs(points - sum(graded)) > 1e-6:
        return f"the gradebook holds {points}, the verdicts {sum(graded)}"
    for name, verdict in verdicts.items():
        differs = submission.differs in (name, "*")
        status = submission.status if differs else "passed"
        named = submission.named if differs else None
        found = (verdict["diagnosis"] or {}).get("id")
        if (verdict["status"], found) != (status, named):
            return f"{name}: {verdict['status']} {found}, expected {status} {named}"
        full = verdict["points"] == verdict["max_points"]
        if full == differs:
            return f"{name}: {verdict['points']} of {verdict['max_points']} points"
    return ""


def _said(submission, verdicts):
    if not submission.differs:
        return "passed"
    name = submission.differs if submission.differs != "*" else next(iter(verdicts))
    verdict = verdicts[name]
    return verdict["diagnosis"]["title"] if verdict["diagnosis"] else verdict["status"]


def _points(folder, handed_in):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        found = {s.student.id: s.score for s in gradebook.assignment_submissions(LESSON)}
    return [found.get(submission.student) for submission in handed_in]


def _in_words(points):
    return "none" if points is None else f"{points:g}"
