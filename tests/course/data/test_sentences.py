from collections import Counter

import numpy as np
import pytest

from course.data.characters import END, PAD, START, UNK, Pairs
from course.data.pairs import read_pairs
from course.data.pieces import learn_merges
from course.data.sentences import Subwords, asked_once, sentence_task, unknown_share, words_of
from solutions.embedding import train_bpe

MERGES = [("u", "g"), ("h", "ug")]


@pytest.fixture(scope="module")
def corpus():
    return read_pairs()


@pytest.fixture(scope="module")
def subwords(corpus):
    texts = corpus.training.sources + corpus.training.targets
    return Subwords(texts, train_bpe(words_of(texts), 200))


def test_texts_come_back(corpus, subwords):
    for text in corpus.training.sources + corpus.training.targets:
        assert subwords.decode([START, *subwords.encode(text), END, PAD, 5]) == text
        assert "".join(subwords.cut(text)) == text


def test_no_piece_has_an_id_of_the_special_tokens(corpus, subwords):
    ids = {i for text in corpus.training.sources for i in subwords.encode(text)}
    assert min(ids) > UNK
    every = [subwords.decode([number]) for number in range(UNK + 1, len(subwords))]
    assert len(set(every)) == len(every)
    assert all(subwords.encode(piece) for piece in every)


def test_what_training_never_showed_is_unknown():
    subwords = Subwords(["mug hug hug"], MERGES)
    assert subwords.encode("hug?")[1] == UNK
    assert subwords.decode(subwords.encode("h?ug")) == "h\N{REPLACEMENT CHARACTER}ug"
    assert subwords.encode("") == []


def test_merges_of_lesson_1_are_used_as_they_were_learned():
    words = ["hug", "hug", "mug"]
    assert train_bpe(words, 2) == MERGES
    assert Subwords(words, train_bpe(words, 2)).cut("hug mug") == ["hug", "\ufffd", "m", "ug"]
    assert Subwords(words, learn_merges(Counter(words), 2)).cut("hug") == ["hug"]


def test_an_id_that_no_piece_has_is_an_error():
    subwords = Subwords(["mug"], [])
    for number in (-1, len(subwords)):
        with pytest.raises(ValueError, match=rf"must be in 0 to 6. Received: {number}"):
            subwords.decode([number])


def test_the_share_of_what_is_unknown():
    assert unknown_share(iter([3, 4, 5, 3]), UNK) == 0.5
    assert unknown_share([], UNK) == 0.0


def test_sources_and_targets_fit_the_task(corpus, subwords, capsys):
    task = sentence_task(corpus, subwords)
    assert "0 of 40 pairs are longer than 32 pieces." in capsys.readouterr().out
    pairs = task.draw("training", 33)
    targets = task.targets(pairs)
    assert targets.shape == (33, task.target_length)
    assert (targets[:, 0] == START).all()
    assert ((targets == END).sum(axis=1) == 1).all()
    assert task.sources(pairs).shape == (33, task.source_length)
    for split in ("validation", "test"):
        task.sources(task.draw(split, 99))
        task.targets(task.draw(split, 99))


def test_every_pair_of_the_training_comes_before_any_comes_again(corpus, subwords):
    task = sentence_task(corpus, subwords)
    drawn = task.draw("training", 70, seed=5)
    rows = list(zip(drawn.sources, drawn.targets, strict=True))
    assert len(rows) == 70
    assert len(set(rows[:33])) == len(set(rows[33:66])) == 33
    assert rows[:33] != rows[33:66]
    assert task.draw("training", 70, seed=5) == drawn != task.draw("training", 70, seed=6)


def test_no_pair_of_the_test_is_asked_twice(corpus, subwords):
    drawn = sentence_task(corpus, subwords).draw("test", 1000)
    assert sorted(drawn.sources) == sorted(corpus.test.sources)


def test_long_pairs_are_left_out_and_counted(corpus, subwords, capsys):
    task = sentence_task(corpus, subwords, longest=18)
    longest = max(len(subwords.encode(text)) for text in task.draw("training", 99).targets)
    assert task.target_length - 2 == max(longest, 18) == 18
    left_out = (
        40
        - sum(len(task.draw(split, 33)) for split in ("validation", "test"))
        - len({*zip(*vars(task.draw("training", 99)).values(), strict=True)})
    )
    assert left_out > 0
    assert f"{left_out} of 40 pairs are longer than 18 pieces." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "longest", "received"),
    [
        ("a\tb\n", 32, "for training, .* for validation, .* for test"),
        ("Please close the door.\tFerme la porte.\n" * 99, 32, "0 of 0 for training, 0 of 0"),
        (None, 1, "0 of 33 for training, 0 of 4 for validation, 0 of 3 for test"),
    ],
)
def test_too_few_pairs_are_an_error(tmp_path, subwords, corpus, lines, longest, received):
    if lines:
        (tmp_path / "pairs.tsv").write_text(lines)
        corpus = read_pairs(tmp_path / "pairs.tsv")
    with pytest.raises(ValueError, match=f"must hold pairs of at most {longest} .*{received}"):
        sentence_task(corpus, subwords, longest)


def test_a_sentence_is_asked_once_with_all_its_translations():
    pairs = Pairs(["a", "b", "a"], ["x", "y", "z"])
    asked, references = asked_once(pairs)
    assert asked == Pairs(["a", "b"], ["x", "y"])
    assert references == [["x", "z"], ["y"]]


def test_the_sample_has_a_sentence_with_two_translations_in_its_test(corpus):
    _, references = asked_once(corpus.test)
    assert sorted(map(len, references)) == [1, 2]


def test_half_of_the_words_of_the_sample_s_test_are_unknown_and_few_pieces_are(corpus, subwords):
    """What the lesson says: nearly two of three words."""
    texts = corpus.training.sources + corpus.training.targets
    known = set(words_of(texts))
    asked = corpus.test.sources + corpus.test.targets
    words = [word in known for text in asked for word in words_of([text])]
    assert 0.6 < 1 - np.mean(words) < 0.67
    assert unknown_share((i for text in asked for i in subwords.encode(text)), UNK) < 0.1
