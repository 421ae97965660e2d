import hashlib
import itertools

import pytest

from course.data.pairs import SAMPLE, read_pairs
from course.data.splits import SHARES


@pytest.fixture
def written(tmp_path):
    """Write a file of pairs and return its path."""

    def write(content):
        path = tmp_path / "pairs.tsv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def splits_of(corpus):
    return [getattr(corpus, name) for name in SHARES]


def pairs_of(corpus):
    return {
        pair for some in splits_of(corpus) for pair in zip(some.sources, some.targets, strict=True)
    }


def test_the_sample_is_read(capsys):
    corpus = read_pairs()
    assert len(pairs_of(corpus)) == 40
    assert corpus.bad_lines == {}
    assert corpus.sha256 == hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    assert corpus.sha256 in capsys.readouterr().out
    assert all(len(some) for some in splits_of(corpus))


def test_no_sentence_is_in_two_splits(written):
    """Chains of pairs that share a source by turns with a target."""
    lines = []
    for chain, link in itertools.product(range(60), range(4)):
        lines.append(f"source {chain} {link // 2}\ttarget {chain} {(link + 1) // 2}")
    corpus = read_pairs(written("\n".join(lines)))
    for one, other in itertools.combinations(splits_of(corpus), 2):
        assert not set(one.sources) & set(other.sources)
        assert not set(one.targets) & set(other.targets)
    assert all(len(some) for some in splits_of(corpus))


def test_the_split_depends_on_the_sentences_alone(written):
    lines = [f"source {number % 70}\ttarget {number % 90}" for number in range(300)]
    lines += [f"single {number}\tseul {number}" for number in range(300)]
    one = read_pairs(written("\n".join(lines)))
    other = read_pairs(written("\n".join(reversed(lines))))
    for some, same in zip(splits_of(one), splits_of(other), strict=True):
        assert set(some.sources) == set(same.sources)


def test_all_forms_are_read(written):
    two = "Hello.\tBonjour.\n"
    three = (
        "Thanks.\tMerci.\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (CK) & #2 (sacredceltic)\n"
    )
    four = "1276\tLet us go.\t373330\tAllons-y.\n"
    corpus = read_pairs(written(two + three + four))
    assert pairs_of(corpus) == {
        ("Hello.", "Bonjour."),
        ("Thanks.", "Merci."),
        ("Let us go.", "Allons-y."),
    }
    assert len(corpus.attributions) == 1
    assert "sacredceltic" in corpus.attributions[0]


def test_the_attribution_is_shown(written, capsys):
    read_pairs(written("a\tb\tby Ann\nc\td\tby Ben\ne\tf\tby Ben\n"))
    assert "attribution: by Ben and 1 others" in capsys.readouterr().out


def test_bad_lines_are_told_by_number(written, capsys):
    bad = b"alone\na\tb\n\tempty\nx\ty\tz\tz\tz\n\xff\xfe\tbad\n\nc\td\n"
    corpus = read_pairs(written(bad))
    assert pairs_of(corpus) == {("a", "b"), ("c", "d")}
    assert corpus.bad_lines == {
        1: "1 column, not 2, 3 or 4",
        3: "a sentence is empty",
        4: "5 columns, not 2, 3 or 4",
        5: "byte 1 is not UTF-8",
        6: "1 column, not 2, 3 or 4",
    }
    told = capsys.readouterr().out
    assert "passed over 5 lines:" in told
    assert "  line 4: 5 columns, not 2, 3 or 4" in told


def test_many_bad_lines_are_counted(written, capsys):
    read_pairs(written("alone\n" * 1002 + "a\tb\n"))
    told = capsys.readouterr().out
    assert "passed over 1,002 lines:" in told
    assert "and 997 more" in told


def test_windows_files_are_read(written):
    corpus = read_pairs(written(b"\xef\xbb\xbfHello.\tBonjour.\r\nThanks.\tMerci.\r\n"))
    assert pairs_of(corpus) == {("Hello.", "Bonjour."), ("Thanks.", "Merci.")}


def test_the_same_sentence_in_another_unicode_form_is_the_same(written):
    corpus = read_pairs(written("coffee\tcafe\u0301\ncoffee\tcafé\ncoffee \t café\n"))
    assert pairs_of(corpus) == {("coffee", "café")}


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "an empty file"), ("alone\nalone\n", "line 1: 1 column"), (b"\xff\t\xff", "not UTF-8")],
)
def test_a_file_without_pairs_is_an_error(written, content, reason):
    with pytest.raises(ValueError, match=f"must hold a sentence, a tab .* Received: .*{reason}"):
        read_pairs(written(content))


def test_a_file_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must be a file of pairs.*files in .*: none$"):
        read_pairs(str(tmp_path / "none.tsv"))
    (tmp_path / "fra.tsv").touch()
    with pytest.raises(FileNotFoundError, match=r"Received: no such file; .*: fra.tsv$"):
        read_pairs(tmp_path / "none.tsv")


def test_a_file_of_another_encoding_is_told(written):
    with pytest.raises(ValueError, match=r"Received: a file in UTF-16; save it again as UTF-8"):
        read_pairs(written("Hello.\tBonjour.\n".encode("utf-16")))


def test_each_pair_keeps_its_authors(written):
    corpus = read_pairs(written("a\tb\tby Ann\nc\td\ne\tf\t by Ben \na\tb\tby Cem\n"))
    assert corpus.authors == {("a", "b"): "by Ann", ("e", "f"): "by Ben"}


def test_the_sample_names_no_authors():
    assert read_pairs().authors == {}
