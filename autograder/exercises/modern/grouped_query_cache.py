"""Mistakes of `modern.grouped_query` in its mask and its cache."""

from keras import ops

from autograder.exercises.modern.grouped_query import EXERCISE
from solutions import modern
from solutions.masking import causal_mask, masked_attention
from solutions.modern import apply_rotary
from solutions.multihead import merge_heads, split_heads


@EXERCISE.misconception(
    "mask-missing",
    title="no causal mask",
    explanation="Each position reads the answers that stand behind it: a perfect loss, and a model "
    "that cannot write.",
    hint="If the last token changes, may the first output change?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "mask-from-the-first-row",
    title="the first rows of the mask, in place of the last",
    explanation="T new rows behind a cache are the last T of S positions. The first rows of the "
    "mask let a new token see the first key only, and not even itself.",
    hint="With five cached positions, how many keys may the first new row see?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = causal_mask(k.shape[2])[:, :length]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "cache-ignored",
    title="the cache taken and not used",
    explanation="A token that comes alone then sees itself only: each word is written without "
    "what was said before.",
    hint="After a cache of four positions, how many keys has one new token?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, causal_mask(length))
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "cached-keys-turned-again",
    title="keys of the cache turned a second time",
    explanation="They were turned when they were made. Turned again at every step they drift away: "
    "after ten steps a key has been turned ten times.",
    hint="Has the cache been turned when it comes in? Does it have to be turned once more?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = split_heads(self.key_projection(x), self.num_groups)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
            first = positions[0] - cache[0].shape[2]
            positions = ops.concatenate([first + ops.arange(cache[0].shape[2]), positions])
        k = apply_rotary(k, positions)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "repeated-heads-cached",
    title="the repeated heads put into the cache",
    explanation="The output is right, and the cache holds each head H / G times: the memory that "
    "grouping saves is spent again.",
    hint="How many heads of keys should a cache hold: H, or G?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        k, v = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, k, v, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "new-before-old",
    title="new keys put before the cached ones",
    explanation="The mask goes by order: the rows behind are the new ones. Turned round, a new "
    "token cannot see part of the cache, and may see tokens that follow it.",
    hint="What was said first, the cache or `x`? Which of them comes first in the concatenation?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([k, cache[0]], axis=2)
            v = ops.concatenate([v, cache[1]], axis=2)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "only-new-keys-returned",
    title="only the new keys and values returned",
    explanation="The output is right, and the next step gets a cache of one token.",
    hint="What does the next call need: what is new, or all there is so far?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        new_k = k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        new_v = v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (new_k, new_v)
