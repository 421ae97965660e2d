"""`inside.induction_score`: how much each head looks at the token after the previous occurrence."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import inside


def some_weights(rng, batch, heads, length, causal=True):
    """Weights drawn at random; each row sums to 1 over the keys that are allowed."""
    shares = rng.random((batch, heads, length, length)) ** 3
    shares *= np.tri(length) if causal else 1.0
    return (shares / shares.sum(axis=-1, keepdims=True)).astype("float32")


def case(rng, name, batch, heads, length, **options):
    call = Call([some_weights(rng, batch, heads, length, causal=True)])
    return Case(name, (call,), **options)


def by_hand():
    """a b a b: the third row gives ¾ to the b after the first a, the fourth ¼ to the second a."""
    rows = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0.75, 0.25, 0], [0, 0, 0.25, 0.75]]
    return Case("by hand: a b a b", (Call([np.array([[rows]], "float32")]),))


def perfect(rng, name, batch, heads, half):
    """The first head looks where an induction head looks, the last one at the token before."""
    weights = some_weights(rng, batch, heads, 2 * half)
    positions = np.arange(half, 2 * half)
    weights[:, 0, half:] = weights[:, -1, 1:] = 0.0
    weights[:, 0, positions, positions - half + 1] = 1.0
    every = np.arange(1, 2 * half)
    weights[:, -1, every, every - 1] = 1.0
    return Case(name, (Call([weights]),))


def visible():
    rng = np.random.default_rng(113)
    return [
        by_hand(),
        perfect(rng, "a perfect induction head, and a head that looks one back", 2, 3, 4),
        case(rng, "a batch", 3, 2, 10),
    ]


def hidden(rng):
    everywhere = some_weights(rng, 4, 3, 8, causal=False)
    return [
        case(rng, "a batch", 3, 4, 10, points=2.0),
        case(rng, "a longer sequence", 2, 5, 16),
        perfect(rng, "a perfect induction head, and a head that looks one back", 3, 5, 4),
        Case("weights of a model without a causal mask", (Call([everywhere]),)),
        case(rng, "edge: a batch of one, with one head", 1, 1, 12),
    ]


EXERCISE = Exercise(
    id="inside.induction_score",
    title="Find induction heads",
    kind="function",
    points=3,
    reference=inside.induction_score,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "previous-occurrence-itself",
    title="the weight on the previous occurrence, not on the token after it",
    explanation="A head that looks at the same token as its own is another kind: it knows that the "
    "token was there, and not what came next.",
    hint="To know what comes next, where does a reader look: at the same token, or beside it?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    found = [weights[:, :, t, t - half] for t in range(half, 2 * half)]
    return ops.mean(ops.stack(found), axis=(0, 1))


@EXERCISE.misconception(
    "two-after-the-previous-occurrence",
    title="the weight on the second token after the previous occurrence",
    explanation="One too far. With N = T / 2, token t stood at t − N before, and what came after "
    "it at t − N + 1.",
    hint="Token 0 is repeated at position N. At which position is the token after its first copy?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    found = [weights[:, :, t, t - half + 2] for t in range(half, 2 * half)]
    return ops.mean(ops.stack(found), axis=(0, 1))


@EXERCISE.misconception(
    "diagonal-one-too-long",
    title="a diagonal that begins in the first half",
    explanation="The diagonal of offset 1 − N through the whole table has N + 1 entries. The first "
    "belongs to the last token of the first half, which has not stood there before.",
    hint="How many queries does the second half have, and how many entries has your diagonal?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    diagonal = ops.diagonal(weights, offset=1 - half, axis1=-2, axis2=-1)
    return ops.mean(diagonal, axis=(0, 2))


@EXERCISE.misconception(
    "divided-by-all-positions",
    title="the average taken over both halves",
    explanation="Tokens of the first half have no previous occurrence and nothing to find. "
    "Averaged in as zeros they halve the score of a perfect head.",
    hint="What is the score of a head that does everything right?",
)
def induction_score(weights):
    length = weights.shape[-1]
    half = length // 2
    found = [weights[:, :, t, t - half + 1] for t in range(half, length)]
    return ops.mean(ops.sum(ops.stack(found), axis=0), axis=0) / length


@EXERCISE.misconception(
    "queries-and-keys-exchanged",
    title="rows and columns exchanged",
    explanation="Rows are queries. Read along the other diagonal, it is how much the first half "
    "looks at the second, which a causal mask makes 0.",
    hint="In weights[b, h, i, j], who looks and who is looked at?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    found = [weights[:, :, t - half + 1, t] for t in range(half, 2 * half)]
    return ops.mean(ops.stack(found), axis=(0, 1))


@EXERCISE.misconception(
    "token-before",
    title="the weight on the token before",
    explanation="That is the score of a previous-token head, the other half of the mechanism: it "
    "stands in an earlier layer, and an induction head reads what it has written.",
    hint="The token after the previous occurrence: how far back is it, one step or N − 1?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    found = [weights[:, :, t, t - 1] for t in range(half, 2 * half)]
    return ops.mean(ops.stack(found), axis=(0, 1))


@EXERCISE.misconception(
    "heads-averaged",
    title="one number for all heads",
    explanation="One induction head among many that do something else gives a low average. The "
    "question is which head it is.",
    hint="How many numbers should a layer of three heads give?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    found = [weights[:, :, t, t - half + 1] for t in range(half, 2 * half)]
    return ops.mean(ops.stack(found))


@EXERCISE.misconception(
    "sentences-kept-and-heads-averaged",
    title="one number a sentence, averaged over the heads",
    explanation="The batch comes first and the heads second: axis 1 is the one to keep.",
    hint="Which axis of the weights holds the heads?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    found = [weights[:, :, t, t - half + 1] for t in range(half, 2 * half)]
    return ops.mean(ops.stack(found), axis=(0, 2))


@EXERCISE.misconception(
    "largest-weight-counted",
    title="how often the largest weight is there, not how much",
    explanation="A head with 0.3 on the right token and less on every other looks perfect then, "
    "and one with 0.45 beside a 0.5 useless.",
    hint="What would a head get that always puts just 0.3 there, and less on every other token?",
)
def induction_score(weights):
    half = weights.shape[-1] // 2
    best = ops.argmax(weights[:, :, half:], axis=-1)
    right = ops.equal(best, ops.cast(ops.arange(1, half + 1), best.dtype))
    return ops.mean(ops.cast(right, weights.dtype), axis=(0, 2))


@EXERCISE.variant
def induction_score(weights):
    total = 0.0
    half = weights.shape[2] // 2
    for t in range(half, weights.shape[2]):
        total = total + ops.mean(weights[:, :, t, t - half + 1], axis=0)
    return total / half


@EXERCISE.variant
def induction_score(weights):
    length = weights.shape[-1]
    half = length // 2
    positions = ops.arange(length)
    wanted = (positions[:, None] - half + 1 == positions) & (positions[:, None] >= half)
    picked = weights * ops.cast(wanted, weights.dtype)
    return ops.sum(picked, axis=(0, 2, 3)) / (weights.shape[0] * half)


@EXERCISE.variant
def induction_score(weights):
    half = weights.shape[-1] // 2
    diagonal = ops.diagonal(weights, offset=1 - half, axis1=2, axis2=3)[..., 1:]
    return ops.einsum("bhn->h", diagonal) / (weights.shape[0] * half)


@EXERCISE.variant
def induction_score(weights):
    half = weights.shape[-1] // 2
    keys = ops.reshape(ops.arange(1, half + 1), (1, 1, half, 1))
    found = ops.take_along_axis(weights[:, :, half:, :], keys, axis=-1)
    return ops.mean(found[..., 0], axis=(0, -1))
