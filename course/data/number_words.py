"""Numbers in words, from English into French and German: a second task, with grammar in it.

    "fr: seventy-one" → "soixante et onze"        "de: seventy-one" → "einundsiebzig"

The library num2words writes them. They are split by number: none of the test is in the training,
in either language.
"""

import functools

import numpy as np
from num2words import num2words

from course.data.characters import Characters, Pairs
from course.data.splits import require_split, split_of
from course.data.task import Task
from course.progress import Progress

LANGUAGES = ("fr", "de")
NUMBERS = range(10_000)
ALPHABET = " ,-:abcdefghilmnopqrstuvwxyzßéöü"  # a test compares it with what num2words writes
CHARACTERS = Characters(ALPHABET)
SOURCE_LENGTH = 52  # characters; the longest source has 51
TARGET_LENGTH = 48  # START, at most 46 characters, END


@functools.cache
def numbers(split):
    """Return the numbers of a split, in order: `"training"`, `"validation"` or `"test"`.

    Raises ValueError for another name.
    """
    require_split(split)
    return tuple(number for number in NUMBERS if split_of(str(number)) == split)


def number_words(split, count, seed=0):
    """Draw `count` numbers of a split, each to be said in a random one of the languages.

    seed: int, or a `numpy.random.Generator`; the same seed gives the same numbers.
    Returns: `Pairs`; a source is English, with the language asked for in front.
    """
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, len(choices), count) for choices in (numbers(split), LANGUAGES)]
    sources, targets = [], []
    with Progress("Writing numbers", total=count, delay=1.0) as progress:
        for place, language in zip(*drawn, strict=True):
            number, language = numbers(split)[place], LANGUAGES[language]
            sources.append(f"{language}: {say(number, 'en')}")
            targets.append(say(number, language))
            progress.advance()
    return Pairs(sources, targets)


@functools.cache
def say(number, language):
    """Return a number in words, such as `say(71, "fr")`, which is `"soixante et onze"`."""
    return num2words(number, lang=language)


NUMBER_WORDS = Task("number words", number_words, CHARACTERS, SOURCE_LENGTH, TARGET_LENGTH)
