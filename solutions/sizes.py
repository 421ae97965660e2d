"""Lesson 07, the encoder-decoder: what its sizes alone say, before a single weight is made.

Shapes throughout: `B` batch, `S` positions of the source, `T` of the target, `H` heads, `d_model`
features, `d_ff` inside the feed-forward networks, `V` tokens of the vocabulary, `N` blocks.
"""


def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    """Follow a batch through a `Transformer`: the shape of what each step makes.

    Args: batch_size, source_length, target_length: ints, `B`, `S` and `T`.
        vocabulary_size, d_model, num_heads, hidden_dim: as of `Transformer`.
    Returns: dict of tuples of ints by step, in the order of the steps: ids and vectors of the
        source, its mask, the weights of its attention, the inside of its feed-forward network, what
        the encoder makes; then the same of the target, with the keys and the weights of
        cross-attention, and logits. How many blocks there are changes no shape.

    >>> shapes = trace_shapes(2, 7, 5, vocabulary_size=42, d_model=32, num_heads=4, hidden_dim=64)
    >>> shapes["encoded"], shapes["logits"]
    ((2, 7, 32), (2, 5, 42))
    """
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
        "logits": (batch, target, vocabulary_size),
    }


def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    """Count the weights of a post-LN `Transformer` with one shared table, from its sizes alone.

    Args: vocabulary_size, d_model, num_layers, hidden_dim: as of `Transformer`; the number of heads
            changes nothing.    biases: bool, whether the projections of attention have biases.
    Returns: dict of ints: the weights of one `"attention"`, `"feed_forward"`, `"norm"`,
        `"encoder_block"` and `"decoder_block"`, of the `"embedding"`, and of the whole `"model"`.
    Reference: Vaswani et al. 2017, sections 3.2.2, 3.3 and 3.4.

    >>> count_model_parameters(37000, d_model=512, num_layers=6, hidden_dim=2048)["model"]
    63045632
    """
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
        "model": embedding + num_layers * (encoder_block + decoder_block),
    }
