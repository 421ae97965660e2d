"""The instant check: cases go in, values come out, a judge says which mistake they equal."""

from course.checking.notebook import CheckFailed, check, hint, probe_hidden

__all__ = ["CheckFailed", "check", "hint", "probe_hidden"]
