"""`decoding.step`: new tokens through the whole decoder, with a cache for each block.

Its wrong programs stand in `step_mistakes`.
"""

import numpy as np

from autograder.exercises.decoding.cache import pair
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.transformer.encoder import DEEP
from autograder.exercises.transformer.model import constructor, drawn_ids
from autograder.exercises.transformer.weights import model_weights
from course.checking.case import Call, Case
from solutions import decoding_cache


def case(rng, name, sizes, norm_first=False, before=0, whole=False, **options):
    """sizes: `B`, `S`, `T`, `V`, `d_model`, `N`, `H` and `d_ff`.

    before: positions in the cache.    whole: whether a target is fed one token at a time.
    """
    batch, source_length, length, vocabulary_size, width, layers, heads, hidden = sizes
    source = drawn_ids(rng, batch, source_length, vocabulary_size)
    target = drawn_ids(rng, batch, length, vocabulary_size, padded=False, start=not before)
    inputs = {"source": source, "target": target}
    calls = [Call([inputs], observe=())]  # makes the weights
    if whole:
        calls.append(Call([inputs], method="step_by_step"))
    else:
        args = [target, normal(rng, batch, source_length, width), source]
        if before:
            args.append([[pair(rng, batch, before, width, heads),
                          pair(rng, batch, source_length, width, heads)]
                         for _ in range(layers)])  # fmt: skip
        calls.append(Call(args, method="decode_step"))
    return Case(
        name,
        tuple(calls),
        construct=constructor(vocabulary_size, width, layers, heads, hidden, norm_first),
        weights=model_weights(rng, vocabulary_size, width, layers, hidden, norm_first),
        **{**DEEP, **options},
    )


def visible():
    rng = np.random.default_rng(99)
    return [
        case(rng, "one token at a time, which equals a whole target", (4, 5, 3, 9, 6, 2, 1, 7),
             whole=True),
        case(rng, "two tokens after a cache, pre-LN", (3, 5, 2, 7, 8, 1, 4, 6), norm_first=True,
             before=3),
    ]  # fmt: skip


def hidden(rng):
    before = int(rng.integers(14, 20))
    return [
        case(rng, "the first tokens", (3, 7, 5, 11, 8, 2, 4, 6)),
        case(rng, "three tokens after a cache", (2, 7, 3, 11, 12, 1, 4, 5), before=before,
             points=2.0),
        case(rng, "two blocks, pre-LN", (3, 5, 4, 13, 8, 2, 1, 6), norm_first=True, before=before,
             points=2.0),
        case(rng, "one token at a time", (3, 7, 5, 11, 8, 2, 4, 6), whole=True, points=2.0),
        case(rng, "edge: one token, a batch of one", (1, 6, 1, 11, 8, 2, 4, 5), before=before),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="decoding.step",
    title="A decoding step",
    kind="layer",
    points=5,
    reference=decoding_cache.CachedTransformer,
    visible=visible,
    hidden=hidden,
    returns=("logits", "cache"),
    write=("decode_step",),
    uses=("decoding.cache", "decoding.cross"),
)
