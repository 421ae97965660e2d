"""`inside.head_ablation`: the output of attention without what one head adds."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import inside
from solutions.multihead import merge_heads

SUM = {"tolerance": 1e-4, "because": "rounding in float32, of numbers up to ten"}
SLOPE = {"tolerance": 1e-4, "because": "a gradient sums over all outputs, in float32"}


def case(rng, name, sizes, head, mean=False, observe=("output",), **options):
    """sizes: `B`, `H`, `T`, `d` and `d_model`. What heads find has a mean other than 0."""
    batch, heads, length, width, features = sizes
    attended = normal(rng, batch, heads, length, width) + normal(rng, 1, heads, 1, width)
    kwargs = {"head": head, **({"mean": True} if mean else {})}
    args = [attended.astype("float32"), normal(rng, heads * width, features)]
    return Case(name, (Call(args, kwargs, observe=observe),), **{**SUM, **options})


def by_hand(mean):
    """Head 0 finds 1 and 3 at two positions, head 1 always 5; W_O is (1, 2) and (1, 0)."""
    attended = np.array([[[[1.0], [3.0]], [[5.0], [5.0]]]], "float32")
    kernel = np.array([[1.0, 2.0], [1.0, 0.0]], "float32")
    kwargs = {"head": 0, **({"mean": True} if mean else {})}
    what = "its mean" if mean else "0"
    return Case(f"by hand: head 0 replaced by {what}", (Call([attended, kernel], kwargs),))


def visible():
    rng = np.random.default_rng(114)
    return [
        by_hand(mean=False),
        by_hand(mean=True),
        case(rng, "a batch, head 1 replaced by 0", (2, 3, 5, 4, 7), head=1),
        case(rng, "a batch, head 2 replaced by its mean", (2, 3, 5, 4, 7), head=2, mean=True),
    ]


def hidden(rng):
    return [
        case(rng, "a batch, head 1 replaced by 0", (3, 4, 5, 2, 7), head=1),
        case(rng, "a batch, head 2 replaced by its mean", (3, 4, 5, 2, 7), head=2, mean=True),
        case(rng, "the first head, by 0", (2, 4, 3, 5, 6), head=0),
        case(rng, "the last head, by its mean", (2, 3, 6, 4, 5), head=2, mean=True),
        case(rng, "edge: a batch of one, by its mean", (1, 3, 6, 4, 5), head=1, mean=True),
        case(rng, "edge: a single head, by 0", (2, 1, 3, 4, 5), head=0, points=0.5),
        case(rng, "its gradient", (2, 3, 5, 4, 6), head=1, observe=("input gradient",), **SLOPE),
    ]


EXERCISE = Exercise(
    id="inside.head_ablation",
    title="Turn a head off",
    kind="function",
    points=4,
    reference=inside.ablate_head,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "contribution-returned",
    title="what the head adds, not what is left without it",
    explanation="That is the head's own part of the sum. Ablation asks for the other parts.",
    hint="The output is a sum over heads. Which of its terms do you return?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    width = attended.shape[3]
    found = attended[:, head]
    if mean:
        found = found - ops.mean(found, axis=(0, 1), keepdims=True)
    return ops.matmul(found, output_kernel[head * width : (head + 1) * width])


@EXERCISE.misconception(
    "mean-ignored",
    title="replaced by 0 whatever `mean` says",
    explanation="A head that adds the same to every token acts as a bias. Replaced by 0 it looks "
    "important, replaced by its mean it does not: the two answers are to two questions.",
    hint="Does your answer depend on `mean`?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    keep = ops.reshape(ops.arange(attended.shape[1]) != head, (1, -1, 1, 1))
    rest = attended * ops.cast(keep, attended.dtype)
    return ops.matmul(merge_heads(rest), output_kernel)


@EXERCISE.misconception(
    "mean-of-each-sentence",
    title="the mean taken in each sentence by itself",
    explanation="A mean over the positions of one sentence still tells which sentence it is. What "
    "is left in must not depend on the input.",
    hint="If two sentences differ, does what you put in their place differ?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    ablated = ops.reshape(ops.arange(attended.shape[1]) == head, (1, -1, 1, 1))
    average = ops.mean(attended, axis=2, keepdims=True)
    rest = ops.where(ablated, average if mean else 0.0, attended)
    return ops.matmul(merge_heads(rest), output_kernel)


@EXERCISE.misconception(
    "mean-of-the-other-heads",
    title="replaced by the mean of the heads",
    explanation="What other heads find lies in other directions: each head has rows of W_O of its "
    "own. The mean of a head is taken over tokens.",
    hint="Over what is the mean taken: over heads, or over sentences and positions?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    ablated = ops.reshape(ops.arange(attended.shape[1]) == head, (1, -1, 1, 1))
    average = ops.mean(attended, axis=1, keepdims=True)
    rest = ops.where(ablated, average if mean else 0.0, attended)
    return ops.matmul(merge_heads(rest), output_kernel)


@EXERCISE.misconception(
    "mean-over-features",
    title="one mean for all features of the head",
    explanation="Each feature of a head has a mean of its own. One number for all of them is a "
    "vector that the head may never have found.",
    hint="How many numbers is the mean of a head of width d?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    ablated = ops.reshape(ops.arange(attended.shape[1]) == head, (1, -1, 1, 1))
    average = ops.mean(attended, axis=(0, 2, 3), keepdims=True)
    rest = ops.where(ablated, average if mean else 0.0, attended)
    return ops.matmul(merge_heads(rest), output_kernel)


@EXERCISE.misconception(
    "heads-counted-from-one",
    title="the head before",
    explanation="Heads are counted from 0 here, as everything in Python is.",
    hint="Which head is number 0, and which is turned off in your output?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    ablated = ops.reshape(ops.arange(1, attended.shape[1] + 1) == head, (1, -1, 1, 1))
    average = ops.mean(attended, axis=(0, 2), keepdims=True)
    rest = ops.where(ablated, average if mean else 0.0, attended)
    return ops.matmul(merge_heads(rest), output_kernel)


@EXERCISE.misconception(
    "rest-scaled-up",
    title="the other heads scaled up",
    explanation="Dropout does that, so that the sum keeps its size in training. Ablation takes a "
    "part away and leaves the others as they are.",
    hint="Does what the other heads add change when one of them is turned off?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    heads = attended.shape[1]
    ablated = ops.reshape(ops.arange(heads) == head, (1, -1, 1, 1))
    average = ops.mean(attended, axis=(0, 2), keepdims=True)
    rest = ops.where(ablated, average if mean else 0.0, attended * heads / max(heads - 1, 1))
    return ops.matmul(merge_heads(rest), output_kernel)


@EXERCISE.misconception(
    "columns-of-the-kernel",
    title="features of the output set to 0",
    explanation="The columns of W_O are features of the output, to which all heads add. A head "
    "owns rows.",
    hint="Which axis of W_O meets what the heads have found?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    width = attended.shape[3]
    columns = ops.arange(output_kernel.shape[1])
    keep = ops.logical_or(columns < head * width, columns >= (head + 1) * width)
    output = ops.matmul(merge_heads(attended), output_kernel)
    replacement = ops.mean(output, axis=(0, 1), keepdims=True) if mean else 0.0
    return ops.where(keep, output, replacement)


@EXERCISE.misconception(
    "heads-merged-without-transpose",
    title="heads merged by reshape alone",
    explanation="(B, H, T, d) read in order gives a position the features of other positions.",
    hint="Which axis must stand beside the features before they are joined?",
)
def ablate_head(attended, output_kernel, head, mean=False):
    ablated = ops.reshape(ops.arange(attended.shape[1]) == head, (1, -1, 1, 1))
    average = ops.mean(attended, axis=(0, 2), keepdims=True)
    rest = ops.where(ablated, average if mean else 0.0, attended)
    batch, heads, length, width = attended.shape
    return ops.matmul(ops.reshape(rest, (batch, length, heads * width)), output_kernel)


@EXERCISE.variant
def ablate_head(attended, output_kernel, head, mean=False):
    width = attended.shape[-1]
    rows = output_kernel[head * width : (head + 1) * width]
    added = ops.matmul(attended[:, head], rows)
    output = ops.matmul(merge_heads(attended), output_kernel) - added
    return output + ops.mean(added, axis=(0, 1)) if mean else output


@EXERCISE.variant
def ablate_head(attended, output_kernel, head, mean=False):
    heads, width = attended.shape[1], attended.shape[3]
    output = 0.0
    for number, kernel in enumerate(ops.split(output_kernel, heads, axis=0)):
        found = attended[:, number]
        if number == head:
            flat = ops.reshape(found, (-1, width))
            found = 0.0 * found + (ops.mean(flat, axis=0) if mean else 0.0)
        output = output + ops.matmul(found, kernel)
    return output


@EXERCISE.variant
def ablate_head(attended, output_kernel, head, mean=False):
    kernels = ops.reshape(output_kernel, (attended.shape[1], attended.shape[3], -1))
    parts = ops.einsum("bhtd,hdm->hbtm", attended, kernels)
    kept = ops.sum(parts, axis=0) - parts[head]
    return kept + ops.mean(parts[head], axis=(0, 1), keepdims=True) if mean else kept
