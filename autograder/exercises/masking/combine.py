"""`masking.combine`: allowed is what every mask allows."""

import keras
import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from autograder.exercises.masking.padding import YES_OR_NO, padded
from course.checking.case import Call, Case
from solutions import masking


def triangle(length):
    return np.tril(np.ones((1, length, length), bool))


def padding(rng, batch, length):
    return padded(rng, batch, length)[:, None, :] != 0


def case(name, *masks, **options):
    return Case(name, (Call(list(masks)),), **YES_OR_NO, **options)


def visible():
    rng = np.random.default_rng(43)
    sentence = np.array([[[True, True, False]]])
    return [
        case("by hand: padding and the future, three positions", sentence, triangle(3)),
        case("None allows everything; three masks", None, padding(rng, 2, 4), triangle(4)),
        Case("nothing but None", (Call([None, None]),), **YES_OR_NO),
        case("a mask of numbers raises ValueError", triangle(3), np.ones((2, 1, 3), "float32"),
             raises=True),
    ]  # fmt: skip


def hidden(rng):
    short, long = rng.integers(4, 7), rng.integers(8, 12)
    drawn = rng.random((3, int(short), int(short))) < 0.7
    numbers = padding(rng, 2, int(short)).astype("int32")
    return [
        case("padding and the future", padding(rng, 3, int(long)), triangle(int(long)), points=2.0),
        case("the future and padding", triangle(int(short)), padding(rng, 2, int(short))),
        case("three masks", padding(rng, 3, int(short)), drawn, triangle(int(short)), points=2.0),
        case("None among them", None, padding(rng, 2, int(long)), None, triangle(int(long))),
        case("one alone", padding(rng, 4, int(long)), points=0.5),
        case("a mask of integers raises ValueError", numbers, triangle(int(short)), raises=True,
             points=0.5),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="masking.combine",
    title="Combine masks",
    kind="function",
    points=2,
    reference=masking.combine_masks,
    visible=visible,
    hidden=hidden,
)


@EXERCISE.misconception(
    "either-mask-suffices",
    title="allowed is what any mask allows",
    explanation="With *or*, padding before t is seen because the causal mask allows it, and words "
    "after t because they are no padding: each mask undoes the other.",
    hint="A word after t that is no padding: which mask forbids it, and does yours?",
)
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    if any(keras.backend.standardize_dtype(mask.dtype) != "bool" for mask in masks):
        raise ValueError("A mask must be boolean.")
    combined = None
    for mask in masks:
        combined = mask if combined is None else ops.logical_or(combined, mask)
    return combined


@EXERCISE.misconception(
    "masks-added",
    title="masks added up",
    explanation="True and True make 2, and False and True make 1, which counts as true wherever "
    "it is asked: one of the masks is lost, as with *or*.",
    hint="What is 0 + 1, and should a position with that sum be seen?",
)
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    if any(keras.backend.standardize_dtype(mask.dtype) != "bool" for mask in masks):
        raise ValueError("A mask must be boolean.")
    total = None
    for mask in masks:
        mask = ops.cast(mask, "int32")
        total = mask if total is None else total + mask
    return total


@EXERCISE.misconception(
    "product-of-numbers",
    title="masks multiplied as numbers",
    explanation="The product is 1 where all are 1, so the logic is right. What comes out are "
    "numbers, though, and the next function wants true or false.",
    hint="Of which kind are the values that you return?",
)
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    if any(keras.backend.standardize_dtype(mask.dtype) != "bool" for mask in masks):
        raise ValueError("A mask must be boolean.")
    product = None
    for mask in masks:
        mask = ops.cast(mask, "float32")
        product = mask if product is None else product * mask
    return product


@EXERCISE.misconception(
    "last-mask-wins",
    title="each mask in place of the one before",
    explanation="Only the last one is left. Where that is the causal mask, padding is seen again.",
    hint="What is left of the first mask when the loop has ended?",
)
def combine_masks(*masks):
    combined = None
    for mask in masks:
        if mask is not None:
            if keras.backend.standardize_dtype(mask.dtype) != "bool":
                raise ValueError("A mask must be boolean.")
            combined = mask
    return combined


@EXERCISE.misconception(
    "two-masks-only",
    title="the first two masks only",
    explanation="Right for padding and the future. A third mask, such as one that keeps two "
    "sentences in one row apart, is dropped without a word.",
    hint="What becomes of the third mask?",
)
def combine_masks(*masks):
    masks = [mask for mask in masks[:2] if mask is not None]
    if any(keras.backend.standardize_dtype(mask.dtype) != "bool" for mask in masks):
        raise ValueError("A mask must be boolean.")
    if len(masks) == 2:
        return ops.logical_and(*masks)
    return masks[0] if masks else None


@EXERCISE.misconception(
    "none-not-expected",
    title="None taken for a mask",
    explanation="A layer that is called without a mask hands on None, which means that everything "
    "is allowed. It has to be passed over.",
    hint="What is `None.dtype`, and what should None mean here?",
)
def combine_masks(*masks):
    combined = masks[0]
    for mask in masks:
        if keras.backend.standardize_dtype(mask.dtype) != "bool":
            raise ValueError("A mask must be boolean.")
        combined = ops.logical_and(combined, mask)
    return combined


@EXERCISE.misconception(
    "numbers-let-in",
    title="numbers taken for true and false",
    explanation="A mask of 0 and −1e9, as some code adds it to scores, would be read as true "
    "where it hides and false where it allows: turned round, and nobody is told.",
    hint="Which values of a float mask would count as true, and is that what its author meant?",
)
def combine_masks(*masks):
    combined = None
    for mask in masks:
        if mask is not None:
            mask = ops.cast(mask, "bool")
            combined = mask if combined is None else ops.logical_and(combined, mask)
    return combined


@EXERCISE.variant
def combine_masks(*masks):
    combined = None
    for mask in masks:
        if mask is None:
            continue
        if keras.backend.standardize_dtype(mask.dtype) != "bool":
            raise ValueError(f"expected a boolean mask, got {mask.dtype}")
        combined = mask if combined is None else combined & mask
    return combined


@EXERCISE.variant
def combine_masks(*masks):
    hidden = []
    for mask in masks:
        if mask is not None:
            if "bool" not in str(mask.dtype):
                raise ValueError(f"expected a boolean mask, got {mask.dtype}")
            hidden.append(ops.logical_not(mask))
    if not hidden:
        return None
    total = hidden[0]
    for mask in hidden[1:]:
        total = ops.logical_or(total, mask)
    return ops.logical_not(total)


@EXERCISE.variant
def combine_masks(*masks):
    masks = [mask for mask in masks if mask is not None]
    for mask in masks:
        if keras.backend.standardize_dtype(mask.dtype) != "bool":
            raise ValueError(f"expected a boolean mask, got {mask.dtype}")
    combined = ops.array([[[True]]])
    for mask in masks:
        combined = ops.where(mask, combined, False)
    return combined if masks else None
