"""The numbers in the pictures and the toys of lesson 01, and those that its text quotes."""

import math
from collections import Counter
from functools import reduce
from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.toys import company, zen
from solutions.embedding import TokenEmbedding, merge_pair, train_bpe

LESSON = (files("course") / "lessons" / "01-embedding.md").read_text(encoding="utf-8")


def test_the_text_has_the_counts_that_the_lesson_tells():
    counts = Counter(zen.words())
    assert len(zen.text()) == 856
    assert (len(counts), list(counts.values()).count(1)) == (102, 75)
    assert "of the 102 different words and signs in the Zen of Python 75 occur only once" in LESSON
    assert "Q" not in zen.text()
    assert "A capital `Q`, though, would be unknown" in LESSON


def test_what_follows_is_what_the_lesson_tells():
    assert zen.followers("is").most_common(1) == [(" better", 7)]
    assert zen.followers("is").total() == 10
    assert zen.followers("better") == {" than": 8}
    assert zen.followers("honking") == {" great": 1}
    assert "“better” 0.70" in plots.next_words("is").alt


def test_the_merges_of_the_toy_are_those_of_the_reference():
    assert zen.merges() == train_bpe([word for word in zen.words() if word.strip()], 120)
    for word in (" better", "Attention", " implementation"):
        expected = reduce(lambda found, pair: merge_pair(found, *pair), zen.merges(), list(word))
        assert zen.cut(word, 120) == expected


def test_better_and_than_are_whole_after_17_merges():
    assert zen.cut(" better", 16) == [" better"] != zen.cut(" better", 15)
    assert zen.cut(" than", 17) == [" than"] != zen.cut(" than", 16)
    made_of = [pair for pair in zen.merges() if "".join(pair) in (" t", " th", " tha", " than")]
    assert len(made_of) == 4
    assert "After 17 merges both `␣better` and `␣than` are whole. Four merges made" in LESSON
    assert "ent" in zen.cut("Attention", 120)


def test_a_picture_of_cuts_counts_tokens_as_they_are():
    words = [word for word in zen.words() if word.strip()]
    for merges in (0, 60, 120):
        total = sum(len(zen.cut(word, merges)) for word in words)
        assert f"have {total} tokens in all" in plots.cut_into_tokens(merges).alt


def test_the_sizes_of_words_and_positions():
    assert 0.05 / math.sqrt(3) == pytest.approx(0.0289, abs=5e-5)
    assert math.sqrt(0.5) / 0.0289 == pytest.approx(24, abs=0.5)
    assert 37_000 * 512 == 18_944_000
    assert len(company.WORDS) == 31
    assert math.log(31) == pytest.approx(3.43, abs=5e-3)


def test_a_sentence_of_the_grammar_has_five_known_words_and_ten_pairs():
    rng = np.random.default_rng(0)
    words, after = company.pairs(50, rng)
    assert len(words) == len(after) == 50 * company.PAIRS
    for _ in range(50):
        the, noun, verb, pronoun, thing = company.sentence(rng)
        assert (the, noun in company.NOUNS, thing in company.THINGS) == ("the", True, True)
        assert verb in company.VERBS
        assert pronoun in company.PRONOUNS
    assert not {company.IDS[thing] for thing in company.THINGS} & set(words.tolist())


@pytest.mark.parametrize("of_the_student", [False, True])
def test_a_table_of_keras_and_one_of_a_student_are_trained(monkeypatch, capsys, of_the_student):
    monkeypatch.setattr(company, "STEPS", 4)
    monkeypatch.setattr(company, "ROUND", 2)
    layer = TokenEmbedding(len(company.WORDS), company.WIDTH) if of_the_student else None
    result = company.train(layer)
    assert result.steps == [0, 2, 4]
    assert {table.shape for table in result.vectors} == {(31, company.WIDTH)}
    assert np.abs(result.vectors[-1] - result.vectors[0]).max() > 0
    crown = company.IDS["crown"]
    np.testing.assert_array_equal(result.vectors[-1][crown], result.vectors[0][crown])
    assert "Training: 4 of 4" in capsys.readouterr().out
    assert "after 2 steps" in plots.word_map(result, step=2).alt


def test_words_that_could_stand_for_each_other_lie_together_after_training(capsys):
    result = company.train()
    vectors = result.vectors[-1]
    assert result.losses[0] == pytest.approx(math.log(31), abs=0.01)
    assert result.losses[-1] < 2.75
    for his, her, _ in company.FAMILIES.values():
        assert company.nearest(vectors, his, 1) == [her]
    rows = {word: vectors[number] for word, number in company.IDS.items()}
    point = rows["king"] + rows["woman"] - rows["man"]
    cosines = {n: rows[n] @ point / np.linalg.norm(rows[n]) for n in company.NOUNS}
    assert sorted(cosines, key=cosines.get, reverse=True)[:2] == ["queen", "king"]
