import datetime

import pytest

from course.data import dates as module
from course.data.characters import UNK, padded
from course.data.dates import (
    ALPHABET,
    CHARACTERS,
    FIRST,
    FORMATS,
    LAST,
    LOCALES,
    SOURCE_LENGTH,
    TARGET_LENGTH,
    dates,
    days,
    write,
)
from course.data.splits import SHARES

EVERY = [day for split in SHARES for day in days(split)]


def written(some):
    """Every way in which some days are written, with the day."""
    return [
        (write(day, locale, form), day) for day in some for locale in LOCALES for form in FORMATS
    ]


def test_every_day_is_in_one_split():
    assert len(EVERY) == len(set(EVERY)) == (LAST - FIRST).days + 1
    assert min(EVERY) == FIRST
    assert max(EVERY) == LAST


def test_no_target_of_one_split_is_in_another():
    found = {split: set(dates(split, 2000).targets) for split in SHARES}
    assert not found["training"] & found["test"]
    assert not found["training"] & found["validation"]
    assert not found["validation"] & found["test"]


def test_the_same_seed_gives_the_same_dates():
    assert dates("test", 20, seed=3) == dates("test", 20, seed=3)
    assert dates("test", 20, seed=3) != dates("test", 20, seed=4)
    assert len(dates("test", 0)) == 0


def test_dates_of_each_language_as_their_readers_know_them():
    day = datetime.date(1987, 9, 24)
    assert [write(day, locale) for locale in ("de", "en_GB", "en_US", "es", "fr")] == [
        "24. September 1987",
        "24 September 1987",
        "September 24, 1987",
        "24 de septiembre de 1987",
        "24 septembre 1987",
    ]
    assert [write(day, locale, "full") for locale in ("it", "ja", "pl", "ru", "tr")] == [
        "giovedì 24 settembre 1987",
        "1987年9月24日木曜日",
        "czwartek, 24 września 1987",
        "четверг, 24 сентября 1987\N{NARROW NO-BREAK SPACE}г.",
        "24 Eylül 1987 Perşembe",
    ]
    assert len(LOCALES) == 10


def test_a_target_is_the_iso_date_of_its_source():
    pairs = dates("validation", 500, seed=1)
    found = dict(written(set(map(datetime.date.fromisoformat, pairs.targets))))
    assert all(
        found[source].isoformat() == target
        for source, target in zip(pairs.sources, pairs.targets, strict=True)
    )


def check_days(some):
    """No text means two days, every character has an id, and nothing is too long."""
    meaning = {}
    for text, day in written(some):
        assert meaning.setdefault(text, day) == day, text
        assert UNK not in CHARACTERS.encode(text), text
        assert len(text) <= SOURCE_LENGTH, text
    return meaning


def test_dates_say_one_day_and_fit():
    check_days([FIRST + datetime.timedelta(23 * number) for number in range(1588)])


@pytest.mark.exhaustive
def test_all_dates_say_one_day_and_fit():
    meaning = check_days(EVERY)
    assert max(map(len, meaning)) == SOURCE_LENGTH - 1
    assert set("".join(meaning)) == set(ALPHABET) - {"-"}  # which is in the targets alone


def test_the_arrays_have_the_shapes_that_a_model_is_compiled_for():
    pairs = dates("training", 30)
    assert padded(pairs.source_ids(CHARACTERS), SOURCE_LENGTH).shape == (30, 36)
    targets = padded(pairs.target_ids(CHARACTERS), TARGET_LENGTH)
    assert targets.shape == (30, 12)
    assert (targets != 0).all()
    assert [CHARACTERS.decode(row) for row in targets] == pairs.targets


def test_another_split_is_an_error():
    with pytest.raises(ValueError, match=r"`split` must be one of .* Received: 'train'"):
        module.dates("train", 1)
