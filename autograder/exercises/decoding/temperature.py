"""`decoding.temperature`: a distribution made sharper or flatter."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import decoding


def case(name, logits, temperature, **options):
    return Case(name, (Call([logits], {"temperature": temperature}),), **options)


def drawn(rng, name, *shape, temperature, **options):
    return case(name, normal(rng, *shape, scale=2.0), temperature, **options)


def halves():
    """Logits whose exponentials are 1/2, 1/4 and 1/4."""
    return np.log(np.array([0.5, 0.25, 0.25], "float32"))


def visible():
    rng = np.random.default_rng(92)
    return [
        case("by hand: half of the temperature squares what exp makes", halves(), 0.5),
        drawn(rng, "a batch, flatter", 3, 7, temperature=2.5),
        drawn(rng, "a batch at temperature 0", 3, 7, temperature=0.0),
        case("a negative temperature raises ValueError", halves(), -1.0, raises=True),
    ]


def hidden(rng):
    def drawn_from(low, high):
        return round(float(rng.uniform(low, high)), 2)

    large = normal(rng, 3, 6, scale=2.0) + 300.0  # exp(300) is infinite
    return [
        drawn(rng, "a batch, sharper", 4, 9, temperature=drawn_from(0.3, 0.7), points=2.0),
        drawn(rng, "positions in a batch, flatter", 2, 5, 8, temperature=drawn_from(1.5, 3.0)),
        drawn(rng, "a batch at temperature 0", 5, 8, temperature=0.0),
        case("large logits", large, drawn_from(0.5, 0.8), tolerance=1e-4,
             because="steps of logits near 600 in float32"),
        drawn(rng, "edge: a single distribution", 6, temperature=drawn_from(0.4, 0.8)),
        drawn(rng, "a negative temperature raises ValueError", 3, 7,
              temperature=-drawn_from(0.1, 2.0), points=0.5, raises=True),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="decoding.temperature",
    title="Temperature",
    kind="function",
    points=2,
    reference=decoding.with_temperature,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "multiplied",
    title="logits multiplied by the temperature",
    explanation="Upside down: a low temperature then makes the model bolder, and a high one makes "
    "it repeat itself.",
    hint="At a temperature near 0, should differences between logits become larger or smaller?",
)
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"`temperature` must not be negative. Received: {temperature}")
    if temperature == 0:
        return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1])
    return ops.softmax(logits * temperature)


@EXERCISE.misconception(
    "probabilities-divided",
    title="probabilities divided by the temperature",
    explanation="All probabilities divided by the same number keep their ratios, and no longer sum "
    "to one. Temperature acts on logits, whose differences become ratios.",
    hint="Do your probabilities sum to one? And has the ratio of any two of them changed?",
)
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"`temperature` must not be negative. Received: {temperature}")
    if temperature == 0:
        return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1])
    return ops.softmax(logits) / temperature


@EXERCISE.misconception(
    "softmax-twice",
    title="temperature and softmax applied to probabilities",
    explanation="Probabilities lie between 0 and 1; taken for logits they differ by 1 at most, and "
    "the second softmax makes them nearly alike.",
    hint="How many times does an exponential occur in softmax(logits / temperature)?",
)
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"`temperature` must not be negative. Received: {temperature}")
    if temperature == 0:
        return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1])
    return ops.softmax(ops.softmax(logits) / temperature)


@EXERCISE.misconception(
    "divided-by-zero",
    title="no answer at temperature 0",
    explanation="0 / 0 is NaN, and infinity minus infinity is, too. The limit is plain: the "
    "likeliest token gets everything.",
    hint="What is your result at temperature 0?",
)
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError(f"`temperature` must not be negative. Received: {temperature}")
    return ops.softmax(logits / temperature)


@EXERCISE.misconception(
    "any-temperature-taken",
    title="a negative temperature taken",
    explanation="Below 0 the least likely token becomes the likeliest: a sign typed wrong turns "
    "the model round, and nothing says so.",
    hint="What would a temperature of −1 do to the order of the tokens?",
)
def with_temperature(logits, temperature=1.0):
    if temperature == 0:
        return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1])
    return ops.softmax(logits / temperature)


@EXERCISE.variant
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("a temperature is not negative")
    logits = ops.cast(logits, "float32")
    shifted = logits - ops.max(logits, axis=-1, keepdims=True)
    powers = ops.exp(shifted / max(temperature, 1e-6))
    return powers / ops.sum(powers, axis=-1, keepdims=True)


@EXERCISE.variant
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("a temperature is not negative")
    if temperature == 0:
        best = ops.max(logits, axis=-1, keepdims=True)
        return ops.cast(logits == best, "float32")
    log_p = ops.log_softmax(ops.cast(logits, "float32")) / temperature
    return ops.exp(log_p - ops.logsumexp(log_p, axis=-1, keepdims=True))
