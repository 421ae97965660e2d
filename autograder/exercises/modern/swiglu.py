"""`modern.swiglu`: a feed-forward network of which one half gates the other."""

import keras
import numpy as np
from keras import ops

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from course.checking.case import Call, Case
from solutions import modern


def kernels(rng, width, hidden):
    return {
        "gate.kernel": normal(rng, width, hidden, scale=0.8),
        "up.kernel": normal(rng, width, hidden, scale=0.8),
        "down.kernel": normal(rng, hidden, width, scale=0.8),
    }


def case(rng, name, shape, hidden, observe=("output",), **options):
    return Case(
        name,
        (Call([normal(rng, *shape)], observe=observe),),
        construct={"d_ff": hidden},
        weights=kernels(rng, shape[-1], hidden),
        **options,
    )


def structure(rng, shape, hidden):
    drawn = case(rng, "its weights: three matrices and nothing else", shape, hidden, ("weights",))
    return Case(drawn.name, drawn.calls, 0.3, construct=drawn.construct)


def by_hand():
    """Hidden features x·1 and x·2: SiLU(1) · 2 = 1.4621 for x = 1, and SiLU(−1) · −2 = 0.5379."""
    one = np.array([[1.0]], "float32")
    return Case(
        "by hand: one feature, 1 and −1",
        (Call([np.array([[[1.0], [-1.0]]], "float32")]),),
        construct={"d_ff": 1},
        weights={"gate.kernel": one, "up.kernel": 2 * one, "down.kernel": one},
    )


def visible():
    rng = np.random.default_rng(103)
    return [
        by_hand(),
        case(rng, "a batch, and its gradient", (2, 3, 5), 7, ("output", "input gradient"), **SLOPE),
        structure(rng, (2, 3, 5), 7),
    ]


def hidden(rng):
    return [
        case(rng, "a batch", (2, 5, 6), 8),
        case(rng, "narrower than the model", (3, 4, 7), 5),
        case(rng, "without a time axis", (3, 5), 7),
        case(rng, "gradients of all matrices", (2, 3, 5), 6, ("gradients",), **SLOPE),
        case(rng, "its gradient", (2, 4, 5), 7, ("input gradient",), **SLOPE),
        case(rng, "edge: a batch of one", (1, 4, 5), 6, points=0.5),
        case(rng, "made anew from its configuration", (2, 3, 6), 9, ("config",), points=0.2),
        structure(rng, (2, 3, 6), 11),
    ]


EXERCISE = Exercise(
    id="modern.swiglu",
    title="SwiGLU",
    kind="layer",
    points=2,
    reference=modern.SwiGLU,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
)


@EXERCISE.misconception(
    "gate-and-up-exchanged",
    title="the activation on the wrong factor",
    explanation="Which of two matrices gates is a name: trained from scratch it is the same model. "
    "With weights from elsewhere it is nonsense.",
    hint="Through which of the two projections does SiLU see the input?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(self.gate(x) * ops.silu(self.up(x)))


@EXERCISE.misconception(
    "sigmoid-for-silu",
    title="a sigmoid in place of SiLU",
    explanation="σ(z) is the gate of the original GLU. SiLU is z · σ(z): far to the right it grows "
    "like z, and the product of both halves is then quadratic.",
    hint="What is SiLU of 5: nearly 1, or nearly 5?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(ops.sigmoid(self.gate(x)) * self.up(x))


@EXERCISE.misconception(
    "gelu-for-silu",
    title="GELU in place of SiLU",
    explanation="That is GEGLU, which Gemma uses. It learns as well; it is another function.",
    hint="Which function of z is z · sigmoid(z)?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(ops.gelu(self.gate(x), approximate=False) * self.up(x))


@EXERCISE.misconception(
    "relu-for-silu",
    title="ReLU in place of SiLU",
    explanation="That is ReGLU. SiLU is below zero for negative numbers, and smooth.",
    hint="What is SiLU of −1?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(ops.relu(self.gate(x)) * self.up(x))


@EXERCISE.misconception(
    "activation-missing",
    title="no activation",
    explanation="A product of two linear maps is the bilinear layer of the same paper. It has no "
    "gate: doubling the input makes the output four times as large.",
    hint="Where in your layer does SiLU stand?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(self.gate(x) * self.up(x))


@EXERCISE.misconception(
    "activation-on-the-product",
    title="SiLU of the product",
    explanation="Only the gate goes through SiLU. Applied to the product it lets through what is "
    "positive in both or negative in both.",
    hint="What is multiplied first: the two projections, or one of them after SiLU?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(ops.silu(self.gate(x) * self.up(x)))


@EXERCISE.misconception(
    "activation-on-both",
    title="SiLU on both factors",
    explanation="What is gated should pass as it is. Squashed itself, it can hardly be negative.",
    hint="How many of the three projections does SiLU follow?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(ops.silu(self.gate(x)) * ops.silu(self.up(x)))


@EXERCISE.misconception(
    "gate-added",
    title="the gate added, not multiplied",
    explanation="A gate opens and closes, which is a product. A sum is a plain feed-forward "
    "network with a linear path beside it.",
    hint="If the gate is 0, what should get through?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        return self.down(ops.silu(self.gate(x)) + self.up(x))


@EXERCISE.misconception(
    "gate-gates-itself",
    title="one projection for both factors",
    explanation="`up` is made, never used, and never learns.",
    hint="Which of your three layers does `call` not call?",
)
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        hidden = self.gate(x)
        return self.down(ops.silu(hidden) * hidden)


@EXERCISE.misconception(
    "two-thirds-taken-here",
    title="two thirds of d_ff taken inside the layer",
    explanation="Whoever wants as many weights as a plain network has passes two thirds of its "
    "width. Llama's own code shrinks it inside; here `d_ff` is the hidden width itself.",
    hint="How many columns does W_gate have if `d_ff` is 9?",
)
class SwiGLU(modern.SwiGLU):
    def build(self, x_shape):
        width = 2 * self.d_ff // 3
        self.gate = self._projection(width, x_shape)
        self.up = self._projection(width, x_shape)
        self.down = self._projection(x_shape[-1], (*x_shape[:-1], width))


@EXERCISE.misconception(
    "biases-added",
    title="projections with a bias",
    explanation="`Dense` adds a bias unless told otherwise. It starts at zero, so that the numbers "
    "are right at first; the paper's formula and Llama have none.",
    hint="Which weights does a `Dense` layer make?",
)
class SwiGLU(modern.SwiGLU):
    def build(self, x_shape):
        self.gate, self.up = keras.layers.Dense(self.d_ff), keras.layers.Dense(self.d_ff)
        self.down = keras.layers.Dense(x_shape[-1])
        self.gate.build(x_shape)
        self.up.build(x_shape)
        self.down.build((*x_shape[:-1], self.d_ff))


@EXERCISE.variant
class SwiGLU(modern.SwiGLU):
    def build(self, x_shape):
        self.gate = keras.layers.Dense(self.d_ff, activation="silu", use_bias=False)
        self.up = keras.layers.Dense(self.d_ff, use_bias=False)
        self.down = keras.layers.Dense(x_shape[-1], use_bias=False)

    def call(self, x):
        return self.down(ops.multiply(self.up(x), self.gate(x)))


@EXERCISE.variant
class SwiGLU(modern.SwiGLU):
    def call(self, x):
        gate = ops.einsum("...d,df->...f", x, self.gate.kernel)
        gate = gate / (1.0 + ops.exp(-gate))
        return ops.matmul(gate * ops.matmul(x, self.up.kernel), self.down.kernel)
