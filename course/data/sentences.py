"""Sentences as a task for `course.training`: pieces of words, a length for all, what is asked.

A sentence has many right translations. So the sentences of a test are asked once each, and all the
translations that the file has for one count as right.
"""

from collections import Counter

import numpy as np

from course.data.characters import END, PAD, START, UNK, Pairs
from course.data.pieces import WORD, Pieces
from course.data.splits import SHARES
from course.data.task import Task

LONGEST = 32  # pieces; what is longer is left out, since every pair is padded to the longest one


class Subwords:
    """Number the pieces of both languages from 3 on; turn sentences into ids, and ids into text.

    texts: list of str, whose characters get an id: those of the training, and no others.
    merges: list of pairs, the merges in the order in which they were learned.
    The ids below 4 are those of every vocabulary of the course: PAD, START, END and UNK.

    >>> subwords = Subwords(["mug hug hug"], merges=[("u", "g"), ("h", "ug")])
    >>> subwords.cut("hug mug?")
    ['hug', ' ', 'm', 'ug', '�']
    >>> subwords.encode("hug?")
    [10, 3]
    >>> subwords.decode([1, 10, 5, 2, 10])
    'hugg'
    """

    def __init__(self, texts, merges):
        self.pieces = Pieces(texts, merges)

    def __len__(self):
        """The number of ids, those of PAD, START, END and UNK among them."""
        return UNK + len(self.pieces.tokens)  # the first of these stands for the unknown

    def encode(self, text):
        """Return the ids of a text, UNK for a character that no training text had."""
        return [UNK + int(number) for number in self.pieces.encode(text)]

    def decode(self, ids):
        """Return the text of some ids: what stands before the first END. UNK is shown as `�`.

        Raises ValueError for an id that no piece has.
        """
        shown = []
        for number in map(int, ids):
            if number == END:
                break
            if not 0 <= number < len(self):
                raise ValueError(f"Every id must be in 0 to {len(self) - 1}. Received: {number}")
            if number not in (PAD, START):
                shown.append(self.pieces.tokens[number - UNK])
        return "".join(shown)

    def cut(self, text):
        """Return the pieces of a text as a list of str."""
        return [self.pieces.tokens[number] for number in self.pieces.encode(text)]


def words_of(texts):
    """Return the words of some texts, each as often as it occurs, with the space before it."""
    return [word for text in texts for word in WORD.findall(text)]


def unknown_share(tokens, unknown):
    """Return the share of a sequence of tokens that is `unknown`; 0 for no tokens at all."""
    tokens = list(tokens)
    return Counter(tokens)[unknown] / max(len(tokens), 1)


def sentence_task(corpus, subwords, longest=LONGEST):
    """Return the `Task` of translating the pairs of a corpus; print how many are left out.

    corpus: a `course.data.pairs.Corpus`.    subwords: `Subwords` of its training pairs.
    longest: int, most pieces that a sentence may have. Longer ones are left out of all splits.
    Of validation and test, `draw` gives each pair once at most; of the training, all of them before
    any comes again.
    Raises ValueError where a split is left without a pair.
    """
    kept = {split: _short_ones(getattr(corpus, split), subwords, longest) for split in SHARES}
    found = {split: len(getattr(corpus, split)) for split in SHARES}
    if not all(map(len, kept.values())):
        counts = ", ".join(f"{len(kept[split])} of {found[split]} for {split}" for split in SHARES)
        raise ValueError(
            f"The file must hold pairs of at most {longest} pieces for training, validation and "
            f"test: a few dozen in all, so that each gets some. Received: {counts}"
        )
    left_out = sum(found.values()) - sum(map(len, kept.values()))
    print(f"{left_out:,} of {sum(found.values()):,} pairs are longer than {longest} pieces.")
    sources, targets = (
        max(len(subwords.encode(text)) for pairs in kept.values() for text in getattr(pairs, side))
        for side in ("sources", "targets")
    )

    def draw(split, count, seed=0):
        pairs, rng = kept[split], np.random.default_rng(seed)
        count = count if split == "training" else min(count, len(pairs))
        passes = -(-count // len(pairs))
        rows = np.concatenate([rng.permutation(len(pairs)) for _ in range(max(passes, 1))])[:count]
        return Pairs([pairs.sources[row] for row in rows], [pairs.targets[row] for row in rows])

    return Task("sentences", draw, subwords, sources, targets + 2)  # START and END


def asked_once(pairs):
    """Return the pairs with each source once, and for each of them all its targets."""
    targets = {}
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        targets.setdefault(source, []).append(target)
    return Pairs(list(targets), [some[0] for some in targets.values()]), list(targets.values())


def _short_ones(pairs, subwords, longest):
    rows = [
        (source, target)
        for source, target in zip(pairs.sources, pairs.targets, strict=True)
        if max(len(subwords.encode(source)), len(subwords.encode(target))) <= longest
    ]
    return Pairs([source for source, _ in rows], [target for _, target in rows])
