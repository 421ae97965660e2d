"""What is learned from, what is looked at meanwhile, and what is kept for the end.

The split of a thing follows from its own text, by a hash. So it is the same on every machine, it
stays when other things are added, and nothing lands in two splits.
"""

import hashlib
import itertools

SHARES = {"training": 80, "validation": 10, "test": 10}  # of a hundred


def split_of(text):
    """Return the split that `text` belongs to: `"training"`, `"validation"` or `"test"`."""
    place = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 100
    ends = itertools.accumulate(SHARES.values())
    return next(split for split, end in zip(SHARES, ends, strict=True) if place < end)


def require_split(split):
    """Raise ValueError unless `split` is the name of one."""
    if split not in SHARES:
        raise ValueError(f"`split` must be one of {', '.join(SHARES)}. Received: {split!r}")
