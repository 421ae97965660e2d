"""Show a verdict: HTML with a picture in JupyterLab, plain text in a terminal.

The HTML carries its own styles, so that it stands alone in nbgrader's feedback pages, and takes
its text colour from the page, so that it suits a light and a dark one. No meaning hangs on a colour
alone: each state has a mark of its own.
"""

import html
import itertools
import re
import sys

from course.checking import picture
from course.progress import in_notebook

MARKS = {  # status: mark and colour, which is legible on white and on black
    "passed": ("✓", "#2a9d4e"),
    "failed": ("✗", "#d1651b"),
    "error": ("!", "#d1651b"),
    "timeout": ("!", "#d1651b"),
    "crashed": ("!", "#d1651b"),
    "forbidden": ("⊘", "#9668d8"),
    "needs-review": ("?", "#7d8590"),
}
CARD = (
    "border:1px solid rgba(128,128,128,.35);border-left:4px solid {colour};border-radius:4px;"
    "background:rgba(128,128,128,.07);padding:.5em .9em;margin:.3em 0;line-height:1.5"
)
GRID = "display:grid;grid-template-columns:max-content 1fr;gap:0 .8em;margin:.4em 0"
CODE = "font-family:monospace;white-space:pre-wrap;overflow-wrap:anywhere"
FAINT = "opacity:.75;font-size:90%"


def show(verdict, key, outcomes, texts, seconds):
    """Show the verdict of one check. A failure's message is raised by the caller, below this."""
    text = verdict_text(verdict)
    if not in_notebook():
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "replace").decode(encoding))
        return
    drawn = "" if verdict.passed else picture.of_first_failure(verdict, key, outcomes)
    wrong = markdown_to_html(texts["goes_wrong"]) if verdict.passed else ""
    if wrong:
        wrong = f"<details><summary>What goes wrong here</summary>{wrong}</details>"
    time = f'<div style="{FAINT}">checked in {seconds:.2f} s</div>'
    page = verdict_html(verdict, texts, message=False, below=drawn + wrong + time)
    publish({"text/html": page, "text/plain": text})


def show_markdown(text):
    """Show Markdown in a notebook, and in a terminal its source without the emphasis."""
    if in_notebook():
        publish({"text/markdown": text, "text/plain": text})
    else:
        print(text.replace("**", ""))


def publish(data):
    """Send one output by MIME type; outside a notebook there is nobody to receive it."""
    from IPython.display import display

    display(data, raw=True)


def verdict_html(verdict, texts=None, message=True, below=""):
    """Return a verdict as HTML that stands alone.

    texts: of the exercise; with them a named mistake is explained.
    message: whether to repeat the lines of the verdict's message below its first one.
    below: HTML to put at the end.
    """
    mark, colour = _mark(verdict)
    first, *lines = verdict.message.splitlines()
    parts = [
        f'<div><b style="color:{colour}">{mark}</b> <b>{_inline(first)}</b>'
        f' <span style="{FAINT}">{_score(verdict)}</span></div>'
    ]
    if message and lines:
        parts.append(f'<div style="{GRID}">{"".join(map(_fact, lines))}</div>')
    if verdict.diagnosis:
        parts.append(_diagnosis(verdict.diagnosis, texts))
    if verdict.cases:
        rows = (
            _row(case, case.message if number == 0 or case.passed else "the same")
            for _, same in itertools.groupby(verdict.cases, key=lambda case: case.message)
            for number, case in enumerate(same)
        )
        parts.append(f'<ul style="list-style:none;margin:.4em 0;padding:0">{"".join(rows)}</ul>')
    return f'<div style="{CARD.format(colour=colour)}">{"".join(parts)}{below}</div>'


def verdict_text(verdict):
    """Return a verdict as the lines that a terminal shows above the message."""
    mark, _ = _mark(verdict)
    score = _score(verdict)
    first = f"{mark} {verdict.exercise}" + (f": {score}" if score else "")
    return "\n".join([first, *(f"  {_case_mark(case)[0]} {case.name}" for case in verdict.cases)])


def markdown_to_html(text):
    """Render Markdown by the library that `rich` brings."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).render(text)


def _mark(verdict):
    if verdict.cases and all(case.message == "not answered yet" for case in verdict.cases):
        return "○", MARKS["needs-review"][1]
    return MARKS[verdict.status]


def _case_mark(case):
    return MARKS["passed" if case.passed else "failed"]


def _score(verdict):
    """How many cases passed; with hidden ones, which carry the points, also how many points."""
    right = sum(case.passed for case in verdict.cases)
    parts = [f"{right} of {len(verdict.cases)} cases"] if verdict.cases else []
    if verdict.points is not None and not all(case.visible for case in verdict.cases):
        parts.append(f"{verdict.points:g} of {verdict.max_points:g} points")
    return " · ".join(parts)


def _fact(line):
    """One line of a message, such as `expected: 3 at (1, 1)`, as two cells of a grid."""
    name, _, text = line.strip().partition(":")
    style = CODE if name in ("expected", "received", "where") else ""
    return (
        f'<span style="{FAINT}">{name}</span><span style="{style}">{_inline(text.strip())}</span>'
    )


def _diagnosis(diagnosis, texts):
    explanation = ""
    if texts:
        explanation = f" {_inline(texts['misconceptions'][diagnosis['id']]['explanation'])}"
    return (
        f'<div style="margin:.4em 0">The result is that of a known mistake: '
        f"<b>{_inline(diagnosis['title'])}</b>.{explanation}</div>"
    )


def _row(case, message):
    mark, colour = _case_mark(case)
    said = "passed" if case.passed else "failed"
    worth = f" ({case.max_points:.2g} point{'s' * (case.max_points != 1)})" * bool(case.max_points)
    return (
        f'<li><b role="img" aria-label="{said}" style="color:{colour}">{mark}</b> '
        f'{_inline(case.name)}{worth} <span style="{FAINT}">{_inline(message)}</span></li>'
    )


def _inline(text):
    """Escape a text for HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
