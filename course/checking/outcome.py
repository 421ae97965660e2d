"""What may be judged: an outcome whose form is known, whatever student code put into it."""

from course.checking.values import require_plain

MAX_VALUES = 100  # observations of one case
MAX_NAME = 200  # characters of an observation's name
MAX_DEPTH = 12  # of nested lists and dicts, the outcome itself and its `values` counted
MAX_TEXT = 1000  # characters of each text of an error
ERROR = ("type", "message", "line")


def validate(outcome):
    """Return `outcome` if it has the form that `probe` writes. Raises ValueError otherwise.

    The form is `{"values": {name: plain data}, "error": None | {"type", "message", "line"}}`, with
    three strings in an error. The values themselves may be anything.
    """
    try:
        require_plain(outcome, MAX_DEPTH)
    except TypeError as error:
        raise ValueError(f"An outcome must be plain data: {error}") from None
    if type(outcome) is not dict or outcome.keys() != {"values", "error"}:
        raise ValueError(f"An outcome must hold `values` and `error`. Received: {_say(outcome)}")
    values, error = outcome["values"], outcome["error"]
    if (
        type(values) is not dict
        or len(values) > MAX_VALUES
        or max(map(len, values), default=0) > MAX_NAME
    ):
        raise ValueError(
            f"`values` must be a dict of at most {MAX_VALUES} names of at most {MAX_NAME} "
            f"characters. Received: {_say(values)}"
        )
    if error is not None and not _is_error(error):
        raise ValueError(
            f"`error` must be None, or hold {', '.join(ERROR)} as strings of at most {MAX_TEXT} "
            f"characters. Received: {_say(error)}"
        )
    return outcome


def _is_error(error):
    return (
        type(error) is dict
        and error.keys() == set(ERROR)
        and all(type(text) is str and len(text) <= MAX_TEXT for text in error.values())
    )


def _say(value):
    if type(value) is dict:
        return f"a dict with {', '.join(map(repr, list(value)[:8]))}"[:200]
    if type(value) is str:
        return f"a string of {len(value)} characters"
    return type(value).__name__
