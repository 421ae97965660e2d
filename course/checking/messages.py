"""The texts of verdicts: a first line that says what is wrong, then one line for each fact."""

WRONG = {
    "type": "wrong type",
    "shape": "wrong shape",
    "dtype": "wrong kind of number",
    "values": "wrong values",
    "exception": "wrong exception",
}
STOPPED = {"timeout": "took too long", "crashed": "ended Python"}
MAX_LINE = 300  # characters


def passed(name):
    return f"{name}: passed."


def unanswered(name, line=""):
    """The message for a cell that still holds its scaffold.

    line: where the exception came from; it names the function, which may be an earlier exercise's.
    """
    return lines(
        f"{name}: not answered yet.",
        where=line,
        to_do="replace `raise NotImplementedError()` by your code, and run its cell and this one.",
        help=f'hint("{name}") gives one step at a time.',
    )


def wrong(name, case, fault, hint, show_expected):
    """The message for a value that differs; `fault` is a `compare.Difference`."""
    at = f" at {fault.where}" if fault.where else ""
    first = f'{name}: {WRONG[fault.kind]} in "{case}".'
    if show_expected:
        return lines(first, expected=fault.expected + at, received=_received(fault), hint=hint)
    return lines(first, received=_received(fault) + at, hint=hint)


def raised(name, case, error, hint):
    """The message for an exception that a right answer does not raise."""
    reason = _first_line(error["message"])
    if error["type"] == "Unreadable":
        return lines(f'{name}: unusable answer in "{case}".', reason=reason, hint=hint)
    kind = _first_line(error["type"])
    return lines(f'{name}: {kind} in "{case}".', where=error["line"], reason=reason, hint=hint)


def stopped(name, status, sentence, hint):
    """The message where the cases were not all reached."""
    return lines(f"{name}: {STOPPED.get(status, status)}.", reason=sentence, hint=hint)


def forbidden(name, use):
    """The message for a name that does the exercise's work; `use` is of `source.forbidden_uses`."""
    word, place, reason = use
    where = f"line {place}" if isinstance(place, int) else place
    return lines(f"{name}: `{word}` may not be used here.", where=where, reason=reason)


def needs_review(name, reason):
    return lines(f"{name}: needs review by an instructor.", reason=reason)


def of_case(fault, show_expected):
    """One line for one case: where, what was expected, what was received."""
    where = f"{fault.where}: " if fault.where else ""
    expected = f"expected {fault.expected}, " if show_expected else ""
    return _cut(f"{where}{expected}received {_received(fault)}")


def of_error(error):
    """One line for one case that raised an exception."""
    reason = _first_line(error["message"])
    if error["type"] == "Unreadable":
        return _cut(reason)
    return _cut(f"{_first_line(error['type'])}: {reason}".removesuffix(": "))


def lines(first, **facts):
    """Lay out a message; facts without text are left out."""
    rows = [
        f"  {name.replace('_', ' ') + ':':<9} {_cut(text)}" for name, text in facts.items() if text
    ]
    return "\n".join([_cut(first), *rows])


def _received(fault):
    if fault.received == "None":
        return "None, which is what a function without `return` gives"
    return fault.received


def _first_line(text):
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _cut(text):
    text = " ".join(text.splitlines())
    return text if len(text) <= MAX_LINE else text[: MAX_LINE - 1] + "…"
