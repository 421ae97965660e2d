"""`embedding.train_bpe`: mistakes about which of several equally frequent pairs is taken."""

from collections import Counter
from itertools import pairwise

from autograder.exercises.embedding.train_bpe import EXERCISE
from solutions.embedding import merge_pair


@EXERCISE.misconception(
    "last-of-equals",
    title="taking the last of equally frequent pairs",
    explanation="Any rule would do, as long as everybody follows the same one, or the same text "
    "gets other tokens. Here the pair that comes first in `words` is taken; `>=` in a comparison "
    "takes the last.",
    hint="Two pairs are equally frequent. Which of them does your comparison keep?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        if not pairs:
            break
        best = None
        for pair, count in pairs.items():
            if best is None or count >= pairs[best]:
                best = pair
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "alphabet-decides",
    title="taking the pair that is last in the alphabet where several are equally frequent",
    explanation="`max` over tuples of count and pair compares the pairs where counts are equal. "
    "Some courses want it so; here the pair that comes first in `words` is taken.",
    hint="Two pairs are equally frequent. What does your `max` compare then?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        if not pairs:
            break
        _, best = max((count, pair) for pair, count in pairs.items())
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append(best)
    return merges


@EXERCISE.misconception(
    "first-in-the-alphabet",
    title="taking the pair that is first in the alphabet where several are equally frequent",
    explanation="Sorting by count and then by pair is a rule, and another one than the one that is "
    "asked for: the pair that comes first in `words`.",
    hint="Two pairs are equally frequent. By what do you sort them?",
)
def train_bpe(words, num_merges):
    pieces = [list(word) for word in words]
    merges = []
    while len(merges) < num_merges:
        pairs = Counter(pair for tokens in pieces for pair in pairwise(tokens))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        pieces = [merge_pair(tokens, *best) for tokens in pieces]
        merges.append(best)
    return merges
