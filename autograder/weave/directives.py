"""Read the MyST directives of a lesson's prose and turn them into what every notebook shows.

Colon fences only, as in
    :::{admonition} Predict before you run
    :class: tip
    How large is the sum?
    :::
A fence of more colons may hold fences of fewer.
"""

import re
from dataclasses import dataclass

OPENING = re.compile(r"^(:{3,})\{([\w-]+)\}\s*(.*)$")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
LEFT_OVER = re.compile(r"^(:{3,}|`{3,}\{)|(?<!\$)\{[a-z-]+\}`", re.MULTILINE)


class LessonError(ValueError):
    """A lesson's text is not as the weaver needs it; the message says where and what must hold."""


@dataclass(frozen=True)
class Directive:
    """`:::{name} argument`, its options and its body."""

    name: str
    argument: str
    options: dict
    body: str


def split(text):
    """Return the parts of `text` in order: strings of plain Markdown and `Directive`s."""
    lines, parts, plain = text.splitlines(), [], []
    number = 0
    while number < len(lines):
        opening = OPENING.match(lines[number])
        if not opening:
            plain.append(lines[number])
            number += 1
            continue
        fence, name, argument = opening.groups()
        try:
            end = lines.index(fence, number + 1)
        except ValueError:
            raise LessonError(
                f"A fence that opens must close by the same `{fence}` alone on a line. "
                f"Received: {lines[number]!r} and no end"
            ) from None
        parts.append("\n".join(plain))
        plain = []
        parts.append(_directive(name, argument.strip(), lines[number + 1 : end]))
        number = end + 1
    parts.append("\n".join(plain))
    return [part for part in parts if not isinstance(part, str) or part.strip()]


def _directive(name, argument, lines):
    options = {}
    while lines and (option := OPTION.match(lines[0])):
        options[option[1]] = option[2].strip()
        lines = lines[1:]
    return Directive(name, argument, options, "\n".join(lines).strip())


def to_markdown(text):
    """Return `text` with every admonition as a block quote or, of class dropdown, `<details>`.

    Raises LessonError when any other directive or role is left.
    """
    shown = []
    for part in split(text):
        if isinstance(part, str):
            shown.append(part.strip("\n"))
        elif part.name == "admonition":
            shown.append(_admonition(part))
        else:
            raise LessonError(f"Only `admonition` may stand here. Received: `{part.name}`")
    result = "\n\n".join(shown).strip()
    left = LEFT_OVER.search(result)
    if left:
        raise LessonError(f"No MyST may be left over. Received: {result[left.start() :][:60]!r}")
    return result


def _admonition(part):
    body = to_markdown(part.body)
    if "dropdown" in part.options.get("class", "").split():
        return f"<details><summary>{part.argument}</summary>\n\n{body}\n\n</details>"
    quoted = "\n".join(f"> {line}".rstrip() for line in body.splitlines())
    return f"> **{part.argument}**\n>\n{quoted}"


def numbered_items(text):
    """Return the items of a numbered Markdown list; an item may span lines."""
    items = re.split(r"^\d+\.\s+", text.strip(), flags=re.MULTILINE)
    return [" ".join(item.split()) for item in items if item.strip()]
