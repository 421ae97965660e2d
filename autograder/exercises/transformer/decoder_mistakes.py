"""Mistakes of `transformer.decoder`."""

from autograder.exercises.transformer.decoder import EXERCISE
from solutions import transformer
from solutions.blocks import DecoderBlock, EncoderBlock, LayerNorm


@EXERCISE.misconception(
    "one-block-many-times",
    title="one block used N times",
    explanation="`[block] * N` is a list of N names for one block. All layers share their weights, "
    "and a model of six layers has the parameters of one.",
    hint="If you change a weight of the first block, does one of the second change with it?",
)
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        self.blocks = [DecoderBlock(**self.block_options)] * self.num_layers
        for block in self.blocks:
            block.build(x_shape, source_shape)
        self.final_norm = LayerNorm() if self.block_options["norm_first"] else None


@EXERCISE.misconception(
    "blocks-of-the-encoder",
    title="blocks of the encoder",
    explanation="They have two sub-layers and no argument for a source. A decoder made of them "
    "continues texts and never reads what it is to translate.",
    hint="Which of the two blocks of lesson 6 has cross-attention?",
)
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        self.blocks = [EncoderBlock(**self.block_options) for _ in range(self.num_layers)]
        for block in self.blocks:
            block.build(x_shape)
        self.final_norm = LayerNorm() if self.block_options["norm_first"] else None

    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, attention_mask=attention_mask)
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "every-block-reads-the-input",
    title="every block reads the input of the stack",
    explanation="Each block should go on where the one before it stopped. Here the output is that "
    "of the last block alone, and the others learn nothing.",
    hint="What does the second block read?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            output = block(x, source, attention_mask=attention_mask, source_mask=source_mask)
        return output if self.final_norm is None else self.final_norm(output)


@EXERCISE.misconception(
    "source-for-the-first-block-only",
    title="the source shown to the first block only",
    explanation="The later blocks then ask the target about itself. In the paper every block of "
    "the decoder attends to the same output of the encoder.",
    hint="How many of the blocks may look at the source?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask, source_mask=source_mask)
            source, source_mask = x, attention_mask
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "roles-swapped",
    title="the source written, the target read",
    explanation="The blocks go on from their first argument and ask the second. Exchanged, there "
    "is one output for each position of the source, and where T = S nothing gives it away.",
    hint="How many outputs does the decoder owe you: T or S?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            source = block(source, x)
        return source if self.final_norm is None else self.final_norm(source)


@EXERCISE.misconception(
    "masks-exchanged",
    title="the two masks exchanged",
    explanation="`attention_mask` says which positions of the target see each other, `source_mask` "
    "which ones of the source are real. Exchanged, they fit by accident where T = S.",
    hint="Which of the two masks has S columns?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=source_mask, source_mask=attention_mask)
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "attention-mask-ignored",
    title="the mask of the target not used",
    explanation="The decoder sees the future. In training its loss falls to nothing, since the "
    "answers stand in its input; on its own it writes nonsense.",
    hint="Which argument of `call` keeps a position from looking ahead?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, source_mask=source_mask)
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "source-mask-ignored",
    title="the mask of the source not used",
    explanation="Padding of the source is read like words. Training hides it; a translation then "
    "depends on how long the other sentences of its batch are.",
    hint="If the padding of the source changes, may the output?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask)
        return x if self.final_norm is None else self.final_norm(x)


@EXERCISE.misconception(
    "final-norm-missing",
    title="no layer norm after the last block of a pre-LN stack",
    explanation="In pre-LN each norm stands before a sub-layer, so that nothing normalises the "
    "last sum, and logits grow with the number of blocks.",
    hint="In pre-LN, which norm comes after the last addition?",
)
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        self.blocks = [DecoderBlock(**self.block_options) for _ in range(self.num_layers)]
        for block in self.blocks:
            block.build(x_shape, source_shape)

    def call(self, x, source, attention_mask=None, source_mask=None):
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask, source_mask=source_mask)
        return x


@EXERCISE.misconception(
    "final-norm-always",
    title="a last layer norm after post-LN blocks, too",
    explanation="A post-LN block ends with a norm. One more undoes its scale and shift, which the "
    "model has learned.",
    hint="With which layer does a post-LN block end?",
)
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        self.blocks = [DecoderBlock(**self.block_options) for _ in range(self.num_layers)]
        for block in self.blocks:
            block.build(x_shape, source_shape)
        self.final_norm = LayerNorm()
        self.final_norm.build(x_shape)


@EXERCISE.misconception(
    "source-normalised-by-the-decoder",
    title="the last norm of the decoder used on the source",
    explanation="What the encoder gives is finished; with pre-LN its own last norm has seen to it.",
    hint="Which sequence has nothing normalised when the last block is done?",
)
class Decoder(transformer.Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        source = source if self.final_norm is None else self.final_norm(source)
        for block in self.blocks:
            x = block(x, source, attention_mask=attention_mask, source_mask=source_mask)
        return x


@EXERCISE.misconception(
    "options-forgotten",
    title="norm_first and dropout not handed to the blocks",
    explanation="The blocks fall back to their defaults, post-LN without dropout, whatever the "
    "stack was told.",
    hint="What does a block know of the stack's `norm_first`?",
)
class Decoder(transformer.Decoder):
    def build(self, x_shape, source_shape):
        heads, hidden_dim = self.block_options["num_heads"], self.block_options["hidden_dim"]
        self.blocks = [DecoderBlock(heads, hidden_dim) for _ in range(self.num_layers)]
        for block in self.blocks:
            block.build(x_shape, source_shape)
        self.final_norm = LayerNorm() if self.block_options["norm_first"] else None
