"""Attacks on the channel: outcomes forged, broken or too large."""

from tests.attacks.form import NOTHING, WRONG, Attack, inside

PUBLISH = """
from IPython.display import publish_display_data
def send(text):
    publish_display_data({"application/vnd.transformer-course.outcome": text, "text/plain": ""})
"""
PACKED = """
import base64
from course.checking.values import pack
def outcome(ticket, number=0, **more):
    value = {"number": number, "ticket": ticket, "values": {"output": 1.0}, "error": None, **more}
    return base64.b64encode(pack(value)).decode()
"""
TICKET = """
def ticket():
    import sys
    frame = sys._getframe()
    while frame.f_code.co_name != "probe_hidden":
        frame = frame.f_back
    return frame.f_locals["ticket"]
"""
BOMB = """
    import base64, io, zipfile
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(20):
            archive.writestr(f"{n}.npy", bytes(20 << 20))
    send(base64.b64encode(buffer.getvalue()).decode())
"""
PICKLE = """
    import base64, io, numpy as np
    class Evil:
        def __reduce__(self):
            return print, ("REACHED",)
    buffer = io.BytesIO()
    np.savez(buffer, json=np.array([Evil()], dtype=object))
    send(base64.b64encode(buffer.getvalue()).decode())
"""


def _sending(expression):
    body = f"    send({expression})\n" if "\n" not in expression else expression
    return (
        PUBLISH + PACKED + TICKET + f"def scale_scores(scores, query):\n{body}    return scores\n"
    )


def _huge(notebook):
    notebook.cells[0].source += "\n" + "x" * 50_000_000


REVIEW = ("needs-review",)
ATTACKS = [
    Attack(
        "foreign-ticket",
        "an outcome of another run",
        NOTHING,
        answer=_sending("outcome('0' * 16)"),
        status=REVIEW,
    ),
    Attack(
        "own-ticket",
        "forge an outcome with the real ticket",
        NOTHING,
        answer=_sending("outcome(ticket())"),
        status=REVIEW,
    ),
    Attack(
        "number-beyond",
        "an outcome of a case that is not there",
        NOTHING,
        answer=_sending("outcome(ticket(), number=99)"),
        status=REVIEW,
    ),
    Attack(
        "extra-fields",
        "an outcome that brings its points",
        NOTHING,
        answer=_sending("outcome(ticket(), points=2.0)"),
        status=REVIEW,
    ),
    Attack("not-base64", "text in place of data", NOTHING, answer=_sending("'%%%'"), status=REVIEW),
    Attack(
        "no-archive", "bytes that are no archive", NOTHING, answer=_sending("'AAAA'"), status=REVIEW
    ),
    Attack(
        "oversized",
        "an outcome of 60 MB",
        NOTHING,
        answer=_sending("'A' * 60_000_000"),
        status=REVIEW,
    ),
    Attack(
        "zip-bomb",
        "an archive that unpacks to 400 MB",
        NOTHING,
        answer=_sending(BOMB),
        status=REVIEW,
    ),
    Attack(
        "pickle",
        "a pickle that runs on the grader's side",
        NOTHING,
        answer=_sending(PICKLE),
        status=REVIEW,
    ),
    Attack(
        "nan",
        "values that compare with nothing",
        NOTHING,
        answer=inside("return scores * float('nan')"),
    ),
    Attack(
        "object-array",
        "an array of objects",
        NOTHING,
        answer=inside("import numpy as np\nreturn np.array([object()])"),
        status=("failed", "error"),
    ),
    Attack(
        "large-value",
        "a value of 300 MB",
        NOTHING,
        answer=inside("import numpy as np\nreturn np.ones((40_000_000,))"),
        status=("failed", "error"),
    ),
    Attack("fifty-megabytes", "a notebook of 50 MB", NOTHING, answer=WRONG, edit=_huge),
]
