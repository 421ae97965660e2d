"""`embedding.train_bpe`: learn which pairs to merge, the most frequent one first."""

from collections import Counter
from itertools import pairwise

from autograder.exercises.embedding.sentences import repeated
from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import embedding
from solutions.embedding import merge_pair

PAPER = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
TIES = ("zebra", "yodel", "xylem", "wharf", "vouch", "ultra")


def case(name, words, num_merges, points=1.0):
    return Case(name, (Call([words, num_merges]),), points, tolerance=EXACT, because="")


def equals(rng, name):
    """Words of few common letters, so that pairs are equally frequent, and a pair at two seams."""
    first, second = (str(word) for word in rng.choice(TIES, 2, replace=False))
    return case(name, [second, first, second, first], int(rng.integers(4, 6)))


def seams(rng, name):
    """Many words that end in one letter and begin with another: at the seams stands a pair."""
    words = [str(word) for word in rng.permutation(["tax", "tub", "mix", "tin", "fox", "six"])]
    return case(name, [word for word in words for _ in range(3)], int(rng.integers(3, 6)))


def nothing_left(rng, name):
    word = str(rng.choice(["sea", "tea", "pea", "fee"]))
    return case(name, [word, word + "t", word], int(rng.integers(7, 12)))


def visible():
    return [
        case("by hand: low, lower, newest, widest", PAPER, 8),
        case("pairs of equal count", ["zebra", "yodel", "zebra"], 3),
        case("until nothing is left", ["on", "one", "tone"], 9),
    ]


def hidden(rng):
    return [
        case("some words", repeated(rng, 9, 6), 6),
        case("more words", repeated(rng, 14, 9), 11),
        case("many merges", repeated(rng, 11, 4), 17),
        equals(rng, "pairs of equal count"),
        seams(rng, "seams between words"),
        nothing_left(rng, "until nothing is left"),
        case("no merge at all", repeated(rng, 4, 3), 0, points=0.3),
        case("words that never repeat", repeated(rng, 7, 1), 15),
    ]


EXERCISE = Exercise(
    id="embedding.train_bpe",
    title="Learn a byte-pair encoding",
    kind="function",
    points=4,
    reference=embedding.train_bpe,
    visible=visible,
    hidden=hidden,
    uses=("embedding.merge_pair",),
)


@EXERCISE.misconception(
    "each-word-counted-once",
    title="counting each different word once",
    explanation="A pair in a word that occurs a thousand times occurs a thousand times. Without "
    "the counts a rare name weighs as much as `the`.",
    hint="`newest` occurs six times. How often does `e s` occur in it?",
)
def train_bpe(words, num_merges):
    pieces = {word: list(word) for word in words}
    merges = []
    for _ in range(num_merges):
        pairs = Counter()
        for tokens in pieces.values():
            pairs.update(pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        pieces = {word: merge_pair(tokens, *best) for word, tokens in pieces.items()}
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "merged-across-words",
    title="counting pairs from one word into the next",
    explanation="The last letter of a word and the first of the next are no pair: a token that "
    "reaches over the seam would depend on what happens to stand beside a word.",
    hint="Did you join the words to one long list? Which neighbours are new in it?",
)
def train_bpe(words, num_merges):
    tokens = [letter for word in words for letter in word]
    merges = []
    for _ in range(num_merges):
        pairs = Counter(pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        tokens = merge_pair(tokens, *best)
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "counted-only-once",
    title="counting the pairs once and taking the first few",
    explanation="After a merge there are new neighbours: once `e s` is `es`, there is a pair "
    "`es t`, and `s t` is gone from those words. Counted once, no token gets longer than two.",
    hint="Can your function ever learn a token of three letters?",
)
def train_bpe(words, num_merges):
    pairs = Counter()
    for word in words:
        pairs.update(pairwise(word))
    return [pair for pair, _ in pairs.most_common(num_merges)]


@EXERCISE.misconception(
    "stops-when-nothing-repeats",
    title="stopping where the best pair occurs only once",
    explanation="Many tools stop there by default, and for good reasons. The task says: as many "
    "merges as are asked for, and fewer only where no pair is left.",
    hint="When does the task allow you to return fewer merges than were asked for?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        if not pairs or max(pairs.values()) < 2:
            break
        best = max(pairs, key=pairs.get)
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "no-pair-left",
    title="going on when no pair is left",
    explanation="When every word is one token there are no neighbours, and `max` of nothing raises "
    "a ValueError.",
    hint="What is left to count when every word has become a single token?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    for _ in range(num_merges):
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        best = max(pairs, key=pairs.get)
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "vocabulary-size",
    title="taking the number of merges for the size of the vocabulary",
    explanation="The vocabulary has a token for each character as well as one for each merge, and "
    "some libraries ask for its size. Here the number of merges is given.",
    hint="How many merges did you return, and how many were asked for?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges - len(set("".join(words))):
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "tokens-returned",
    title="returning the new tokens and not the pairs",
    explanation="`ugs` may come from `u gs` or from `ug s`. To cut a new word the same way, one "
    "needs the pairs, in their order.",
    hint="What is one item of your list: a text, or two?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append("".join(best))
    return merges


@EXERCISE.variant
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = [pair for tokens in pieces for pair in pairwise(tokens)]
        if len(pairs) == 0:
            return merges
        [(best, _)] = Counter(pairs).most_common(1)
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges += [best]
    return merges


@EXERCISE.variant
def train_bpe(words, num_merges):
    counts, pieces = {}, {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
        pieces[word] = list(word)
    merges = []
    for _ in range(num_merges):
        pairs = {}
        for word, tokens in pieces.items():
            for left, right in pairwise(tokens):
                pairs[left, right] = pairs.get((left, right), 0) + counts[word]
        best, most = None, 0
        for pair, count in pairs.items():
            if count > most:
                best, most = pair, count
        if best is None:
            break
        for word in pieces:
            pieces[word] = merge_pair(pieces[word], *best)
        merges.append(list(best))
    return merges
