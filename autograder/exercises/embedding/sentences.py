"""Random words and sentences for cases."""

WORDS = (
    *("rain", "train", "trained", "grain", "brain", "drain", "rainy", "again"),
    *("light", "night", "nightly", "slight", "flight", "lights", "bright", "lighter"),
    *("stone", "stony", "tone", "alone", "phone", "stones", "bone", "shone"),
    *("reader", "read", "reading", "bread", "dread", "ready", "reads", "spread"),
)
GAPS = (" ", " ", " ", ", ", "; ", "  ", "\n", " – ")


def sentence(rng, length, words=WORDS):
    """Return a text of `length` words drawn from `words`, with signs and spaces between them."""
    text = str(rng.choice(words)).capitalize()
    for _ in range(length - 1):
        text += rng.choice(GAPS) + rng.choice(words)
    return text + rng.choice([".", "?", "..."])


def repeated(rng, kinds, largest):
    """Return a shuffled list of words: `kinds` different ones, each 1 to `largest` times."""
    chosen = rng.choice(WORDS, kinds, replace=False)
    times = rng.integers(1, largest + 1, kinds)
    words = [str(word) for word, number in zip(chosen, times, strict=True) for _ in range(number)]
    return [words[place] for place in rng.permutation(len(words))]
