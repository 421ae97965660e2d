"""Mistakes of `modern.grouped_query` in positions, groups and matrices; its other right answers."""

import math

import keras
from keras import ops

from autograder.exercises.modern.grouped_query import EXERCISE
from solutions import modern
from solutions.masking import causal_mask, masked_attention
from solutions.modern import apply_rotary
from solutions.multihead import merge_heads, split_heads


@EXERCISE.misconception(
    "groups-tiled",
    title="key/value heads dealt out like cards",
    explanation="Tiling gives head 0 the first group, head 1 the second, and so on round again. "
    "Neighbouring heads belong to one group: repeat each. Trained from scratch it is as good; the "
    "weights of a published model are read wrong.",
    hint="With four heads and two groups, which heads share the first group: 0 and 1, or 0 and 2?",
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
        times = (1, self.num_heads // self.num_groups, 1, 1)
        attended, _ = masked_attention(q, ops.tile(k, times), ops.tile(v, times), mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "values-turned",
    title="values turned, too",
    explanation="What a position hands over then depends on where it stands, and the output on all "
    "positions, not on differences. Only what is compared is turned: queries and keys.",
    hint="If all positions are moved by 7, may the output change?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = apply_rotary(split_heads(self.value_projection(x), self.num_groups), positions)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "keys-not-turned",
    title="queries turned, keys not",
    explanation="The score then depends on where the query stands and not on where the key does: "
    "no head can tell the word before from the one before that.",
    hint="A score compares two places. From which two tensors does it learn them?",
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
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "turned-before-the-split",
    title="turned before the heads are split",
    explanation="The fast pairs then all lie in the first heads and the slow ones in the last: "
    "each gets a few frequencies in place of all of them.",
    hint="How wide is the vector whose pairs are turned: d_model, or one head?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length) if positions is None else positions
        q = split_heads(apply_rotary(self.query_projection(x), positions), self.num_heads)
        k = split_heads(apply_rotary(self.key_projection(x), positions), self.num_groups)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "positions-ignored",
    title="the positions taken and not used",
    explanation="From 0 on is right for a text that is given whole. After a cache the next token "
    "does not stand at 0.",
    hint="If `positions` begins at 7, which position does your first row get?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length = x.shape[1]
        positions = ops.arange(length)
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = causal_mask(k.shape[2])[:, k.shape[2] - length :]
        times = self.num_heads // self.num_groups
        keys, values = ops.repeat(k, times, axis=1), ops.repeat(v, times, axis=1)
        attended, _ = masked_attention(q, keys, values, mask)
        return self.output_projection(merge_heads(attended)), (k, v)


@EXERCISE.misconception(
    "keys-and-values-for-every-head",
    title="as many key/value heads as query heads",
    explanation="That is multi-head attention: it works, and the cache is H / G times as large. "
    "W_K and W_V have G·d_k columns.",
    hint="How many heads of keys are there, and how wide is W_K therefore?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def build(self, x_shape):
        d_model = x_shape[-1]
        if d_model % self.num_heads or self.num_heads % self.num_groups:
            raise ValueError("`num_heads` and `num_groups` must divide")
        self.query_projection = self._projection(d_model, x_shape)
        self.key_projection = self._projection(d_model, x_shape)
        self.value_projection = self._projection(d_model, x_shape)
        self.output_projection = self._projection(d_model, x_shape)


@EXERCISE.misconception(
    "groups-not-checked",
    title="groups that do not divide the heads accepted",
    explanation="Eight heads for five groups make one head a group, by whole division, and three "
    "heads have nobody to ask. What follows is an error about shapes in another place.",
    hint="What should happen when H / G is not a whole number?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def build(self, x_shape):
        d_model = x_shape[-1]
        shared = self.num_groups * (d_model // self.num_heads)
        self.query_projection = self._projection(d_model, x_shape)
        self.key_projection = self._projection(shared, x_shape)
        self.value_projection = self._projection(shared, x_shape)
        self.output_projection = self._projection(d_model, x_shape)


@EXERCISE.misconception(
    "biases-added",
    title="projections with a bias",
    explanation="`Dense` adds a bias unless told otherwise. It starts at zero, so that the numbers "
    "are right at first.",
    hint="Which weights does a `Dense` layer make?",
)
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def build(self, x_shape):
        d_model = x_shape[-1]
        if d_model % self.num_heads or self.num_heads % self.num_groups:
            raise ValueError("`num_heads` and `num_groups` must divide")
        shared = self.num_groups * (d_model // self.num_heads)
        self.query_projection = keras.layers.Dense(d_model)
        self.key_projection = keras.layers.Dense(shared)
        self.value_projection = keras.layers.Dense(shared)
        self.output_projection = keras.layers.Dense(d_model)
        self.query_projection.build(x_shape)
        self.key_projection.build(x_shape)
        self.value_projection.build(x_shape)
        self.output_projection.build(x_shape)


@EXERCISE.variant
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        batch, length, width = x.shape
        groups, each = self.num_groups, self.num_heads // self.num_groups
        positions = ops.arange(length) if positions is None else positions
        q = split_heads(self.query_projection(x), self.num_heads)
        q = ops.reshape(apply_rotary(q, positions), (batch, groups, each, length, -1))
        k = apply_rotary(split_heads(self.key_projection(x), groups), positions)
        v = split_heads(self.value_projection(x), groups)
        before = 0
        if cache is not None:
            before = cache[0].shape[2]
            k, v = (ops.concatenate(pair, axis=2) for pair in zip(cache, (k, v), strict=True))
        scores = ops.einsum("bghtd,bgsd->bghts", q, k) / math.sqrt(q.shape[-1])
        rows, columns = ops.arange(length)[:, None], ops.arange(before + length)[None, :]
        scores = ops.where(columns <= rows + before, scores, -1e9)
        mixed = ops.einsum("bghts,bgsd->btghd", ops.softmax(scores, axis=-1), v)
        return self.output_projection(ops.reshape(mixed, (batch, length, width))), (k, v)


@EXERCISE.variant
class GroupedQueryAttention(modern.GroupedQueryAttention):
    def call(self, x, positions=None, cache=None):
        length, each = x.shape[1], self.num_heads // self.num_groups
        positions = ops.arange(length) if positions is None else positions
        q = apply_rotary(split_heads(self.query_projection(x), self.num_heads), positions)
        k = apply_rotary(split_heads(self.key_projection(x), self.num_groups), positions)
        v = split_heads(self.value_projection(x), self.num_groups)
        if cache is not None:
            k = ops.concatenate([cache[0], k], axis=2)
            v = ops.concatenate([cache[1], v], axis=2)
        mask = ops.tril(ops.ones((1, length, k.shape[2]), "bool"), k=k.shape[2] - length)
        heads = [
            masked_attention(q[:, h], k[:, h // each], v[:, h // each], mask)[0]
            for h in range(self.num_heads)
        ]
        return self.output_projection(ops.concatenate(heads, axis=-1)), (k, v)
