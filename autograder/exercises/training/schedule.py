"""`training.schedule`: warm up, then slow down."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import Call, Case
from solutions import training

# Powers in float32, of rates up to 0.2; those of mistakes go up to 2.
SMALL = {"tolerance": 3e-7, "because": "powers in float32"}
PAPER = {"tolerance": 5e-8, "because": "powers in float32, of rates below 0.001"}


def case(name, d_model, warmup_steps, steps, **options):
    """The rate before each of some steps; a step is an integer tensor, as of Keras."""
    return Case(
        name,
        tuple(Call([np.array(step, "int32")]) for step in steps),
        construct={"d_model": int(d_model), "warmup_steps": int(warmup_steps)},
        **{**SMALL, **options},
    )


def drawn(rng, name, steps, **options):
    """Sizes of a small model; steps are parts of the warm-up."""
    d_model, warmup = 2 * rng.integers(4, 30), rng.integers(20, 60)
    return case(name, d_model, warmup, [int(part * warmup) for part in steps], **options)


def visible():
    return [
        case("by hand: d_model = 16, w = 4", 16, 4, (0, 1, 3, 8, 15)),
        case("a small model", 10, 25, (0, 1, 7, 24, 25, 99)),
        case("the paper's base model", 512, 4000, (0, 99, 3999, 99999), **PAPER),
    ]


def hidden(rng):
    return [
        drawn(rng, "rising", (0.0, 0.2, 0.5)),
        drawn(rng, "around the peak", (0.9, 0.97, 1.0, 1.1)),
        drawn(rng, "falling", (1.5, 4, 20, 300)),
        drawn(rng, "from the first update on", (0.0, 0.06, 0.12, 3)),
    ]


EXERCISE = Exercise(
    id="training.schedule",
    title="Warm up, then slow down",
    kind="class",
    points=2,
    reference=training.WarmUpSchedule,
    visible=visible,
    hidden=hidden,
    write=("__call__",),
)


@EXERCISE.misconception(
    "counted-from-zero",
    title="the step of Keras taken for s",
    explanation="Keras counts the updates that are done, so the first call comes with 0. Then "
    "0 · w^−1.5 is 0: the first batch is computed and changes nothing. A formula with s^−0.5 alone "
    "would divide by zero.",
    hint="How many updates are done when Keras asks for the first rate?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32")
        return self.d_model**-0.5 * ops.minimum(s**-0.5, s * self.warmup_steps**-1.5)


@EXERCISE.misconception(
    "zero-replaced-by-one",
    title="only the step 0 replaced",
    explanation="The zero is gone, and all other rates are still one update late: the first two "
    "updates share a rate, and the peak comes at update w + 1.",
    hint="Keras says 0, 1, 2. Which s belong to them?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.maximum(ops.cast(step, "float32"), 1.0)
        return self.d_model**-0.5 * ops.minimum(s**-0.5, s * self.warmup_steps**-1.5)


@EXERCISE.misconception(
    "multiplied-by-the-root",
    title="√d_model in place of 1 / √d_model",
    explanation="With d_model = 512 every rate is 512 times too high. The loss goes to NaN or "
    "stays where it began.",
    hint="Should a wider model take larger steps or smaller ones?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32") + 1.0
        return self.d_model**0.5 * ops.minimum(s**-0.5, s * self.warmup_steps**-1.5)


@EXERCISE.misconception(
    "width-forgotten",
    title="no factor for the width",
    explanation="Without d_model^−0.5 the rates of a model of 512 are 22.6 times too high.",
    hint="Does your rate depend on `d_model`?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32") + 1.0
        return ops.minimum(s**-0.5, s * self.warmup_steps**-1.5)


@EXERCISE.misconception(
    "larger-of-the-two",
    title="the larger of the two branches",
    explanation="The falling branch is highest at the first update, which is what warm-up is to "
    "prevent, and the rising one has no end.",
    hint="At the first update, which of the two numbers is the small one?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32") + 1.0
        return self.d_model**-0.5 * ops.maximum(s**-0.5, s * self.warmup_steps**-1.5)


@EXERCISE.misconception(
    "root-of-the-warm-up",
    title="w^−0.5 in place of w^−1.5",
    explanation="The rising branch is then w times too steep and is never the smaller one: there "
    "is no warm-up at all.",
    hint="At s = w both branches should be equal. Are yours?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32") + 1.0
        return self.d_model**-0.5 * ops.minimum(s**-0.5, s * self.warmup_steps**-0.5)


@EXERCISE.misconception(
    "never-falls",
    title="constant after the warm-up",
    explanation="A rate that stays at its peak keeps the loss shaking. Others do it, with a lower "
    "peak; the paper's rate falls with the root of the update.",
    hint="What is the rate at four times the warm-up, as a share of the peak?",
)
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32") + 1.0
        w = float(self.warmup_steps)
        return self.d_model**-0.5 * ops.minimum(w**-0.5, s * w**-1.5)


@EXERCISE.variant
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.cast(step, "float32") + 1
        peak = 1 / np.sqrt(self.d_model * self.warmup_steps)
        rising, falling = s / self.warmup_steps, ops.sqrt(self.warmup_steps / s)
        return peak * ops.where(s < self.warmup_steps, rising, falling)


@EXERCISE.variant
class WarmUpSchedule(training.WarmUpSchedule):
    def __call__(self, step):
        s = ops.add(ops.cast(step, "float32"), 1.0)
        rates = [ops.rsqrt(s), s / (self.warmup_steps * self.warmup_steps**0.5)]
        return ops.min(ops.stack(rates)) / self.d_model**0.5
