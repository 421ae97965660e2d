"""Sentences and their translations from a file of your own: the capstone's task.

The file is text in UTF-8 with tabs between its columns, in one of the forms that Tatoeba's
sentences come in: sentence and translation; the same and an attribution; or the number of each
before it. A tiny sample lies in this folder, for tests and for a first try; nothing is learned from
so little. Its sentences were written for this course, so that it names no authors.
"""

import hashlib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from course.data.characters import Pairs
from course.data.splits import SHARES, split_of
from course.progress import Progress

SAMPLE = files("course") / "data" / "sample-pairs.tsv"
TOLD = 5  # bad lines that are printed; all of them are in `Corpus.bad_lines`
COLUMNS = {2: (0, 1), 3: (0, 1), 4: (1, 3)}  # number of columns → where the two sentences stand


@dataclass(frozen=True)
class Corpus:
    """What a file held.

    training, validation, test: `Pairs`; no sentence of one of them stands in another.
    sha256: of the file, in hexadecimal: two runs with the same one had the same sentences.
    bad_lines: reason by line number, counted from 1, of what was passed over.
    attributions: the authors, where the file names them; CC BY asks that they are shown.
    authors: dict from a pair `(sentence, translation)` to its attribution, where there is one.
    """

    training: Pairs
    validation: Pairs
    test: Pairs
    sha256: str
    bad_lines: dict
    attributions: list
    authors: dict


def read_pairs(path=SAMPLE):
    """Read a file of pairs, split it, and print its SHA-256 and what was passed over.

    Pairs that have a sentence in common, in either language, go to the same split, as do those that
    have one in common with these; so no target of the test was seen in training. Where that is
    depends on the sentences alone, not on their order or number.

    Returns: `Corpus`. Sentences are brought to Unicode's form NFC, without space around them; a
        pair that occurs twice is kept once.
    Raises: ValueError where no line holds a pair, FileNotFoundError where there is no such file,
        another OSError where it cannot be read.
    """
    path = Path(path) if isinstance(path, str) else path
    content = _content(path)
    pairs, authors, bad = _read_lines(content)
    if not pairs:
        reasons = "; ".join(f"line {n}: {reason}" for n, reason in [*bad.items()][:TOLD])
        raise ValueError(
            f"{path} must hold a sentence, a tab and its translation on each line. "
            f"Received: {_encoding_of(content) or reasons or 'an empty file'}"
        )
    corpus = Corpus(
        **_split(list(dict.fromkeys(pairs))),
        sha256=hashlib.sha256(content).hexdigest(),
        bad_lines=bad,
        attributions=[name for name, _ in Counter(authors.values()).most_common()],
        authors=authors,
    )
    print(_summary(path.name, corpus))
    return corpus


def _content(path):
    """The bytes of a file; one that is not there is told with those that are."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder = Path(path).resolve().parent
        here = sorted(each.name for each in folder.glob("*.tsv")) or "none"
        raise FileNotFoundError(
            f"`{path}` must be a file of pairs. Received: no such file; "
            f"`.tsv` files in {folder}: {here if here == 'none' else ', '.join(here)}"
        ) from None


def _encoding_of(content):
    """What a file in another encoding than UTF-8 says of itself in its first bytes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "a file in UTF-16; save it again as UTF-8"
    return ""


def _read_lines(content):
    """Return the pairs, the attribution of each that has one, and the bad lines."""
    pairs, authors, bad = [], {}, {}
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
    with Progress("Reading pairs", total=len(lines), delay=1.0) as progress:
        for number, line in enumerate(lines, 1):
            progress.advance()
            try:
                columns = unicodedata.normalize("NFC", line.decode()).split("\t")
            except UnicodeDecodeError as error:
                bad[number] = f"byte {error.start + 1} is not UTF-8"
                continue
            if len(columns) not in COLUMNS:
                bad[number] = f"{len(columns)} column{'s' * (len(columns) != 1)}, not 2, 3 or 4"
                continue
            pair = tuple(columns[place].strip() for place in COLUMNS[len(columns)])
            if not all(pair):
                bad[number] = "a sentence is empty"
                continue
            pairs.append(pair)
            if len(columns) == 3:
                authors.setdefault(pair, columns[2].strip())
    return pairs, authors, bad


def _split(pairs):
    """Put each group of pairs that hang together into one split."""
    leader = {}  # a sentence with its language → another of its group, itself for the last

    def find(sentence):
        while leader.setdefault(sentence, sentence) != sentence:
            leader[sentence] = leader[leader[sentence]]
            sentence = leader[sentence]
        return sentence

    for source, target in pairs:
        one, other = find((0, source)), find((1, target))
        leader[max(one, other)] = min(one, other)  # the smallest leads: the order does not matter
    found = {name: [] for name in SHARES}
    for source, target in pairs:
        found[split_of(find((0, source))[1])].append((source, target))
    return {
        name: Pairs([pair[0] for pair in some], [pair[1] for pair in some])
        for name, some in found.items()
    }


def _summary(name, corpus):
    counts = ", ".join(f"{len(getattr(corpus, split)):,} for {split}" for split in SHARES)
    lines = [f"{name}: {counts}", f"SHA-256 {corpus.sha256}"]
    told = [f"  line {n}: {reason}" for n, reason in [*corpus.bad_lines.items()][:TOLD]]
    if told:
        more = len(corpus.bad_lines) - len(told)
        lines.append(f"passed over {len(corpus.bad_lines):,} lines:")
        lines += [*told, f"  and {more:,} more"] if more else told
    if corpus.attributions:
        others = len(corpus.attributions) - 1
        lines.append(
            f"attribution: {corpus.attributions[0]}" + f" and {others:,} others" * (others > 0)
        )
    return "\n".join(lines)
