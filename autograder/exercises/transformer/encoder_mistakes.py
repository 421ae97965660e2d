"""Mistakes of `transformer.encoder`."""

from autograder.exercises.transformer.encoder import EXERCISE
from solutions import transformer
from solutions.blocks import EncoderBlock, LayerNorm


@EXERCISE.misconception(
    "one-block-many-times",
    title="one block used N times",
    explanation="`[block] * N` is a list of N names for one block. All layers share their weights, "
    "and a model of six layers has the parameters of one.",
    hint="If you change a weight of the first block, does one of the second change with it?",
)
class Encoder(transformer.Encoder):
    def build(self, x_shape):
        self.blocks = [EncoderBlock(**self.block_options)] * self.num_layers
        for block in self.blocks:
            block.build(x_shape)
        self.final_norm = LayerNorm() if self.block_options["norm_first"] else None


@EXERCISE.misconception(
    "every-block-reads-the-input",
    title="every block reads the input of the stack",
    explanation="Each block should go on where the one before it stopped. Here the output is that "
    "of the last block alone, and the others learn nothing.",
    hint="What does the second block read?",
)
class Encoder(transformer.Encoder):
    def call(self, x, attention_mask=None):
        for block in self.blocks:
            output = block(x, attention_mask=attention_mask)
        return output if self.final_norm is None else self.final_norm(output)


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Every block attends to everything, padding included.",
    hint="Which blocks need to know what is padding?",
)
class Encoder(transformer.Encoder):
    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x)
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "mask-for-the-first-block-only",
    title="the mask given to the first block only",
    explanation="Padding does not go away by being masked once: each block attends anew, and reads "
    "what stands at those positions.",
    hint="Are positions of padding still there after the first block?",
)
class Encoder(transformer.Encoder):
    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
            attention_mask = None
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "final-norm-missing",
    title="no layer norm after the last block of a pre-LN stack",
    explanation="In pre-LN each norm stands before a sub-layer, so that nothing normalises the "
    "last sum. It grows with every block that was added to it.",
    hint="In pre-LN, which norm comes after the last addition?",
)
class Encoder(transformer.Encoder):
    def build(self, x_shape):
        self.blocks = [EncoderBlock(**self.block_options) for _ in range(self.num_layers)]
        for block in self.blocks:
            block.build(x_shape)

    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
        return x


@EXERCISE.misconception(
    "final-norm-unused",
    title="the last layer norm made and not used",
    explanation="Its two weights are there and never learn, and the sum of a pre-LN stack leaves "
    "it as large as it has become.",
    hint="Which of your layers does `call` never call?",
)
class Encoder(transformer.Encoder):
    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
        return x


@EXERCISE.misconception(
    "final-norm-always",
    title="a last layer norm after post-LN blocks, too",
    explanation="A post-LN block ends with a norm. One more undoes its scale and shift, which the "
    "model has learned.",
    hint="With which layer does a post-LN block end?",
)
class Encoder(transformer.Encoder):
    def build(self, x_shape):
        self.blocks = [EncoderBlock(**self.block_options) for _ in range(self.num_layers)]
        self.final_norm = LayerNorm()
        for layer in (*self.blocks, self.final_norm):
            layer.build(x_shape)


@EXERCISE.misconception(
    "norm-after-every-block",
    title="the last norm used after every block",
    explanation="One norm, used N times, cuts the straight path of the residuals in pieces, which "
    "is what pre-LN is chosen for.",
    hint="How many times is the final norm applied to one input?",
)
class Encoder(transformer.Encoder):
    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
            x = x if self.final_norm is None else self.final_norm(x)
        return x


@EXERCISE.misconception(
    "options-forgotten",
    title="norm_first and dropout not handed to the blocks",
    explanation="The blocks fall back to their defaults, post-LN without dropout, whatever the "
    "stack was told.",
    hint="What does a block know of the stack's `norm_first`?",
)
class Encoder(transformer.Encoder):
    def build(self, x_shape):
        heads, hidden_dim = self.block_options["num_heads"], self.block_options["hidden_dim"]
        self.blocks = [EncoderBlock(heads, hidden_dim) for _ in range(self.num_layers)]
        for block in self.blocks:
            block.build(x_shape)
        self.final_norm = LayerNorm() if self.block_options["norm_first"] else None


@EXERCISE.misconception(
    "residual-added-again",
    title="the input of each block added to its output",
    explanation="A block keeps its input already, around each of its sub-layers.",
    hint="What does a block do with its own input, inside?",
)
class Encoder(transformer.Encoder):
    def call(self, x, attention_mask=None):
        for block in self.blocks:
            x = x + block(x, attention_mask=attention_mask)
        return x if self.final_norm is None else self.final_norm(x)
