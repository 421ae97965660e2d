import pytest

from course.data.characters import UNK
from course.data.number_words import (
    ALPHABET,
    CHARACTERS,
    LANGUAGES,
    NUMBERS,
    SOURCE_LENGTH,
    TARGET_LENGTH,
    number_words,
    numbers,
    say,
)
from course.data.splits import SHARES


def test_numbers_as_their_speakers_say_them():
    """By the grammars of the two languages, not by the library."""
    french = {
        0: "zéro",
        21: "vingt et un",
        71: "soixante et onze",
        80: "quatre-vingts",
        81: "quatre-vingt-un",
        91: "quatre-vingt-onze",
        200: "deux cents",
        201: "deux cent un",
        1000: "mille",
        1999: "mille neuf cent quatre-vingt-dix-neuf",
    }
    assert {number: say(number, "fr") for number in french} == french
    german = {
        1: "eins",
        21: "einundzwanzig",
        101: "einhunderteins",
        777: "siebenhundertsiebenundsiebzig",
    }
    assert {number: say(number, "de") for number in german} == german


def test_every_number_is_in_one_split():
    found = [number for split in SHARES for number in numbers(split)]
    assert sorted(found) == list(NUMBERS)


def test_the_source_says_the_number_and_the_language():
    english = {say(number, "en"): number for number in NUMBERS}
    pairs = number_words("test", 300, seed=2)
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        language, words = source.split(": ")
        assert english[words] in numbers("test")
        assert say(english[words], language) == target
    assert {source[:2] for source in pairs.sources} == set(LANGUAGES)


def test_everything_fits_and_has_an_id():
    sources = [f"{language}: {say(n, 'en')}" for n in NUMBERS for language in LANGUAGES]
    targets = [say(n, language) for n in NUMBERS for language in LANGUAGES]
    assert max(map(len, sources)) == SOURCE_LENGTH - 1
    assert max(map(len, targets)) == TARGET_LENGTH - 2
    assert not any(UNK in CHARACTERS.encode(text) for text in (*sources, *targets))
    assert set("".join(sources + targets)) == set(ALPHABET)


def test_the_same_seed_gives_the_same_numbers():
    assert number_words("test", 9, seed=3) == number_words("test", 9, seed=3)
    assert number_words("test", 9, seed=3) != number_words("test", 9, seed=4)


def test_another_split_is_an_error():
    with pytest.raises(ValueError, match=r"`split` must be one of .* Received: 'all'"):
        number_words("all", 1)
