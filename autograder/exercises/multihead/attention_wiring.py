"""Mistakes of `multihead.attention` in its four matrices, and its other right answers."""

import math

import keras
from keras import ops

from autograder.exercises.multihead.attention import EXERCISE
from solutions import multihead
from solutions.masking import masked_attention
from solutions.multihead import merge_heads, split_heads


@EXERCISE.misconception(
    "query-attends-to-itself",
    title="keys and values made from the query",
    explanation="It is self-attention whatever the second argument holds.",
    hint="If another `value` comes in, which number of your output changes?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        if self.head_dim is None and d_model % self.num_heads:
            raise ValueError("`num_heads` must divide `d_model`")
        inner = self.num_heads * (self.head_dim or d_model // self.num_heads)
        self.query_projection = self._projection(inner, query_shape)
        self.key_projection = self._projection(inner, query_shape)
        self.value_projection = self._projection(inner, query_shape)
        self.output_projection = self._projection(d_model, (*query_shape[:-1], inner))

    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(query), self.num_heads)
        v = split_heads(self.value_projection(query), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "keys-and-values-exchanged",
    title="W_K and W_V exchanged",
    explanation="Keras' own layer takes (query, value, key), the paper says query, key, value, "
    "and many a line has them in the wrong order. Trained from scratch it is the same model; with "
    "weights from elsewhere it is nonsense.",
    hint="By which of the two is a position found, and which does it hand over?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.value_projection(value), self.num_heads)
        v = split_heads(self.key_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "keys-handed-over",
    title="keys used as values",
    explanation="What a position is found by is also what it hands over: W_V is made, never used, "
    "and never learns.",
    hint="Which of your four layers does `call` not call?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.key_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "biases-added",
    title="projections with a bias",
    explanation="`Dense` adds a bias unless told otherwise. It starts at zero, so that the "
    "numbers are right at first: 4d² weights have become 4d² + 4d.",
    hint="Which weights does a `Dense` layer make?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        if self.head_dim is None and d_model % self.num_heads:
            raise ValueError("`num_heads` must divide `d_model`")
        inner = self.num_heads * (self.head_dim or d_model // self.num_heads)
        self.query_projection = keras.layers.Dense(inner)
        self.key_projection = keras.layers.Dense(inner)
        self.value_projection = keras.layers.Dense(inner)
        self.output_projection = keras.layers.Dense(d_model)
        self.query_projection.build(query_shape)
        self.key_projection.build(value_shape)
        self.value_projection.build(value_shape)
        self.output_projection.build((*query_shape[:-1], inner))


@EXERCISE.misconception(
    "every-head-as-wide-as-the-model",
    title="every head as wide as the model",
    explanation="Heads of d_model features make H times as many weights. It works, and costs H "
    "times what the paper's layer does.",
    hint="If all heads together are as wide as the input, how wide is one?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        if self.head_dim is None and d_model % self.num_heads:
            raise ValueError("`num_heads` must divide `d_model`")
        inner = self.num_heads * (self.head_dim or d_model)
        self.query_projection = self._projection(inner, query_shape)
        self.key_projection = self._projection(inner, value_shape)
        self.value_projection = self._projection(inner, value_shape)
        self.output_projection = self._projection(d_model, (*query_shape[:-1], inner))


@EXERCISE.misconception(
    "heads-averaged",
    title="heads averaged before W_O",
    explanation="A mean of heads is one head wide, and what one of them has found is blurred by "
    "the others.",
    hint="How many rows should W_O have?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        if self.head_dim is None and d_model % self.num_heads:
            raise ValueError("`num_heads` must divide `d_model`")
        width = self.head_dim or d_model // self.num_heads
        self.query_projection = self._projection(self.num_heads * width, query_shape)
        self.key_projection = self._projection(self.num_heads * width, value_shape)
        self.value_projection = self._projection(self.num_heads * width, value_shape)
        self.output_projection = self._projection(d_model, (*query_shape[:-1], width))

    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(ops.mean(attended, axis=1))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "width-rounded-down",
    title="a width that does not divide rounded down",
    explanation="Eleven features for three heads become three heads of three, and two features "
    "are lost without a word.",
    hint="What should happen when d_model / H is not a whole number?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        inner = self.num_heads * (self.head_dim or d_model // self.num_heads)
        self.query_projection = self._projection(inner, query_shape)
        self.key_projection = self._projection(inner, value_shape)
        self.value_projection = self._projection(inner, value_shape)
        self.output_projection = self._projection(d_model, (*query_shape[:-1], inner))


@EXERCISE.variant
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = ops.split(self.query_projection(query), self.num_heads, axis=-1)
        k = ops.split(self.key_projection(value), self.num_heads, axis=-1)
        v = ops.split(self.value_projection(value), self.num_heads, axis=-1)
        found = [masked_attention(*head, attention_mask) for head in zip(q, k, v, strict=True)]
        output = self.output_projection(ops.concatenate([o for o, _ in found], axis=-1))
        weights = ops.stack([w for _, w in found], axis=1)
        return (output, weights) if return_weights else output


@EXERCISE.variant
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        scores = ops.einsum("bhtd,bhsd->bhts", q, k) / math.sqrt(q.shape[-1])
        if attention_mask is not None:
            scores = ops.where(attention_mask[:, None], scores, -1e9)
        weights = ops.softmax(scores, axis=-1)
        kernel = self.output_projection.kernel
        kernel = ops.reshape(kernel, (self.num_heads, q.shape[-1], query.shape[-1]))
        output = ops.einsum("bhts,bhsd,hdm->btm", weights, v, kernel)
        return (output, weights) if return_weights else output


@EXERCISE.variant
class MultiHeadAttention(multihead.MultiHeadAttention):
    def build(self, query_shape, value_shape):
        d_model = query_shape[-1]
        width = self.head_dim or d_model // self.num_heads
        if not self.head_dim and width * self.num_heads != d_model:
            raise ValueError("the heads must divide the features")
        for name, shape in (
            ("query", query_shape), ("key", value_shape), ("value", value_shape)
        ):  # fmt: skip
            dense = keras.layers.Dense(width * self.num_heads, use_bias=False)
            dense.build(shape)
            setattr(self, f"{name}_projection", dense)
        self.output_projection = keras.layers.Dense(d_model, use_bias=False)
        self.output_projection.build((*query_shape[:-1], width * self.num_heads))
