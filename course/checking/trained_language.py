"""`modern.language_model`: a decoder predicts pieces of a text that it has not seen.

Its loss is told beside the unigram entropy of the same pieces, since the text differs by the
version of Python. What a model learned from what stands before a piece lies between the two.
"""

import functools
import math

import numpy as np

from course.checking.trained_form import Finding, Training
from course.data.pydoc_pieces import DOCUMENTATION, corpus
from course.training import nats
from course.training.decoder import choose_decoder
from course.training.kinds import DECODER
from course.training.weights import variables

BANDS = {"0.25": 0.25, "0.75": 0.75, "1.25": 1.25, "1.50": 1.50, "1.75": 1.75}  # nats below it
HIDDEN = 600  # windows of a class, three times the hidden text: the luck of the draw is small
MOVED = 0.05  # how far some scale of a norm is from 1, where it begins, after a training
COPIED = 1.0  # nats a piece: what only copying reaches
CLEAR = 0.15  # nats a piece: of two losses that far apart, one is said to be the lower
SURE = 0.5  # of its loss: how unsure a model may be that is said to be surer than it is right
BLIND = 0.05  # nats: how much chances change with what stands before, and what is gained by it


def visible_windows():
    """Return the windows that `check` measures on: all of the visible text."""
    return nats.cut(corpus().visible)


def hidden_windows(rng):
    """Return windows of a class."""
    return nats.draw(corpus().hidden, HIDDEN, rng)


def _build(decoder, sizes):
    layer = decoder(corpus().vocabulary_size, **sizes, dtype="float32")
    layer.build((None, nats.LENGTH))
    return layer, functools.partial(_examine, layer)


def _examine(layer, windows, visible):
    found = nats.measure(layer, windows)
    reached = {
        f"at least {said} nats a piece below the unigram entropy": found.below >= band
        for said, band in BANDS.items()
    }
    said, band = [*BANDS.items()][-1]
    below, loss = round(found.below, 6), _up(found.next)
    side, far = ("below", _down(below)) if below > 0 else ("above", _up(-below))
    uniform = math.log(corpus().vocabulary_size)
    return Finding(
        reached=reached,
        received=f"{far:.2f} {side} it",
        first=f"{loss:.2f} nats a piece on unseen text, {far:.2f} {side} its unigram entropy.",
        facts={
            "expected": f"at least {said} below it: {found.unigram - band:.2f} or less",
            "received": f"{loss:.2f}. Knowing how frequent each piece is gives "
            f"{found.unigram:.2f}, taking all for equally likely {uniform:.2f}",
        },
        mistake=None if all(reached.values()) else diagnose(layer, found),
    )


def diagnose(layer, found):
    """Return the misconception that a model's weights show, or None where they show none.

    found: its `Nats` on unseen text.
    """
    if _moved(layer) < MOVED:  # asked first: with one table for both ends, chance weights copy
        return "weights-hardly-moved"
    if found.given < COPIED:
        return "labels-not-shifted"
    if found.before < found.next - COPIED:
        return "shifted-backwards"
    if found.second < found.next - CLEAR:
        return "shifted-twice"
    if found.next > found.unigram + 2 * CLEAR:
        sure = found.entropy < SURE * found.next
        return "same-few-windows" if sure else "scores-taken-for-chances"
    return "pieces-out-of-order" if found.used + found.below < BLIND else None


def _moved(layer):
    """How far the scales of the norms are from 1, at most."""
    found = variables(layer).items()
    scales = [variable.numpy() for name, variable in found if name.endswith("norm.scale")]
    return max(float(np.max(np.abs(scale - 1.0))) for scale in scales)


def _down(number):
    """A number with two places, never rounded up to a band that it does not reach."""
    return math.floor(100 * number) / 100


def _up(number):
    return math.ceil(100 * number) / 100


TRAINING = Training(
    task=DOCUMENTATION,
    kind=DECODER,
    bands=BANDS,
    right_model=choose_decoder,
    visible=visible_windows,
    hidden=hidden_windows,
    build=_build,
)
