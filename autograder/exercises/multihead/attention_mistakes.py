"""Mistakes of `multihead.attention` in heads and masks: what `call` does wrong."""

import math

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
