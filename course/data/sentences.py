"""Sentences as a task for `course.training`: pieces of words, a length for all, what is asked.

A sentence has many right translations. So the sentences of a test are asked once each, and all the
translations that the file has for one count as right.
"""

from collections import Counter

import numpy as np

from course.data.characters import UNK, Pairs, spelled
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
        self._shown = ["", "", "", *self.pieces.tokens]  # the first of these is the unknown

    def __len__(self):
        """The number of ids, those of PAD, START, END and UNK among them."""
        return len(self._shown)

    def encode(self, text):
        """Return the ids of a text, UNK for a character that no training text had."""
        return [UNK + int(number) for number in self.pieces.encode(text)]

    def decode(self, ids):
        """Return the text of some ids: what stands before the first END. UNK is shown as `�`.

        Raises ValueError for an id that no piece has.
        """
        return spelled(ids, self._shown)

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
        max(lengths[side] for rows in kept.values() for _, lengths in rows) for side in (0, 1)
    )

    def draw(split, count, seed=0):
        rows, rng = kept[split], np.random.default_rng(seed)
        count = count if split == "training" else min(count, len(rows))
        passes = -(-count // len(rows))
        order = np.concatenate([rng.permutation(len(rows)) for _ in range(max(passes, 1))])[:count]
        drawn = [rows[place][0] for place in order]
        return Pairs([source for source, _ in drawn], [target for _, target in drawn])

    return Task("sentences", draw, subwords, sources, targets + 2)  # START and END


def asked_once(pairs):
    """Return the pairs with each source once, and for each of them all its targets."""
    targets = {}
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        targets.setdefault(source, []).append(target)
    return Pairs(list(targets), [some[0] for some in targets.values()]), list(targets.values())


def _short_ones(pairs, subwords, longest):
    """Return each pair of at most `longest` pieces, with the lengths of its two sides."""
    rows = []
    for pair in zip(pairs.sources, pairs.targets, strict=True):
        lengths = [len(subwords.encode(text)) for text in pair]
        if max(lengths) <= longest:
            rows.append((pair, lengths))
    return rows
