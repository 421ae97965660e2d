"""Wrong angles in the table: the positions, the pairs, the exponent."""

from keras import ops

from autograder.exercises.position.sinusoidal import EXERCISE


@EXERCISE.misconception(
    "slow-hand-first",
    title="the slowest pair in the first columns",
    explanation="At i = 0 the exponent is 0, and the pair turns by one radian a position: the fast "
    "hand comes first. Write-ups that call small i the hour hand have it backwards.",
    hint="What is 10000^(2i / d_model) at i = 0? Does that make the first pair fast or slow?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    exponents = ops.arange(d_model - 2, -1, -2, dtype="float32") / d_model
    angles = positions / ops.power(10000.0, exponents)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "exponent-doubled",
    title="the column in place of the pair: exponent 2·column / d_model",
    explanation="The i of the formula counts pairs. With the column in its place every exponent is "
    "twice too large, and a sine and its cosine turn at different speeds.",
    hint="Columns 4 and 5 are one pair. Which number i do both of them share?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    exponents = 2 * ops.arange(d_model, dtype="float32") / d_model
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, exponents)
    table = ops.stack([ops.sin(angles[:, 0::2]), ops.cos(angles[:, 1::2])], axis=-1)
    return ops.reshape(table, (-1, d_model))


@EXERCISE.misconception(
    "speed-for-each-column",
    title="a speed for each column: exponent column / d_model",
    explanation="Sines are right. Each cosine turns more slowly than its sine, so that the two are "
    "no hand of a clock: their squares do not sum to one, and no rotation moves them on.",
    hint="Take a sine and the cosine beside it: what do their squares sum to?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    exponents = ops.arange(d_model, dtype="float32") / d_model
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, exponents)
    table = ops.stack([ops.sin(angles[:, 0::2]), ops.cos(angles[:, 1::2])], axis=-1)
    return ops.reshape(table, (-1, d_model))


@EXERCISE.misconception(
    "cosine-of-next-pair",
    title="cosines with the speed of the next pair: exponent 2(i+1) / d_model",
    explanation="The formula writes 2i + 1 for the column of the cosine; the exponent stays 2i.",
    hint="Read both formulas again: is 2i + 1 a column, an exponent, or both?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    pairs = ops.arange(d_model // 2, dtype="float32")
    sines = ops.sin(positions / ops.power(10000.0, 2 * pairs / d_model))
    cosines = ops.cos(positions / ops.power(10000.0, 2 * (pairs + 1) / d_model))
    return ops.reshape(ops.stack([sines, cosines], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "pairs-from-one",
    title="pairs counted from 1",
    explanation="The first pair has i = 0 and turns by one radian a position. Counted from 1 the "
    "fastest hand is missing.",
    hint="Which i has the first pair, and by what is its position divided?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    pairs = ops.arange(1, d_model // 2 + 1, dtype="float32")
    angles = positions / ops.power(10000.0, 2 * pairs / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "positions-from-one",
    title="positions counted from 1",
    explanation="The first row is position 0: sines 0 and cosines 1. Off by one, the rows disagree "
    "with every model and decoder that counts from 0.",
    hint="What are sin 0 and cos 0? Does your first row hold them?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + 1 + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "start-ignored",
    title="every table starts at position 0",
    explanation="The second half of a sentence, asked for alone, then gets the encodings of the "
    "first half.",
    hint="Which position does the first row stand for when `start_index` is 7?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.arange(length, dtype="float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "length-taken-for-the-end",
    title="`length` taken for the position to stop at",
    explanation="From position 7 on, five positions are 7 to 11; up to position 5 there are none.",
    hint="How many rows do you get for a length of 5 and a start of 2? How many should there be?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(ops.arange(start_index, max(start_index, length)), "float32")[:, None]
    angles = positions / ops.power(10000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "exponent-rounded-down",
    title="2i // d_model in place of 2i / d_model",
    explanation="2i is below d_model, so that `//` makes every exponent 0 and every hand as fast "
    "as the first.",
    hint="What is 2i / d_model for the second of four pairs, and what does `//` make of it?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    exponents = ops.cast(2 * ops.arange(d_model // 2) // d_model, "float32")
    angles = positions / ops.power(10000.0, exponents)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "base-1000",
    title="1000 in place of 10000",
    explanation="All hands but the first turn too fast, and the slowest comes round earlier.",
    hint="How many zeros has the number under the exponent?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    angles = positions / ops.power(1000.0, ops.arange(0, d_model, 2, dtype="float32") / d_model)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))


@EXERCISE.misconception(
    "slowest-hand-at-10000",
    title="exponents that end at 1: i / (d_model / 2 − 1)",
    explanation="The last hand then needs 10000 · 2π positions for a round, as the text of the "
    "paper says and Tensor2Tensor does. The formula of the paper ends one pair before that.",
    hint="What is 2i / d_model for the last pair: 1, or a little less?",
)
def sinusoidal_table(length, d_model, start_index=0):
    if d_model % 2:
        raise ValueError(f"`d_model` must be even. Received: d_model={d_model}")
    positions = ops.cast(start_index + ops.arange(length), "float32")[:, None]
    exponents = ops.arange(d_model // 2, dtype="float32") / max(d_model // 2 - 1, 1)
    angles = positions / ops.power(10000.0, exponents)
    return ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1), (-1, d_model))
