"""What can be read off batches of a dataset, whatever the order in which they were drawn."""

from itertools import pairwise

import numpy as np
from keras import ops


def one_epoch(batches, arguments, case):
    """All pairs of an epoch as they stand in their batches, padding included, in sorted order.

    One array for sources, inputs and labels each, with −1 behind the end of a row: batches differ
    in length. With them the shapes of the batches, sorted: B, S, and T of inputs and of labels.
    """
    shapes, pairs = [], []
    for inputs, labels in _epoch(batches):
        source, target = inputs["source"], inputs["target"]
        shapes.append([*source.shape, target.shape[1], labels.shape[1]])
        pairs += zip(source.tolist(), target.tolist(), labels.tolist(), strict=True)
    kinds = zip(*sorted(pairs), strict=True)
    named = zip(("sources", "inputs", "labels"), map(_filled, kinds), strict=True)
    return {"shapes": np.array(sorted(shapes)), **dict(named)}


def several_epochs(batches, arguments, case):
    """How epochs compare: the first with the second, and with those of a second dataset.

    The second dataset is made with the same arguments, the third with another seed.
    """
    kind, options = type(batches), case.construct
    first, second = _two_epochs(kind(**options))
    again = _two_epochs(kind(**options))
    other = _two_epochs(kind(**{**options, "seed": options["seed"] + 1}))
    lengths = [batch[0] for batch in first]
    changes = sum(one != following for one, following in pairwise(lengths))
    fewest = len(set(lengths)) - 1  # two batches may stand in front for reasons of Keras
    return {
        "two epochs are the same": first == second,
        "two epochs have the same batches": sorted(first) == sorted(second),
        "the same seed gives the same epochs": (first, second) == again,
        "another seed gives the same epochs": (first, second) == other,
        "batches of one length come one after the other": changes <= fewest + 2,
    }


def _two_epochs(batches):
    """Each epoch as a list of batches: the two lengths, and the sources in sorted order."""
    found = []
    for _ in range(2):
        epoch = []
        for inputs, labels in _epoch(batches):
            lengths = inputs["source"].shape[1], labels.shape[1]
            epoch.append((lengths, sorted(inputs["source"].tolist())))
        found.append(epoch)
        batches.on_epoch_end()
    return tuple(found)


def _filled(rows):
    """Rows of unequal length as one array."""
    longest = max(map(len, rows))
    return np.array([[*row, *[-1] * (longest - len(row))] for row in rows])


def _epoch(batches):
    """Yield the batches of an epoch as arrays."""
    for place in range(len(batches)):
        inputs, labels = batches[place]
        yield {name: _array(value) for name, value in inputs.items()}, _array(labels)


def _array(value):
    return np.asarray(ops.convert_to_numpy(value))
