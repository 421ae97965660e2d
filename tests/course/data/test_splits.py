import pytest

from course.data.splits import SHARES, require_split, split_of


def test_the_split_of_a_text_never_changes():
    """The first eight bytes of the SHA-256 of the text, modulo 100: 23, 83 and 95."""
    assert split_of("1987-09-24") == "training"
    assert split_of("5") == "validation"
    assert split_of("8") == "test"


def test_the_shares_are_kept():
    count = 20_000
    found = [split_of(str(number)) for number in range(count)]
    assert sum(SHARES.values()) == 100
    for split, share in SHARES.items():
        assert abs(found.count(split) / count - share / 100) < 0.01


def test_another_name_is_an_error():
    with pytest.raises(ValueError, match=r"training, validation, test. Received: 'tests'"):
        require_split("tests")
