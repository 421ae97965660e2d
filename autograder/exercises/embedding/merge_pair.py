"""`embedding.merge_pair`: join two neighbouring tokens into one, wherever they stand together."""

import numpy as np

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import embedding

PAIRS = (("t", "h"), ("in", "g"), ("an", "a"), ("e", "r"), ("ou", "s"), ("st", "o"), ("l", "y"))


def case(name, tokens, left, right, points=1.0):
    return Case(name, (Call([tokens, left, right]),), points, tolerance=EXACT, because="")


def everything(rng, name, left, right):
    """The pair beside all that looks like it: apart, in the other order, or inside a token."""
    parts = [
        *([left, right], [left, right], [right, left, "k"], ["w" + left, right], [left, right]),
        *([left + right], ["m", left], [right + "p", "f"], [left, "q", right]),
    ]
    tokens = [token for place in rng.permutation(len(parts)) for token in parts[place]]
    return case(name, [*tokens, left, "u"], left, right, 2.0)


def spelled_alike(rng, name):
    """The same letters cut in two ways, of which only one is the pair."""
    first, second, third = (str(letter) for letter in rng.permutation(list("aeiou"))[:3])
    pair, other = [first + second, third], [first, second + third]
    tokens = ["b", *pair, "c", *other, *pair, "d", *other]
    return case(name, tokens, *pair)


def run(rng, name, length):
    """The same token `length` times, between two others."""
    token, *others = (str(letter) for letter in rng.permutation(list("oelst"))[:3])
    return case(name, [others[0], *[token] * length, others[1]], token, token)


def pair_of(rng):
    return PAIRS[rng.integers(len(PAIRS))]


def visible():
    return [
        case("by hand: b a n a n a", list("banana"), "a", "n"),
        case("five times the same", ["z", *"ooooo", "m"], "o", "o"),
        everything(np.random.default_rng(11), "all that looks like the pair", "in", "g"),
        case("the same letters cut elsewhere", ["u", "gs", "e", "ug", "s"], "ug", "s"),
    ]


def hidden(rng):
    left, right = pair_of(rng)
    some = [*left, str(rng.choice(list("kmwx"))), right, left]
    return [
        everything(rng, "all that looks like the pair", *pair_of(rng)),
        everything(rng, "the pair in other company", *pair_of(rng)),
        spelled_alike(rng, "the same letters cut elsewhere"),
        run(rng, "a run of odd length", int(rng.choice([3, 7, 9, 11]))),
        run(rng, "a run of even length", int(rng.choice([4, 6, 8, 10]))),
        case("the pair at the end", [str(rng.choice(list("kmwx"))), "b", left, right], left, right),
        case("nothing to join", some, right, left, points=0.5),
        case("one token", [str(rng.choice(list("abcdefghijkl")))], left, right, points=0.5),
    ]


EXERCISE = Exercise(
    id="embedding.merge_pair",
    title="Merge one pair of tokens",
    kind="function",
    points=2,
    reference=embedding.merge_pair,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "right-token-kept",
    title="joining the pair and keeping its second half as well",
    explanation="After a merge the scan must go on two places later. Otherwise the right token is "
    "met again: the word grows, and its tokens no longer spell it.",
    hint="Read your tokens in one go. Do they still spell the word?",
)
def merge_pair(tokens, left, right):
    merged = []
    for place, token in enumerate(tokens):
        if tokens[place : place + 2] == [left, right]:
            merged.append(left + right)
        else:
            merged.append(token)
    return merged


@EXERCISE.misconception(
    "first-place-only",
    title="merging only the first place",
    explanation="A merge is a rule for the whole text: wherever the two stand side by side, they "
    "become one. `list.index` finds the first of them.",
    hint="How often do `a` and `n` stand side by side in `banana`?",
)
def merge_pair(tokens, left, right):
    for place in range(len(tokens) - 1):
        if tokens[place : place + 2] == [left, right]:
            return [*tokens[:place], left + right, *tokens[place + 2 :]]
    return tokens


@EXERCISE.misconception(
    "ends-of-longer-tokens-merged",
    title="replacing in the text, so that parts of longer tokens count",
    explanation="`'win g'.replace('in g', 'ing')` makes `wing`: `win` ends in `in`, but its token "
    "is `win`. The authors' own code asks for a space or an end around the pair for this reason.",
    hint="Is the pair `in`, `g` there in the tokens `win`, `g`? Does your function think so?",
)
def merge_pair(tokens, left, right):
    return " ".join(tokens).replace(f"{left} {right}", left + right).split()


@EXERCISE.misconception(
    "either-order",
    title="merging the two in either order",
    explanation="A pair has a left and a right: `n a` is not `a n`. If it were merged to `an` the "
    "letters would change places.",
    hint="In which order do the two tokens have to stand?",
)
def merge_pair(tokens, left, right):
    merged, place = [], 0
    while place < len(tokens):
        if tokens[place : place + 2] in ([left, right], [right, left]):
            merged.append(tokens[place] + tokens[place + 1])
            place += 2
        else:
            merged.append(tokens[place])
            place += 1
    return merged


@EXERCISE.misconception(
    "scanned-from-the-right",
    title="scanning from right to left",
    explanation="In a run such as `o o o` both neighbours would do. Everybody has to take the same "
    "one, or the same word gets different tokens: the scan goes from left to right.",
    hint="Which two of `o o o` do you join, and which are the first two when you read?",
)
def merge_pair(tokens, left, right):
    merged, place = [], len(tokens)
    while place > 0:
        if place > 1 and tokens[place - 2 : place] == [left, right]:
            merged.insert(0, left + right)
            place -= 2
        else:
            merged.insert(0, tokens[place - 1])
            place -= 1
    return merged


@EXERCISE.misconception(
    "spelling-compared",
    title="comparing what the two spell together",
    explanation="`u gs` and `ug s` spell the same, and they are different pairs with different "
    "counts: only one of them was chosen.",
    hint="Do `u`, `gs` and `ug`, `s` pass your comparison alike?",
)
def merge_pair(tokens, left, right):
    merged, place = [], 0
    while place < len(tokens):
        if len(tokens) - place > 1 and tokens[place] + tokens[place + 1] == left + right:
            merged.append(left + right)
            place += 2
        else:
            merged.append(tokens[place])
            place += 1
    return merged


@EXERCISE.misconception(
    "last-token-lost",
    title="losing the last token",
    explanation="The last token has no right neighbour. A loop over all pairs of neighbours ends "
    "before it, and it is never copied.",
    hint="How many neighbours has the last token? Who copies it?",
)
def merge_pair(tokens, left, right):
    merged, place = [], 0
    while place < len(tokens) - 1:
        if tokens[place] == left and tokens[place + 1] == right:
            merged.append(left + right)
            place += 2
        else:
            merged.append(tokens[place])
            place += 1
    return merged


@EXERCISE.variant
def merge_pair(tokens, left, right):
    merged = []
    open_to_merge = False  # whether the last token is a left one that stands alone
    for token in tokens:
        if open_to_merge and token == right:
            merged[-1] += token
            open_to_merge = False
        else:
            merged.append(token)
            open_to_merge = token == left
    return merged


@EXERCISE.variant
def merge_pair(tokens, left, right):
    if len(tokens) < 2:
        return list(tokens)
    if (tokens[0], tokens[1]) == (left, right):
        return [left + right, *merge_pair(tokens[2:], left, right)]
    return [tokens[0], *merge_pair(tokens[1:], left, right)]
