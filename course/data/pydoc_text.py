"""The reference of the Python language, which every CPython carries for `help`: English to learn.

`pydoc_data.topics` holds it as topics, and a topic may repeat whole passages of another: the one on
compound statements holds those on `if`, `for` and `while`. A split by topic would show a model in
training what it is tested on. Here topics that share any run of 80 characters are one group, and a
group is trained on or held out as a whole.

The text belongs to the Python Software Foundation and is under its licence (PSF-2.0). It differs by
the version of Python, so that a result is told beside the entropy of the same text.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

RUN = 80  # characters; groups share no run of as many, white space counted as one
LARGE = 16_000  # characters of a group that is always trained on: it would be most of a part
PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Split:
    """train, visible, hidden: lists of texts, one a topic, sorted by its name; a paragraph that an
    earlier topic of the same group holds is left out.

    A model learns from `train`; `check` measures it on `visible`, and grading on `hidden`.
    """

    train: list
    visible: list
    hidden: list


def load(topics=None):
    """Return the text as a `Split`, the same each time.

    The part of a group follows from a hash of the name of its first topic, as the split of a date
    does: sentences change with the version of Python, and the groups of a part do not.

    topics: dict of texts by name; without it, those of this Python.
    Raises ValueError if one of the parts has no text.
    """
    if topics is None:
        from pydoc_data.topics import topics
    parts = {"train": {}, "visible": {}, "hidden": {}}
    for group in groups_of(topics):
        texts = _without_repeats(topics, group)
        parts[_part(group[0], sum(map(len, texts.values())))].update(texts)
    if not all(parts.values()):
        raise ValueError(
            f"Each part must have a text. Received: {', '.join(map(str, map(len, parts.values())))}"
            f" topics to train on, to see and to hide"
        )
    return Split(**{part: [texts[name] for name in sorted(texts)] for part, texts in parts.items()})


def _part(name, size):
    """The part of a group: its first topic's name, and how many characters it has."""
    place = hashlib.sha256(name.encode()).digest()[0] / 256
    if size > LARGE or place >= 2 / 3:
        return "train"
    return "hidden" if place < 1 / 3 else "visible"


def groups_of(topics, run=RUN):
    """Return lists of topic names: topics of two lists share no run of `run` characters."""
    leader = {name: name for name in topics}

    def find(name):
        while leader[name] != name:
            name = leader[name]
        return name

    seen = {}
    for name in sorted(topics):
        text = re.sub(r"\s+", " ", topics[name])
        for start in range(max(1, len(text) - run + 1)):
            other = seen.setdefault(text[start : start + run], name)
            if other != name:
                leader[find(name)] = find(other)
    groups = {}
    for name in sorted(topics):
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())


def unigram_entropy(tokens):
    """Return the entropy of a sequence of tokens, such as ids or characters, in nats a token.

    H = −Σ p ln p over the shares p of the tokens. No model that ignores what stands before a token
    has a lower loss on this sequence.

    >>> round(unigram_entropy("aabb"), 4)
    0.6931
    """
    counts = np.array(list(Counter(list(tokens)).values()))
    shares = counts / counts.sum()
    return float(-np.sum(shares * np.log(shares)))


def _without_repeats(topics, names):
    """The texts of some topics; a paragraph that an earlier one holds is left out."""
    seen, texts = set(), {}
    for name in names:
        kept = []
        for paragraph in PARAGRAPH.split(topics[name].strip()):
            mark = re.sub(r"\s+", " ", paragraph).strip()
            if mark not in seen:
                seen.add(mark)
                kept.append(paragraph)
        if kept:
            texts[name] = "\n\n".join(kept) + "\n\n"
    return texts
