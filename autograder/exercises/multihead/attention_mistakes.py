"""The mistakes of `multihead.attention`, and its other right answers."""

import math

import keras
from keras import ops

from autograder.exercises.multihead.attention import EXERCISE
from solutions import multihead
from solutions.masking import masked_attention
from solutions.multihead import merge_heads, split_heads


@EXERCISE.misconception(
    "scale-by-d-model",
    title="scores divided by √d_model",
    explanation="The dot product of one head runs over d_k terms. With eight heads √d_model is √8 "
    "times too much: attention is flatter than it need be, and training hides it.",
    hint="How many terms has the dot product of a query and a key of one head?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        q = q * math.sqrt(q.shape[-1] / query.shape[-1])
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "output-projection-unused",
    title="no W_O",
    explanation="Without the last matrix each feature of the output belongs to one head: heads "
    "cannot add to what another one has found, and W_O never learns.",
    hint="What still has to happen to the merged heads?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = merge_heads(attended)
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "never-split",
    title="one wide head",
    explanation="Four projections and one attention: one table of weights, as wide as all heads "
    "together. It counts as many parameters and can look in one way only.",
    hint="How many tables of weights should one sentence get?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = self.query_projection(query)
        k = self.key_projection(value)
        v = self.value_projection(value)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(attended)
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "split-by-reshape",
    title="heads made by reshape alone",
    explanation="The shape is right, and each head gets all features of a few positions. Behind a "
    "causal mask positions then look ahead.",
    hint="Is the second word of the sentence in every head?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        batch, length, width = query.shape[0], query.shape[1], -1
        q, k = self.query_projection(query), self.key_projection(value)
        v = self.value_projection(value)
        q = ops.reshape(q, (batch, self.num_heads, length, width))
        k = ops.reshape(k, (batch, self.num_heads, value.shape[1], width))
        v = ops.reshape(v, (batch, self.num_heads, value.shape[1], width))
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "merged-without-transpose",
    title="heads merged by reshape alone",
    explanation="Positions get each other's features. In a decoder the loss falls to nothing, "
    "since answers arrive from the future, and what it generates is nonsense.",
    hint="Which axis must stand beside the features before they are joined?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        shape = (query.shape[0], query.shape[1], q.shape[1] * q.shape[3])
        output = self.output_projection(ops.reshape(attended, shape))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "weights-averaged",
    title="weights averaged over the heads",
    explanation="The output is right. The tables that are returned say where the heads look on "
    "average, which may be where none of them does.",
    hint="How many tables of weights does a layer with three heads have?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.expand_dims(attention_mask, axis=1)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, ops.mean(weights, axis=1)) if return_weights else output


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Every query may attend to everything: padding, and the future.",
    hint="Which weights should be 0, and which are in yours?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        attended, weights = masked_attention(q, k, v)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "mask-without-head-axis",
    title="the mask without an axis for the heads",
    explanation="Broadcasting lines shapes up from the right: (B, T, S) against (B, H, T, S) sets "
    "sentences against heads. It fails, or, where B = H, gives each head the mask of another "
    "sentence.",
    hint="Scores are (B, H, T, S) and the mask is (B, T, S). Where does the missing axis belong?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


@EXERCISE.misconception(
    "mask-inverted",
    title="the mask turned round",
    explanation="True means may attend. Inverted, each query sees exactly what is hidden from it.",
    hint="What does True mean in a mask of this course?",
)
class MultiHeadAttention(multihead.MultiHeadAttention):
    def call(self, query, value, attention_mask=None, return_weights=False):
        q = split_heads(self.query_projection(query), self.num_heads)
        k = split_heads(self.key_projection(value), self.num_heads)
        v = split_heads(self.value_projection(value), self.num_heads)
        if attention_mask is not None:
            attention_mask = ops.logical_not(ops.expand_dims(attention_mask, axis=1))
        attended, weights = masked_attention(q, k, v, attention_mask)
        output = self.output_projection(merge_heads(attended))
        return (output, weights) if return_weights else output


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
