"""`transformer.shapes`: the shape of everything on the way from ids to logits.

Its wrong programs stand in `shapes_mistakes`.
"""

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import sizes


def case(name, batch, source, target, vocabulary, width, heads, hidden):
    kwargs = {
        "batch_size": int(batch),
        "source_length": int(source),
        "target_length": int(target),
        "vocabulary_size": int(vocabulary),
        "d_model": int(width),
        "num_heads": int(heads),
        "hidden_dim": int(hidden),
    }
    return Case(name, (Call(kwargs=kwargs),), tolerance=EXACT, because="shapes are whole numbers")


def drawn(rng, name):
    """Sizes of a model and a batch, all different."""
    heads, head_dim = rng.permutation([3, 4, 5, 6, 7, 8])[:2]
    lengths = rng.permutation([9, 10, 11, 13, 14, 17, 19])[:3]
    width = 8 * heads * head_dim
    return case(name, *lengths, rng.integers(5000, 9000), width, heads, 3 * width + 1)


def visible():
    return [
        case("“the cat sat”, and three tokens written", 1, 4, 3, 40, 32, 8, 64),
        case("a batch", 2, 7, 5, 110, 12, 3, 40),
        case("the paper's base model", 64, 30, 28, 37000, 512, 8, 2048),
    ]


def hidden(rng):
    return [drawn(rng, name) for name in ("a batch", "another batch", "a third batch")]


EXERCISE = Exercise(
    id="transformer.shapes",
    title="The trace of shapes",
    kind="function",
    points=2,
    reference=sizes.trace_shapes,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.variant
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    def encode(name, length):
        return {name: [batch_size, length], f"embedded_{name}": [batch_size, length, d_model]}

    shapes = encode("source", source_length)
    shapes["source_mask"] = [batch_size, 1, source_length]
    shapes["encoder_weights"] = [batch_size, num_heads, source_length, source_length]
    shapes["encoder_hidden"] = [batch_size, source_length, hidden_dim]
    shapes["encoded"] = shapes["embedded_source"]
    shapes |= encode("target", target_length)
    shapes["target_mask"] = [batch_size, target_length, target_length]
    shapes["decoder_weights"] = [batch_size, num_heads, target_length, target_length]
    shapes["cross_keys"] = [batch_size, num_heads, source_length, d_model // num_heads]
    shapes["cross_weights"] = [batch_size, num_heads, target_length, source_length]
    shapes["decoded"] = shapes["embedded_target"]
    shapes["logits"] = [batch_size, target_length, vocabulary_size]
    return shapes


@EXERCISE.variant
def trace_shapes(
    batch_size, source_length, target_length, vocabulary_size, d_model, num_heads, hidden_dim
):
    sizes = {
        "B": batch_size,
        "S": source_length,
        "T": target_length,
        "V": vocabulary_size,
        "d": d_model,
        "H": num_heads,
        "f": hidden_dim,
        "1": 1,
        "k": d_model // num_heads,
    }
    axes = {
        "source": "BS",
        "embedded_source": "BSd",
        "source_mask": "B1S",
        "encoder_weights": "BHSS",
        "encoder_hidden": "BSf",
        "encoded": "BSd",
        "target": "BT",
        "embedded_target": "BTd",
        "target_mask": "BTT",
        "decoder_weights": "BHTT",
        "cross_keys": "BHSk",
        "cross_weights": "BHTS",
        "decoded": "BTd",
        "logits": "BTV",
    }
    return {step: tuple(sizes[axis] for axis in letters) for step, letters in axes.items()}
