"""Mistakes of `transformer.parameters` in what a model is made of."""

from autograder.exercises.transformer.parameters import EXERCISE


@EXERCISE.misconception(
    "output-counted-again",
    title="the output matrix counted, too",
    explanation="It is the embedding table, transposed: one set of weights in two places. Counted "
    "twice, GPT-2 small would have 163 million and not 124.",
    hint="Which matrix turns the decoder's output into logits?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = 2 * d_model
    encoder_block = attention + feed_forward + 2 * norm
    decoder_block = 2 * attention + feed_forward + 3 * norm
    embedding = vocabulary_size * d_model
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": norm,
        "encoder_block": encoder_block,
        "decoder_block": decoder_block,
        "embedding": embedding,
        "model": 2 * embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "tables-of-their-own",
    title="a table for the source and one for the target",
    explanation="This model has one vocabulary for both languages, and one table. Three tables, "
    "with the output's, are what you would have without sharing.",
    hint="How many tables of V rows does the model make?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = 2 * d_model
    encoder_block = attention + feed_forward + 2 * norm
    decoder_block = 2 * attention + feed_forward + 3 * norm
    embedding = 2 * vocabulary_size * d_model
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": norm,
        "encoder_block": encoder_block,
        "decoder_block": decoder_block,
        "embedding": embedding,
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "cross-attention-forgotten",
    title="a decoder block with one attention",
    explanation="It has two: one that looks back at the target, and one that looks over at the "
    "source. Each has its norm.",
    hint="How many sub-layers has a block of the decoder?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = 2 * d_model
    encoder_block = attention + feed_forward + 2 * norm
    decoder_block = encoder_block
    embedding = vocabulary_size * d_model
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": norm,
        "encoder_block": encoder_block,
        "decoder_block": decoder_block,
        "embedding": embedding,
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "decoder-norm-forgotten",
    title="two norms in a block of the decoder",
    explanation="Three sub-layers have three residual connections, and each of them its norm.",
    hint="How many sub-layers are normalised in a block of the decoder?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = 2 * d_model
    encoder_block = attention + feed_forward + 2 * norm
    decoder_block = 2 * attention + feed_forward + 2 * norm
    embedding = vocabulary_size * d_model
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": norm,
        "encoder_block": encoder_block,
        "decoder_block": decoder_block,
        "embedding": embedding,
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "norms-forgotten",
    title="layer norms taken to have no weights",
    explanation="Each has a scale and a shift of d_model numbers. They are few, and an exact "
    "count is exact.",
    hint="What does layer norm learn?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = 0
    encoder_block = attention + feed_forward + 2 * norm
    decoder_block = 2 * attention + feed_forward + 3 * norm
    embedding = vocabulary_size * d_model
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": norm,
        "encoder_block": encoder_block,
        "decoder_block": decoder_block,
        "embedding": embedding,
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }
