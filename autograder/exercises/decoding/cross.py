"""`decoding.cross`: cross-attention to a source whose keys and values are computed once."""

import numpy as np
from keras import ops

from autograder.exercises.decoding.cache import pair, parts
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.multihead.attention import some_allowed
from course.checking.case import Call, Case
from solutions import decoding_cache
from solutions.masking import masked_attention
from solutions.multihead import merge_heads, split_heads


def case(rng, name, sizes, cached=False, masked=True, **options):
    """sizes: `B`, `T`, `S`, `d_model`, `d_source`, `H`.

    cached: whether keys and values are given, which do not belong to the source.
    """
    batch, length, keys, width, source_width, heads = sizes
    args = [
        parts(rng, width, heads, source_width),
        normal(rng, batch, length, width),
        normal(rng, batch, keys, source_width),
    ]
    kwargs = {"cache": pair(rng, batch, keys, width, heads)} if cached else {}
    if masked:
        kwargs["source_mask"] = some_allowed(rng, batch, 1, keys)
    return Case(name, (Call(args, kwargs),), **options)


def visible():
    rng = np.random.default_rng(98)
    return [
        case(rng, "the first call: a source with padding", (2, 4, 5, 6, 7, 3)),
        case(rng, "a later call: the source is known", (2, 5, 7, 8, 6, 4), cached=True),
    ]


def hidden(rng):
    return [
        case(rng, "the first call", (2, 4, 7, 12, 9, 3), masked=False),
        case(rng, "the first call: a source with padding", (3, 5, 7, 12, 8, 4), points=2.0),
        case(rng, "a later call: the source is known", (2, 5, 9, 12, 7, 3), True,
             points=2.0),
        case(rng, "edge: a later call with one position", (3, 1, 6, 8, 7, 4), cached=True),
        case(rng, "edge: a batch of one", (1, 4, 6, 8, 5, 2), masked=False, cached=True),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="decoding.cross",
    title="Cross-attention, once a source",
    kind="function",
    points=3,
    reference=decoding_cache.cached_cross_attention,
    visible=visible,
    hidden=hidden,
    returns=("output", "cache"),
)


@EXERCISE.misconception(
    "computed-every-time",
    title="keys and values of the source computed in every step",
    explanation="The source does not change while one writes. Its keys and values are the "
    "same in each step, and projecting it anew costs more than all the rest.",
    hint="If a cache comes in, which of your lines looks at the source?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if True:
        k = split_heads(attention.key_projection(source), attention.num_heads)
        v = split_heads(attention.value_projection(source), attention.num_heads)
        cache = (k, v)
    mask = None if source_mask is None else ops.expand_dims(source_mask, axis=1)
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@EXERCISE.misconception(
    "keys-of-x",
    title="keys and values made from x",
    explanation="That is self-attention: what is written asks itself, and the source is "
    "never read.",
    hint="If another source comes in, does your output change?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if cache is None:
        k = split_heads(attention.key_projection(x), attention.num_heads)
        v = split_heads(attention.value_projection(x), attention.num_heads)
        cache = (k, v)
    mask = None if source_mask is None else ops.expand_dims(source_mask, axis=1)
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Padding of the source is attended to: the translation depends on how long "
    "the longest source of the batch is.",
    hint="Which weights should be 0, and which are in yours?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if cache is None:
        k = split_heads(attention.key_projection(source), attention.num_heads)
        v = split_heads(attention.value_projection(source), attention.num_heads)
        cache = (k, v)
    mask = None
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@EXERCISE.misconception(
    "mask-without-head-axis",
    title="the mask without an axis for the heads",
    explanation="(B, 1, S) against (B, H, T, S) sets sentences against heads. It fails, or "
    "masks each head as another sentence.",
    hint="Weights are (B, H, T, S) and the mask is (B, 1, S). Where does the missing axis belong?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if cache is None:
        k = split_heads(attention.key_projection(source), attention.num_heads)
        v = split_heads(attention.value_projection(source), attention.num_heads)
        cache = (k, v)
    mask = source_mask
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@EXERCISE.misconception(
    "keys-handed-over",
    title="keys used as values",
    explanation="What a position is found by is also what it hands over: W_V is never used.",
    hint="Which of the four projections do you not call?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if cache is None:
        k = split_heads(attention.key_projection(source), attention.num_heads)
        v = split_heads(attention.key_projection(source), attention.num_heads)
        cache = (k, v)
    mask = None if source_mask is None else ops.expand_dims(source_mask, axis=1)
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@EXERCISE.misconception(
    "cache-grows",
    title="the source appended in every step",
    explanation="A cache of self-attention grows, since each step adds a position. The "
    "source has all of its positions from the start.",
    hint="How many source tokens are there after the third step?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if True:
        k = split_heads(attention.key_projection(source), attention.num_heads)
        v = split_heads(attention.value_projection(source), attention.num_heads)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
            if source_mask is not None:
                source_mask = ops.concatenate([source_mask, source_mask], axis=2)
        cache = (k, v)
    mask = None if source_mask is None else ops.expand_dims(source_mask, axis=1)
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), cache


@EXERCISE.misconception(
    "nothing-kept",
    title="the cache not returned",
    explanation="The output is right, and the next step begins from nothing.",
    hint="What will the next call find in its cache?",
)
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    if cache is None:
        k = split_heads(attention.key_projection(source), attention.num_heads)
        v = split_heads(attention.value_projection(source), attention.num_heads)
        cache = (k, v)
    mask = None if source_mask is None else ops.expand_dims(source_mask, axis=1)
    attended, _ = masked_attention(q, *cache, mask)
    return attention.output_projection(merge_heads(attended)), None


@EXERCISE.variant
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    if cache is None:
        cache = [
            split_heads(project(source), attention.num_heads)
            for project in (attention.key_projection, attention.value_projection)
        ]
    if source_mask is not None:
        source_mask = source_mask[:, None]
    query = split_heads(attention.query_projection(x), attention.num_heads)
    output = masked_attention(query, cache[0], cache[1], source_mask)[0]
    return attention.output_projection(merge_heads(output)), cache


@EXERCISE.variant
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    if cache is None:
        keys = split_heads(attention.key_projection(source), attention.num_heads)
        values = split_heads(attention.value_projection(source), attention.num_heads)
    else:
        keys, values = cache
    query = split_heads(attention.query_projection(x), attention.num_heads)
    scores = ops.einsum("bhtd,bhsd->bhts", query, keys) / query.shape[-1] ** 0.5
    if source_mask is not None:
        scores = ops.where(ops.expand_dims(source_mask, 1), scores, -1e9)
    found = ops.matmul(ops.softmax(scores), values)
    return attention.output_projection(merge_heads(found)), (keys, values)
