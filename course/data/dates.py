"""Dates as people write them in ten languages, and the same dates in ISO 8601: the graded task.

    "jeudi 24 septembre 1987" → "1987-09-24"        "24.09.1987" → "1987-09-24"

Babel writes them, from the Unicode Consortium's locale data (CLDR), so that there are as many as
one wants. They are split by day: no day of the test is in the training, in any language.
"""

import datetime
import functools

import numpy as np
from babel.dates import format_date

from course.data.characters import Characters, Pairs
from course.data.splits import require_split, split_of
from course.data.task import Task
from course.progress import Progress

LOCALES = ("de", "en_GB", "en_US", "es", "fr", "it", "ja", "pl", "ru", "tr")
FORMATS = ("medium", "long", "full")  # "short" leaves out the century
FIRST, LAST = datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)
# Every character of these dates; a test compares them with what Babel writes.
ALPHABET = (
    " \N{NARROW NO-BREAK SPACE},-./0123456789"
    "ACDEFHJKMNOPSTWabcdefghijklmnoprstuvwyzÇáäéìûüąğıłśŞşź"
    "абвгдеиклмнопрстуфцчьюя土年日曜月木水火金"
)
CHARACTERS = Characters(ALPHABET)
SOURCE_LENGTH = 36  # characters; the longest date, a Spanish one, has 35
TARGET_LENGTH = 12  # START, ten characters, END


@functools.cache
def days(split):
    """Return the days of a split, in order: `"training"`, `"validation"` or `"test"`.

    Raises ValueError for another name.
    """
    require_split(split)
    count = (LAST - FIRST).days + 1
    every = (FIRST + datetime.timedelta(number) for number in range(count))
    return tuple(day for day in every if split_of(day.isoformat()) == split)


def dates(split, count, seed=0):
    """Draw `count` dates of a split, each a random day in a random language and format.

    seed: int, or a `numpy.random.Generator`; the same seed gives the same dates.
    Returns: `Pairs`; the sources are as people write, the targets in ISO 8601.
    """
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, len(choices), count) for choices in (days(split), LOCALES, FORMATS)]
    sources, targets = [], []
    with Progress("Writing dates", total=count, delay=1.0) as progress:
        for day, locale, form in zip(*drawn, strict=True):
            sources.append(write(days(split)[day], LOCALES[locale], FORMATS[form]))
            targets.append(days(split)[day].isoformat())
            progress.advance()
    return Pairs(sources, targets)


def write(day, locale, form="long"):
    """Return a `datetime.date` as people of a locale write it, such as `"24 septembre 1987"`."""
    return format_date(day, form, locale=locale)


DATES = Task("dates", dates, CHARACTERS, SOURCE_LENGTH, TARGET_LENGTH)
