"""`transformer.parameters`: how many weights a model has, from its sizes alone.

Its wrong programs stand in `parameters_mistakes` and `parameters_slips`.
"""

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import sizes


def case(name, vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    kwargs = {
        "vocabulary_size": int(vocabulary_size),
        "d_model": int(d_model),
        "num_layers": int(num_layers),
        "hidden_dim": int(hidden_dim),
        **({"biases": True} if biases else {}),
    }
    return Case(name, (Call(kwargs=kwargs),), tolerance=EXACT, because="counts are whole numbers")


def drawn(rng, name, biases=False):
    """Sizes that a model could have, none of which is a multiple of another."""
    width = 16 * rng.integers(11, 60) + 2
    return case(name, rng.integers(8000, 60000), width, rng.integers(3, 20), 3 * width + 7, biases)


def visible():
    return [
        case("by hand: a model of six tokens", 6, 4, 2, 8),
        case("the paper's base model", 37000, 512, 6, 2048),
        case("the paper's big model", 37000, 1024, 6, 4096),
        case("the base model, with biases in attention", 37000, 512, 6, 2048, biases=True),
    ]


def hidden(rng):
    return [
        drawn(rng, "a model"),
        drawn(rng, "another model"),
        drawn(rng, "a model with biases in attention", biases=True),
        drawn(rng, "another model with biases in attention", biases=True),
    ]


EXERCISE = Exercise(
    id="transformer.parameters",
    title="Count the parameters",
    kind="function",
    points=3,
    reference=sizes.count_model_parameters,
    visible=visible,
    hidden=hidden,
    forbidden={"count_params": "It counts weights that were made; here none need be made."},
)


@EXERCISE.variant
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    def dense(inputs, outputs, bias=True):
        return inputs * outputs + (outputs if bias else 0)

    counts = {
        "attention": sum(dense(d_model, d_model, biases) for _ in range(4)),
        "feed_forward": dense(d_model, hidden_dim) + dense(hidden_dim, d_model),
        "norm": d_model + d_model,
        "embedding": dense(vocabulary_size, d_model, bias=False),
    }
    attention, norm = counts["attention"], counts["norm"]
    counts["encoder_block"] = attention + norm + counts["feed_forward"] + norm
    counts["decoder_block"] = counts["encoder_block"] + attention + norm
    blocks = (counts["encoder_block"], counts["decoder_block"])
    counts["model"] = counts["embedding"] + num_layers * sum(blocks)
    return counts


@EXERCISE.variant
def count_model_parameters(vocabulary_size, d_model, num_layers, hidden_dim, biases=False):
    d, f = d_model, hidden_dim
    attention = 4 * d * (d + 1) if biases else 4 * d * d
    feed_forward = d * (2 * f + 1) + f
    total = vocabulary_size * d
    for _ in range(num_layers):
        total += attention + feed_forward + 4 * d
        total += 2 * attention + feed_forward + 6 * d
    return {
        "attention": attention,
        "feed_forward": feed_forward,
        "norm": 2 * d,
        "encoder_block": attention + feed_forward + 4 * d,
        "decoder_block": 2 * attention + feed_forward + 6 * d,
        "embedding": vocabulary_size * d,
        "model": total,
    }
