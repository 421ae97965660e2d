"""`multihead.cross`: one sequence asks, another one answers."""

import keras
import numpy as np
from keras import ops

from autograder.exercises.attention.projections import SLOPE
from autograder.exercises.form import Exercise
from autograder.exercises.inputs import normal
from autograder.exercises.multihead.attention import kernels, some_allowed
from course.checking.case import Call, Case
from solutions import multihead
from solutions.multihead import MultiHeadAttention


def case(rng, name, sizes, masked=True, observe=("output",), **options):
    """sizes: `B`, `T`, `S`, `d_model`, `d_source` and `H`."""
    batch, length, source_length, width, source_width, heads = sizes
    args = [normal(rng, batch, length, width), normal(rng, batch, source_length, source_width)]
    mask = {"source_mask": some_allowed(rng, batch, 1, source_length)} if masked else {}
    weights = kernels(rng, width, source_width, width)
    return Case(
        name,
        (Call(args, mask, observe=observe),),
        construct={"num_heads": heads},
        weights={f"attention.{path}": kernel for path, kernel in weights.items()},
        **options,
    )


def structure(rng, sizes):
    drawn = case(rng, "its weights: four matrices and nothing else", sizes, False, ("weights",))
    return Case(drawn.name, drawn.calls, points=0.3, construct=drawn.construct)


def by_hand():
    """One word asks a source of two and one of padding; scores 0, so weights 1/2, 1/2, 0."""
    one = np.eye(2, dtype="float32")
    source = np.array([[[1.0, 0.0], [0.0, 3.0], [9.0, 9.0]]], "float32")
    mask = np.array([[[True, True, False]]])
    return Case(
        "by hand: a source of two words and padding",
        (Call([np.array([[[1.0, 2.0]]], "float32"), source], {"source_mask": mask}),),
        construct={"num_heads": 2},
        weights={
            "attention.query_projection.kernel": one,
            "attention.key_projection.kernel": 0 * one,
            "attention.value_projection.kernel": one,
            "attention.output_projection.kernel": one,
        },
    )


def visible():
    rng = np.random.default_rng(54)
    return [
        by_hand(),
        case(rng, "a batch with padding", (2, 4, 5, 6, 7, 3)),
        case(rng, "without a mask, and the gradients", (2, 5, 3, 8, 6, 4), False,
             ("output", "gradients"), **SLOPE),
        structure(rng, (2, 5, 3, 8, 6, 4)),
    ]  # fmt: skip


def hidden(rng):
    return [
        case(rng, "a longer source", (2, 3, 7, 8, 5, 4)),
        case(rng, "a shorter source", (3, 7, 4, 6, 5, 2)),
        case(rng, "without a mask", (4, 5, 6, 9, 7, 3), False),
        case(rng, "edge: T = S, of one width", (2, 5, 5, 6, 6, 3)),
        case(rng, "edge: a batch of one", (1, 3, 5, 8, 6, 4)),
        case(rng, "gradients of all matrices", (2, 3, 5, 8, 7, 4), True, ("gradients",), **SLOPE),
        case(rng, "made anew from its configuration", (3, 4, 5, 6, 7, 2), True, ("config",),
             points=0.3),
        structure(rng, (2, 4, 5, 9, 7, 3)),
    ]  # fmt: skip


EXERCISE = Exercise(
    id="multihead.cross",
    title="Cross-attention",
    kind="layer",
    points=3,
    reference=multihead.CrossAttention,
    visible=visible,
    hidden=hidden,
    write=("build", "call"),
    uses=("multihead.split", "multihead.merge", "multihead.attention"),
)


@EXERCISE.misconception(
    "roles-swapped",
    title="the source asks",
    explanation="Queries come from x. The other way round there is one output for each position "
    "of the source; where both have one length nothing gives it away, and a decoder leaks.",
    hint="How many outputs do you want: one for each position of x, or of the source?",
)
class CrossAttention(multihead.CrossAttention):
    def build(self, x_shape, source_shape):
        self.attention = MultiHeadAttention(self.num_heads)
        self.attention.build(source_shape, x_shape)

    def call(self, x, source, source_mask=None):
        return self.attention(source, x)


@EXERCISE.misconception(
    "source-ignored",
    title="x attends to itself",
    explanation="Nothing of the source reaches the output: a translator that never reads the text.",
    hint="If another source comes in, which number of your output changes?",
)
class CrossAttention(multihead.CrossAttention):
    def build(self, x_shape, source_shape):
        self.attention = MultiHeadAttention(self.num_heads)
        self.attention.build(x_shape, x_shape)

    def call(self, x, source, source_mask=None):
        return self.attention(x, x)


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Padding of the source gets weight. Training hides it; an output then depends on "
    "how much padding its batch happens to have.",
    hint="If the padding of the source changes, may the output?",
)
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        return self.attention(x, source)


@EXERCISE.misconception(
    "mask-on-queries",
    title="the mask turned towards the queries",
    explanation="The mask belongs to the source, whose positions are keys: columns. Transposed it "
    "would silence queries; it only fits where T = S.",
    hint="Rows are queries and columns are keys. Which of them is a word of the source?",
)
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        if source_mask is not None:
            source_mask = ops.swapaxes(source_mask, -1, -2)
        return self.attention(x, source, source_mask)


@EXERCISE.misconception(
    "mask-inverted",
    title="the mask turned round",
    explanation="True means may attend. Inverted, the layer reads nothing but padding.",
    hint="What does True mean in a mask of this course?",
)
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        if source_mask is not None:
            source_mask = ops.logical_not(source_mask)
        return self.attention(x, source, source_mask)


@EXERCISE.misconception(
    "causal-source",
    title="a causal mask over the source",
    explanation="The source is all there before the first word is written, so there is no future "
    "in it. Position t may look at all of it, not only at its first t words.",
    hint="When the first word of a translation is written, how much of the source is known?",
)
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        order = ops.arange(x.shape[1])[:, None] >= ops.arange(source.shape[1])[None, :]
        order = ops.expand_dims(order, 0)
        mask = order if source_mask is None else ops.logical_and(order, source_mask)
        return self.attention(x, source, mask)


@EXERCISE.misconception(
    "padding-set-to-zero",
    title="padding multiplied by 0 in place of masking it",
    explanation="A vector of zeros has a score of 0, and e⁰ is 1: it still takes its share of the "
    "weight from the real words.",
    hint="Which weight does softmax give to a score of 0?",
)
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        if source_mask is not None:
            source = source * ops.cast(ops.swapaxes(source_mask, -1, -2), source.dtype)
        return self.attention(x, source)


@EXERCISE.misconception(
    "residual-added",
    title="x added to the output",
    explanation="The sum with x belongs to the block of lesson 6, which adds it once, around "
    "every sub-layer.",
    hint="What comes out if every value is zero?",
)
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        return x + self.attention(x, source, source_mask)


@EXERCISE.variant
class CrossAttention(keras.layers.Layer):
    def __init__(self, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.attention = MultiHeadAttention(num_heads)

    def call(self, x, source, source_mask=None):
        return self.attention(x, source, source_mask)

    def get_config(self):
        return {**super().get_config(), "num_heads": self.num_heads}


@EXERCISE.variant
class CrossAttention(multihead.CrossAttention):
    def call(self, x, source, source_mask=None):
        if source_mask is not None:
            shape = (x.shape[0], x.shape[1], source.shape[1])
            source_mask = ops.broadcast_to(source_mask, shape)
        output, _ = self.attention(x, source, source_mask, return_weights=True)
        return output
