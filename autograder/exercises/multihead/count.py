"""`multihead.count`: how many weights the attention of a model has, up to GPT-3."""

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import multihead


def case(name, d_model, num_heads, head_dim, layers, points=1.0):
    sizes = {
        "d_model": int(d_model),
        "num_heads": int(num_heads),
        "head_dim": int(head_dim),
        "layers": int(layers),
    }
    because = "counts are whole numbers"
    return Case(name, (Call(kwargs=sizes),), points, tolerance=EXACT, because=because)


def drawn(rng, name, odd=False):
    """Sizes that a model could have; with `odd`, heads that are not d_model / H wide."""
    num_heads, head_dim = rng.integers(3, 40), 8 * rng.integers(6, 20)
    d_model = num_heads * head_dim + (16 * rng.integers(1, 9) if odd else 0)
    return case(name, d_model, num_heads, head_dim, rng.integers(3, 60))


def visible():
    return [
        case("by hand: two heads of three features", 6, 2, 3, 2),
        case("the paper's base encoder", 512, 8, 64, 6),
        case("GPT-3", 12288, 96, 128, 96),
        case("heads wider than d_model / H", 1024, 16, 128, 3),
    ]


def hidden(rng):
    return [
        drawn(rng, "a model"),
        drawn(rng, "another model"),
        drawn(rng, "heads narrower than d_model / H", odd=True),
        drawn(rng, "heads of a width of their own", odd=True),
    ]


EXERCISE = Exercise(
    id="multihead.count",
    title="Count the attention weights",
    kind="function",
    points=2,
    reference=multihead.count_parameters,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "output-projection-forgotten",
    title="W_O left out",
    explanation="Queries, keys and values are three matrices a head. The fourth brings what the "
    "head has found back to d_model features.",
    hint="What happens to the merged heads before they leave the layer?",
)
def count_parameters(d_model, num_heads, head_dim, layers):
    matrix = d_model * head_dim
    layer = num_heads * 3 * matrix
    return {"matrix": matrix, "head": 3 * matrix, "layer": layer, "model": layers * layer}


@EXERCISE.misconception(
    "biases-counted",
    title="biases counted",
    explanation="With biases a layer has d_model + 3·H·d_k more. Neither the paper's formula nor "
    "the layer of this lesson has them.",
    hint="Is a bias added anywhere in x W_Q?",
)
def count_parameters(d_model, num_heads, head_dim, layers):
    matrix = d_model * head_dim + head_dim
    head = 4 * d_model * head_dim + 3 * head_dim
    layer = num_heads * head + d_model
    return {"matrix": matrix, "head": head, "layer": layer, "model": layers * layer}


@EXERCISE.misconception(
    "every-head-as-wide-as-the-model",
    title="every head as wide as the model",
    explanation="A head works in d_k features, not in d_model. That is what makes eight heads "
    "cost no more than one.",
    hint="What shape has the W_Q of one head?",
)
def count_parameters(d_model, num_heads, head_dim, layers):
    matrix = d_model * d_model
    layer = num_heads * 4 * matrix
    return {"matrix": matrix, "head": 4 * matrix, "layer": layer, "model": layers * layer}


@EXERCISE.misconception(
    "head-width-assumed",
    title="d_model / H taken for the width of a head",
    explanation="It is that in the paper and in GPT-3, but it is a choice: `head_dim` says how "
    "wide a head is.",
    hint="Which of the four arguments does your answer not depend on?",
)
def count_parameters(d_model, num_heads, head_dim, layers):
    matrix = d_model * (d_model // num_heads)
    layer = 4 * d_model * d_model
    return {"matrix": matrix, "head": 4 * matrix, "layer": layer, "model": layers * layer}


@EXERCISE.misconception(
    "heads-not-multiplied",
    title="one head taken for the layer",
    explanation="Heads share nothing: a layer has the matrices of each of them.",
    hint="Do two heads share a matrix?",
)
def count_parameters(d_model, num_heads, head_dim, layers):
    matrix = d_model * head_dim
    head = 4 * matrix
    return {"matrix": matrix, "head": head, "layer": head, "model": layers * head}


@EXERCISE.misconception(
    "heads-share-keys-and-values",
    title="one W_K and one W_V for all heads",
    explanation="That is multi-query attention (Shazeer 2019), which lesson 10 comes to. In "
    "multi-head attention every head has keys and values of its own.",
    hint="With H heads, how many matrices W_K has a layer?",
)
def count_parameters(d_model, num_heads, head_dim, layers):
    matrix = d_model * head_dim
    layer = 2 * num_heads * matrix + 2 * matrix
    return {"matrix": matrix, "head": 4 * matrix, "layer": layer, "model": layers * layer}


@EXERCISE.variant
def count_parameters(d_model, num_heads, head_dim, layers):
    inner = num_heads * head_dim
    projections = [(d_model, inner)] * 3 + [(inner, d_model)]
    layer = sum(rows * columns for rows, columns in projections)
    return {
        "matrix": d_model * head_dim,
        "head": layer // num_heads,
        "layer": layer,
        "model": layer * layers,
    }


@EXERCISE.variant
def count_parameters(d_model, num_heads, head_dim, layers):
    counts = {"matrix": d_model * head_dim}
    counts["head"] = counts["matrix"] * 4
    counts["layer"] = counts["head"] * num_heads
    counts["model"] = counts["layer"] * layers
    return counts
