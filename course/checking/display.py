"""Show a verdict: HTML with a picture in JupyterLab, plain text in a terminal."""

import html

from course.checking import picture

COLOURS = {"passed": "#1a7f37", "failed": "#b35900", "error": "#b35900", "forbidden": "#8250df"}


def show(verdict, key, outcomes, texts, seconds):
    """Show the verdict of one check. A failure's four lines are raised by the caller."""
    text = _as_text(verdict)
    if _in_notebook():
        publish({"text/html": _as_html(verdict, key, outcomes, texts, seconds), "text/plain": text})
    else:
        print(text)


def show_markdown(text):
    """Show Markdown in a notebook, its source in a terminal."""
    if _in_notebook():
        publish({"text/markdown": text, "text/plain": text})
    else:
        print(text)


def publish(data):
    """Send one output by MIME type; outside a notebook there is nobody to receive it."""
    from IPython.display import display

    display(data, raw=True)


def verdict_html(verdict):
    """The verdict's headline and its list of cases, as HTML."""
    colour = COLOURS.get(verdict.status, "#57606a")
    rows = "".join(_case_row(case) for case in verdict.cases)
    named = ""
    if verdict.diagnosis:
        named = f"<div>This is what you get by: <b>{_escape(verdict.diagnosis['title'])}</b></div>"
    return (
        f'<div style="border-left:4px solid {colour};padding:.3em .8em">'
        f'<b style="color:{colour}">{_headline(verdict)}</b>{named}'
        f'<ul style="list-style:none;margin:.3em 0;padding:0">{rows}</ul></div>'
    )


def _headline(verdict):
    right = sum(case.passed for case in verdict.cases)
    count = f" · {right} of {len(verdict.cases)} cases" if verdict.cases else ""
    return _escape(f"{verdict.exercise}: {verdict.status}{count}")


def _case_row(case):
    mark, colour = ("✓", "#1a7f37") if case.passed else ("✗", "#b35900")
    message = f" — {_escape(case.message)}" if case.message else ""
    return f'<li><b style="color:{colour}">{mark}</b> {_escape(case.name)}{message}</li>'


def _as_html(verdict, key, outcomes, texts, seconds):
    parts = [verdict_html(verdict)]
    if verdict.passed and texts["goes_wrong"]:
        body = markdown_to_html(texts["goes_wrong"])
        parts.append(f"<details><summary>What goes wrong here</summary>{body}</details>")
    elif outcomes and not verdict.passed:
        parts.append(picture.of_first_failure(verdict, key, outcomes))
    parts.append(f'<div style="opacity:.6;font-size:85%">checked in {seconds:.2f} s</div>')
    return "".join(parts)


def _as_text(verdict):
    lines = [f"{'✓' if case.passed else '✗'} {case.name}" for case in verdict.cases]
    return "\n".join([f"{verdict.exercise}: {verdict.status}", *lines])


def markdown_to_html(text):
    """Render Markdown by the library that JupyterLab's tools bring."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).render(text)


def _in_notebook():
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _escape(text):
    return html.escape(str(text))
