"""The instant check: cases go in, values come out, a judge says which mistake they equal."""

from course.quiet import load_keras

load_keras()  # before the modules below import it, which would let TensorFlow's log lines out

from course.checking.notebook import CheckFailed, check, hint, probe_hidden  # noqa: E402

__all__ = ["CheckFailed", "check", "hint", "probe_hidden"]
