"""The reference of the Python language, which every CPython carries for `help`: English to learn.

`pydoc_data.topics` holds it as topics, and a topic may repeat whole passages of another: the one on
compound statements holds those on `if`, `for` and `while`. A split by topic would show a model in
training what it is tested on. Here topics that share any run of 80 characters are one group, and a
group is trained on or held out as a whole.

The text belongs to the Python Software Foundation and is under its licence (PSF-2.0). It differs by
the version of Python, so that a result is told beside the entropy of the same text.
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

RUN = 80  # characters; groups share no run of as many, white space counted as one
HELD_OUT = 0.1  # of the text, at most
PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Split:
    """train, held_out: lists of texts, one a topic, sorted by its name; a paragraph that an earlier
    topic of the same group holds is left out.
    """

    train: list
    held_out: list


def load(seed=0, held_out=HELD_OUT, topics=None):
    """Return the text as a `Split`; the same seed and Python give the same one.

    held_out: float, the largest share of the characters that may be held out.
    topics: dict of texts by name; without it, those of this Python.
    Raises ValueError if `held_out` leaves nothing to one of the parts.
    """
    if topics is None:
        from pydoc_data.topics import topics
    groups = [_without_repeats(topics, group) for group in groups_of(topics)]
    sizes = [sum(map(len, texts.values())) for texts in groups]
    room, chosen = held_out * sum(sizes), set()
    for number in np.random.default_rng(seed).permutation(len(groups)):
        if sizes[number] <= room:
            room -= sizes[number]
            chosen.add(int(number))
    if not 0 < len(chosen) < len(groups):
        raise ValueError(
            f"`held_out` must leave text to train on and to hold out. Received: {held_out}, for "
            f"groups of {sorted(sizes)} characters"
        )
    parts = {True: {}, False: {}}
    for number, texts in enumerate(groups):
        parts[number in chosen].update(texts)
    train, held = ([parts[part][name] for name in sorted(parts[part])] for part in (False, True))
    return Split(train, held)


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
