"""Layers that look ahead and layers that do not, as plain data, for `masking.leak_detector`.

Every layer is a stand-in, so that a case may hand it over. Rounding moves the past of an honest
one by less than 1e-5, and a leak by more than 1e-3, where the future changes by about 1.
"""

import numpy as np

from course.checking.standins import standin

HEADS = 2


def looking_back(rng, length):
    """A `(T, T)` matrix of weights near 1 on and below the diagonal."""
    return np.tril(rng.uniform(0.5, 1.5, (length, length))).round(2)


def _two_ahead(rng, length, queries):
    """One of the `queries` sees the position after the next."""
    matrix = looking_back(rng, length)
    query = rng.choice(queries)
    matrix[query, query + 2] = 0.7
    return matrix


def _beyond(rng, length, start):
    """The positions from `start` on see each other, whichever comes first."""
    matrix = looking_back(rng, length)
    matrix[start:, start:] = rng.uniform(0.5, 1.5, (length - start, length - start))
    return matrix


def _sees_last(rng, length, query):
    matrix = looking_back(rng, length)
    matrix[query, -1] = 0.6
    return matrix


def _in_last_sequence(rng, batch, length):
    matrices = np.stack([looking_back(rng, length) for _ in range(batch)])
    matrices[-1] += np.triu(rng.uniform(0.5, 1.5, (length, length)), k=1)
    return matrices


def leaks(rng, batch, length, width):
    """Return `{what it does: stand-in}` of layers that look ahead."""
    lower, full = looking_back(rng, length), rng.uniform(0.5, 1.5, (length, length))
    ones = np.ones((length, length), bool)
    mixed = standin("mixer", matrix=full)
    return {
        "attention without a mask": standin("attending", allowed=ones),
        "a mask turned round": standin("attending", allowed=np.triu(ones)),
        "a mask one step too far": standin("attending", allowed=np.tril(ones, k=1)),
        "softmax over queries": standin("attending", allowed=np.tril(ones), axis=-2),
        "normalised over positions": standin("norm_over", axis=1),
        "normalised over positions and features": standin("norm_over", axis=[1, 2]),
        "heads merged by reshape": standin("head_merge", num_heads=HEADS, transposed=False),
        "an early position sees two ahead": standin(
            "mixer", matrix=_two_ahead(rng, length, (1, 2))
        ),
        "a late position sees two ahead": standin("mixer", matrix=_two_ahead(rng, length, (5, 6))),
        "only beyond a length": standin("mixer", matrix=_beyond(rng, length, 4)),
        "the first sees the last": standin("mixer", matrix=_sees_last(rng, length, 0)),
        "the last but one sees the last": standin("mixer", matrix=_sees_last(rng, length, -2)),
        "in the last sequence only": standin("mixer", matrix=_in_last_sequence(rng, batch, length)),
        "faintly": standin("mixer", matrix=lower + 0.005 * np.triu(full, k=1)),
        "features normalised first": standin(
            "chain", layers=[standin("norm_over", axis=-1), mixed]
        ),
    }


def honest(rng, batch, length, width):
    """Return `{what it does: stand-in}` of layers that do not."""
    lower, matrix = looking_back(rng, length), rng.normal(size=(width, width + 1)).round(2)
    alone = standin("affine", matrix=matrix, offset=rng.normal(size=width + 1).round(2))
    back, norm = standin("mixer", matrix=lower), standin("norm_over", axis=-1)
    ones = np.ones((length, length), bool)
    several = np.stack([looking_back(rng, length) for _ in range(batch)])
    return {
        "each position alone": alone,
        "sums of the past": back,
        "causal attention": standin("attending", allowed=np.tril(ones)),
        "normalised over features": norm,
        "normalised over features, then summed": standin("chain", layers=[norm, back]),
        "heads merged with a transpose": standin("head_merge", num_heads=HEADS),
        "the past, and not itself": standin("mixer", matrix=np.tril(lower, k=-1)),
        "another sum for each sequence": standin("mixer", matrix=several),
        "the past as all less the rest": standin("chain", layers=_by_subtraction(length)),
        "normalised over the batch": standin("norm_over", axis=0),
        "sums of the past, more features": standin("chain", layers=[back, alone]),
    }


def _by_subtraction(length):
    """Sums from each position to the end, then the first of them less the one that follows: a
    running sum, up to rounding."""
    differences = -np.eye(length, k=1)
    differences[:, 0] += 1.0
    return [
        standin("mixer", matrix=np.triu(np.ones((length, length)))),
        standin("mixer", matrix=differences),
    ]
