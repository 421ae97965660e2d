"""Mistakes of `decoding.cache`, and its other right answers."""

from keras import ops

from autograder.exercises.decoding.cache import EXERCISE
from solutions.masking import causal_mask, masked_attention
from solutions.multihead import merge_heads, split_heads


@EXERCISE.misconception(
    "joined-along-the-heads",
    title="keys joined on the axis of the heads",
    explanation="Keys are (B, H, P, d_k): axis 1 holds the heads, axis 2 the positions. The "
    "shapes only fit where there are as many new positions as old ones, and then each head "
    "is doubled.",
    hint="Keys are (B, H, P, d_k). On which axis do the positions stand?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=1)
        v = ops.concatenate([cache[1], v], axis=1)
    before = ops.shape(k)[2] - ops.shape(x)[1]
    mask = causal_mask(ops.shape(k)[2])[:, before:]
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "new-ones-in-front",
    title="new keys put before the cached ones",
    explanation="The causal mask goes by places: what stands last is the newest. In front, "
    "the oldest position is taken for the newest, and a new one for the first.",
    hint="Which key should stand last, and which one does in yours?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    if cache is not None:
        k = ops.concatenate([k, cache[0]], axis=2)
        v = ops.concatenate([v, cache[1]], axis=2)
    before = ops.shape(k)[2] - ops.shape(x)[1]
    mask = causal_mask(ops.shape(k)[2])[:, before:]
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "mask-from-the-first-row",
    title="the first rows of the causal mask",
    explanation="The first rows are those of the first positions. The newest token then sees "
    "the beginning of the text only. Its row is the last one.",
    hint="With four cached positions, how many keys may the first new one see?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=2)
        v = ops.concatenate([cache[1], v], axis=2)
    mask = causal_mask(ops.shape(k)[2])[:, : ops.shape(x)[1]]
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "no-mask",
    title="no mask at all",
    explanation="One new position may see everything that there is. Of several, the first "
    "sees those that come after it.",
    hint="Three new positions come at once. May the first of them see the third?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=2)
        v = ops.concatenate([cache[1], v], axis=2)
    mask = None
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "mask-of-new-positions-only",
    title="a mask without the cached positions",
    explanation="A causal mask of T × T has no columns for the P cached keys.",
    hint="How many keys does a query meet, and how many columns does your mask have?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=2)
        v = ops.concatenate([cache[1], v], axis=2)
    mask = causal_mask(ops.shape(x)[1])
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "cache-forgotten",
    title="the cache returned, and not attended to",
    explanation="The new positions see one another and nothing that stands before. The cache "
    "grows all the same.",
    hint="If another cache comes in, does your output change?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    own = (k, v)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=2)
        v = ops.concatenate([cache[1], v], axis=2)
    mask = causal_mask(ops.shape(x)[1])
    attended, _ = masked_attention(q, *own, mask)
    return attention.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "cache-replaced",
    title="only the new keys and values returned",
    explanation="The next step then knows of this position, and of none before it: the cache "
    "holds whatever came last.",
    hint="How many positions should the next call find in its cache?",
)
def cached_self_attention(attention, x, cache=None):
    q = split_heads(attention.query_projection(x), attention.num_heads)
    k = split_heads(attention.key_projection(x), attention.num_heads)
    v = split_heads(attention.value_projection(x), attention.num_heads)
    own = (k, v)
    if cache is not None:
        k = ops.concatenate([cache[0], k], axis=2)
        v = ops.concatenate([cache[1], v], axis=2)
    before = ops.shape(k)[2] - ops.shape(x)[1]
    mask = causal_mask(ops.shape(k)[2])[:, before:]
    attended, _ = masked_attention(q, k, v, mask)
    return attention.output_projection(merge_heads(attended)), own


@EXERCISE.variant
def cached_self_attention(attention, x, cache=None):
    heads = attention.num_heads
    pair = [
        split_heads(project(x), heads)
        for project in (attention.key_projection, attention.value_projection)
    ]
    if cache is not None:
        pair = [ops.concatenate([old, new], axis=-2) for old, new in zip(cache, pair, strict=True)]
    length, everything = x.shape[1], pair[0].shape[2]
    places = ops.arange(everything - length, everything)
    mask = ops.arange(everything)[None, :] <= places[:, None]
    query = split_heads(attention.query_projection(x), heads)
    output, _ = masked_attention(query, *pair, mask[None, None])
    return attention.output_projection(merge_heads(output)), pair


@EXERCISE.variant
def cached_self_attention(attention, x, cache=None):
    query = split_heads(attention.query_projection(x), attention.num_heads)
    keys = split_heads(attention.key_projection(x), attention.num_heads)
    values = split_heads(attention.value_projection(x), attention.num_heads)
    before = 0
    if cache is not None:
        before = cache[0].shape[2]
        keys, values = (
            ops.concatenate(parts, axis=2) for parts in zip(cache, (keys, values), strict=True)
        )
    rows = []
    for t in range(x.shape[1]):
        seen = before + t + 1
        row, _ = masked_attention(query[:, :, t : t + 1], keys[:, :, :seen], values[:, :, :seen])
        rows.append(row)
    output = ops.concatenate(rows, axis=2)
    return attention.output_projection(merge_heads(output)), (keys, values)
