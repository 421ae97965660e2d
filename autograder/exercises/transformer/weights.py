"""Drawn weights of blocks, stacks and models, by attribute path."""

from autograder.exercises.inputs import normal

NORM_PLACES = {
    "encoder": ("attention_residual.norm", "feed_forward_residual.norm"),
    "decoder": (
        "attention_residual.norm", "cross_attention_residual.norm", "feed_forward_residual.norm"
    ),
}  # fmt: skip
ATTENTION_PLACES = {
    "encoder": ("attention",),
    "decoder": ("attention", "cross_attention.attention"),
}


def stack_weights(rng, kind, num_layers, d_model, hidden_dim, norm_first=False):
    """All weights of an `Encoder` or a `Decoder`; kind: `"encoder"` or `"decoder"`."""
    weights = {}
    for number in range(num_layers):
        block = block_weights(rng, kind, d_model, hidden_dim)
        weights |= {f"blocks.{number}.{path}": values for path, values in block.items()}
    if norm_first:
        weights |= _norm(rng, "final_norm", d_model)
    return weights


def block_weights(rng, kind, d_model, hidden_dim):
    """All weights of an `EncoderBlock` or a `DecoderBlock`."""
    weights = {}
    for place in ATTENTION_PLACES[kind]:
        for role in ("query", "key", "value", "output"):
            weights[f"{place}.{role}_projection.kernel"] = normal(
                rng, d_model, d_model, scale=d_model**-0.5
            )
    for place in NORM_PLACES[kind]:
        weights |= _norm(rng, place, d_model)
    weights["feed_forward.expand.kernel"] = normal(rng, d_model, hidden_dim, scale=0.5)
    weights["feed_forward.expand.bias"] = normal(rng, hidden_dim, scale=0.3)
    weights["feed_forward.contract.kernel"] = normal(rng, hidden_dim, d_model, scale=0.5)
    weights["feed_forward.contract.bias"] = normal(rng, d_model, scale=0.3)
    return weights


def model_weights(rng, vocabulary_size, d_model, num_layers, hidden_dim, norm_first=False):
    """All weights of a `Transformer`: one table, and two stacks."""
    weights = {"embedding.table": normal(rng, vocabulary_size, d_model, scale=d_model**-0.5)}
    for kind in ("encoder", "decoder"):
        stack = stack_weights(rng, kind, num_layers, d_model, hidden_dim, norm_first)
        weights |= {f"{kind}.{path}": values for path, values in stack.items()}
    return weights


def _norm(rng, place, d_model):
    gamma = 1 + normal(rng, d_model, scale=0.2)
    return {f"{place}.gamma": gamma, f"{place}.beta": normal(rng, d_model, scale=0.2)}
