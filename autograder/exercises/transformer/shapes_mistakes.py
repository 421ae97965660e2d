"""Mistakes of `transformer.shapes`: each returns what its author has in mind for every step."""

from autograder.exercises.transformer.shapes import EXERCISE


@EXERCISE.misconception(
    "encoder-gives-one-vector",
    title="one vector for the whole source",
    explanation="That was the sequence-to-sequence model before attention. The encoder gives a "
    "vector for every position, so that cross-attention has something to choose from.",
    hint="How many positions of the source can cross-attention look at?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, source, d_model // heads),
        "cross_weights": (batch, heads, target, source),
        "decoded": (batch, target, d_model),
        "logits": (batch, target, vocabulary_size),
    }


@EXERCISE.misconception(
    "cross-weights-turned",
    title="rows and columns of cross-attention exchanged",
    explanation="Rows are queries, and the target asks. Softmax runs over the last axis, so that "
    "each word of the target gives out one unit of weight over the source.",
    hint="Who asks in cross-attention, and what do its weights sum to one over?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, source, d_model // heads),
        "cross_weights": (batch, heads, source, target),
        "decoded": (batch, target, d_model),
        "logits": (batch, target, vocabulary_size),
    }


@EXERCISE.misconception(
    "cross-attention-square",
    title="cross-attention taken for a square table",
    explanation="Only self-attention has as many keys as queries. In cross-attention T queries "
    "meet S keys.",
    hint="How many keys does one word of the target meet in the source?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, target, d_model // heads),
        "cross_weights": (batch, heads, target, target),
        "decoded": (batch, target, d_model),
        "logits": (batch, target, vocabulary_size),
    }


@EXERCISE.misconception(
    "heads-not-counted",
    title="weights without an axis for the heads",
    explanation="Each head has weights of its own: a table of (T, S) for every head of every "
    "sentence.",
    hint="How many tables of weights does a layer with eight heads have?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target = batch_size, source_length, target_length
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, target, target),
        "cross_keys": (batch, source, d_model),
        "cross_weights": (batch, target, source),
        "decoded": (batch, target, d_model),
        "logits": (batch, target, vocabulary_size),
    }


@EXERCISE.misconception(
    "hidden-width-kept",
    title="the inside of the feed-forward network left in",
    explanation="The network widens to d_ff and comes back to d_model before the block ends; "
    "otherwise nothing could be added to the input.",
    hint="To what does a residual connection add the network's output?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, hidden_dim),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, source, d_model // heads),
        "cross_weights": (batch, heads, target, source),
        "decoded": (batch, target, hidden_dim),
        "logits": (batch, target, vocabulary_size),
    }


@EXERCISE.misconception(
    "last-position-only",
    title="logits of one position",
    explanation="Every position of the target predicts its next token. One position is what "
    "decoding looks at, in lesson 9.",
    hint="For a target of T tokens, how many predictions does one run make?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, source, d_model // heads),
        "cross_weights": (batch, heads, target, source),
        "decoded": (batch, target, d_model),
        "logits": (batch, vocabulary_size),
    }


@EXERCISE.misconception(
    "logits-of-the-source",
    title="logits as long as the source",
    explanation="The decoder answers position by position of the target; how long the source is "
    "does not matter for that.",
    hint="Which sequence do the predictions stand under?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, 1, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, source, d_model // heads),
        "cross_weights": (batch, heads, target, source),
        "decoded": (batch, source, d_model),
        "logits": (batch, source, vocabulary_size),
    }


@EXERCISE.misconception(
    "source-mask-square",
    title="a square mask for the source",
    explanation="What is padding is padding for every query, so one row is enough: (B, 1, S). Its "
    "1 is stretched over all rows by broadcasting, and it serves T queries as well as S.",
    hint="Does it depend on who asks whether a token is padding?",
)
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    batch, source, target, heads = batch_size, source_length, target_length, num_heads
    return {
        "source": (batch, source),
        "embedded_source": (batch, source, d_model),
        "source_mask": (batch, source, source),
        "encoder_weights": (batch, heads, source, source),
        "encoder_hidden": (batch, source, hidden_dim),
        "encoded": (batch, source, d_model),
        "target": (batch, target),
        "embedded_target": (batch, target, d_model),
        "target_mask": (batch, target, target),
        "decoder_weights": (batch, heads, target, target),
        "cross_keys": (batch, heads, source, d_model // heads),
        "cross_weights": (batch, heads, target, source),
        "decoded": (batch, target, d_model),
        "logits": (batch, target, vocabulary_size),
    }
