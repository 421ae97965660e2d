"""Mistakes of `transformer.parameters` inside of a layer."""

from autograder.exercises.transformer.parameters import EXERCISE


@EXERCISE.misconception(
    "scale-without-shift",
    title="one weight a feature in a layer norm",
    explanation="γ scales and β shifts: two for each feature.",
    hint="Which two vectors does layer norm learn?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim + hidden_dim + d_model
    norm = d_model
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


@EXERCISE.misconception(
    "feed-forward-biases-forgotten",
    title="no biases in the feed-forward network",
    explanation="The paper's formula has b₁ and b₂ (section 3.3): d_ff and d_model numbers.",
    hint="What is added in max(0, x W₁ + b₁) W₂ + b₂?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + biases * 4 * d_model
    feed_forward = 2 * d_model * hidden_dim
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
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "attention-of-three-matrices",
    title="W_O left out",
    explanation="Queries, keys and values take three matrices; a fourth mixes what the heads have "
    "found.",
    hint="Which matrix comes after the heads are merged?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 3 * d_model**2 + biases * 3 * d_model
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
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "biases-always",
    title="biases counted in attention in any case",
    explanation="The attention of this course has none, as the paper's formula has none. `biases` "
    "says when there are.",
    hint="What does your count do with `biases`?",
)
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    attention = 4 * d_model**2 + 4 * d_model
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
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }


@EXERCISE.misconception(
    "one-stack-counted",
    title="layers shared out between the stacks",
    explanation="N is the number of blocks of the encoder, and also that of the decoder: N = 6 "
    "means twelve blocks.",
    hint="How many blocks has a model with N = 6?",
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
        "model": embedding + num_layers * (encoder_block + decoder_block) // 2,
    }
