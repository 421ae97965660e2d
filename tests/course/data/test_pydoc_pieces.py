"""The documentation in pieces: the same ones wherever the text is read."""

import json

from course.data import pydoc_pieces, pydoc_text
from course.data.pydoc_pieces import DOCUMENTATION, corpus, read_pieces, write_pieces


def test_the_corpus_is_the_text_in_pieces():
    text, split = corpus(), pydoc_text.load()
    assert text is corpus()
    assert text.vocabulary_size == 504
    for part in ("train", "visible", "hidden"):
        ids = getattr(text, part)
        assert ids.min() >= 0
        assert ids.max() < 504
        unknown = (ids == 0).sum()
        assert unknown <= 0.001 * len(ids)  # another version of Python may have a sign more
        if not unknown:
            assert text.pieces.decode(ids) == "".join(getattr(split, part))
        assert len(ids) > 10_000


def test_a_file_is_written_as_it_is_read(tmp_path):
    path = tmp_path / "pieces.json"
    write_pieces(path, merges=20)
    kept = json.loads(path.read_text(encoding="utf-8"))
    baked = json.loads(pydoc_pieces.FILE.read_text(encoding="utf-8"))
    assert len(baked["merges"]) == pydoc_pieces.MERGES
    assert len(kept["merges"]) == 20
    pieces = read_pieces(path)
    assert pieces.tokens[1:] == [*kept["characters"], *map("".join, kept["merges"])]
    assert pieces.decode(pieces.encode("the text")) == "the text"


def test_the_alphabet_tells_pieces_apart(monkeypatch, tmp_path):
    alphabet = DOCUMENTATION.alphabet
    assert alphabet == DOCUMENTATION.alphabet
    assert len(alphabet) == 64
    write_pieces(tmp_path / "other.json", merges=3)
    other = read_pieces(tmp_path / "other.json")
    monkeypatch.setattr(pydoc_pieces, "read_pieces", lambda: other)
    assert DOCUMENTATION.alphabet != alphabet
