"""The failure gallery: mistakes to switch on in a Transformer, and what training shows of them.

Some of them no training shows, others look perfect until the model has to write by itself.
"""

from course.gallery.bugs import BUGS, GROUPS, Bug
from course.gallery.run import Result, measure

__all__ = ["BUGS", "GROUPS", "Bug", "Result", "measure"]
