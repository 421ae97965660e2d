"""BLEU by hand, in floats of Python: counts of runs, clipped; a penalty for what is too short."""

import math
from collections import Counter

import pytest

from course.training.bleu import bleu


def by_hand(answers, references):
    """Words are cut at spaces; no zero may occur."""
    found, made, length, wanted = [0] * 4, [0] * 4, 0, 0
    for answer, ones in zip(answers, references, strict=True):
        words, others = answer.split(), [one.split() for one in ones]
        length += len(words)
        wanted += min((abs(len(other) - len(words)), len(other)) for other in others)[1]
        for size in range(1, 5):
            runs = _runs(words, size)
            most = Counter()
            for other in others:
                most |= _runs(other, size)
            found[size - 1] += (runs & most).total()
            made[size - 1] += runs.total()
    precisions = [one / all_ for one, all_ in zip(found, made, strict=True)]
    penalty = 1.0 if length >= wanted else math.exp(1 - wanted / length)
    mean = math.exp(sum(map(math.log, precisions)) / 4)
    return 100 * penalty * mean, [100 * share for share in precisions], penalty


def _runs(words, size):
    return Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


CASES = {
    "one translation": (["the dog bit the man today"], [["the dog bit the man yesterday"]]),
    "several": (
        ["a cat sat on the mat here", "the the the the the dog ran off again"],
        [
            ["a cat sat on a mat", "the cat sat on the mat here"],
            ["the dog ran off again and again today"],
        ],
    ),
    "too short": (["he ran to the shop"], [["yesterday he ran to the shop to buy some bread"]]),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_score_by_hand(name):
    answers, references = CASES[name]
    score = bleu(answers, references)
    expected, precisions, penalty = by_hand(answers, references)
    assert score.bleu == pytest.approx(expected, abs=1e-6)
    assert score.precisions == pytest.approx(precisions, abs=1e-6)
    assert score.brevity_penalty == pytest.approx(penalty, abs=1e-9)
    assert score.count == len(answers)


def test_the_table_of_the_lesson():
    score = bleu(["the cat sat on the mat"], [["the cat is on the mat"]])
    shares = [100 * 5 / 6, 60.0, 25.0, 100 / 6]  # the last: a zero of three, smoothed
    assert score.precisions == pytest.approx(shares, abs=1e-6)
    assert score.bleu == pytest.approx(math.prod(shares) ** 0.25, abs=1e-6)
    assert "smooth:exp" in score.signature


def test_more_translations_never_make_it_worse():
    answer = ["please close the door now"]
    one = bleu(answer, [["would you close the door now"]]).bleu
    two = bleu(answer, [["would you close the door now", "please close the window now"]]).bleu
    assert two > one


def test_the_right_answers_get_all_and_nothing_in_common_gets_nothing():
    texts = ["the cat sat on the mat", "it rained all night long"]
    assert bleu(texts, [[text] for text in texts]).bleu == pytest.approx(100)
    nothing = bleu(["x y z w", "u v p q"], [["a b c d"], ["e f g h"]])
    assert (nothing.bleu, nothing.mean, nothing.margin) == (0, 0, 0)


def test_few_sentences_say_little():
    answers = ["the cat sat on the mat", "x y z w v u"]
    references = [["the cat sat on the mat"], ["the dog ran off again today"]]
    few, many = bleu(answers, references), bleu(answers * 100, references * 100)
    assert many.bleu == pytest.approx(few.bleu)
    assert few.margin > 5 * many.margin > 0


def test_the_words_say_it_all():
    told = str(bleu(["the cat sat on the mat"], [["the cat is on the mat"]]))
    assert told.startswith("BLEU 38.0 on 1 sentences (drawn again: 38.0 ± 0.0); precisions 83.3, ")
    assert "brevity penalty 1.000\nnrefs:1|" in told


def test_languages_without_spaces_are_cut_otherwise():
    answer, right = ["门是开着的吗"], [["门是开着的"]]
    assert bleu(answer, right, tokenize="char").precisions[0] == pytest.approx(500 / 6)
    assert "tok:zh" in bleu(answer, right, tokenize="zh").signature


@pytest.mark.parametrize(
    ("answers", "references", "message"),
    [
        ([], [], "one answer at least. Received: 0 answers, 0 lists"),
        (["a"], [], "Received: 1 answers, 0 lists"),
        (["a", "b"], [["a"], []], r"Received: \[\] for answer 1"),
        (["a"], ["a"], "must be a list of str, at least one. Received: 'a' for answer 0"),
    ],
)
def test_what_cannot_be_scored_is_an_error(answers, references, message):
    with pytest.raises(ValueError, match=message):
        bleu(answers, references)


def test_an_unknown_way_to_cut_is_an_error():
    with pytest.raises(ValueError, match=r"one of none, zh, 13a.* Received: 'words'"):
        bleu(["a"], [["a"]], tokenize="words")
