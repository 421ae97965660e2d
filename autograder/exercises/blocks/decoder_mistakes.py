"""Mistakes of `blocks.decoder`."""

from autograder.exercises.blocks.decoder import EXERCISE
from solutions import blocks


@EXERCISE.misconception(
    "source-first",
    title="the source asked before looking back",
    explanation="The queries to the source then know one word only, and not what was written so "
    "far. The paper looks back first and over second.",
    hint="What should a position know before it asks the source?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, source, source_mask=source_mask)

        x = self.cross_attention_residual(x, sublayer=look_over)
        x = self.attention_residual(x, sublayer=look_back)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "source-never-asked",
    title="no cross-attention",
    explanation="That is an encoder block with a causal mask, as in a model that only continues "
    "text. A translator made of it has never read what it translates.",
    hint="If another source comes in, which number of your output changes?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        x = self.attention_residual(x, sublayer=look_back)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "cross-attention-to-itself",
    title="cross-attention that asks x",
    explanation="It has weights of its own and asks the sequence that asks: a second "
    "self-attention, without a mask, so that the future leaks in.",
    hint="If another source comes in, which number of your output changes?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, x)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "roles-swapped",
    title="the source asks x",
    explanation="Queries come from the source, keys and values from x. Where both have one length "
    "the sum with x hides it, and each output is made of all words of the target, later ones too.",
    hint="Who asks in cross-attention, and whose length has the output?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(source, x)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "attention-mask-ignored",
    title="self-attention without its mask",
    explanation="Each position sees the words that are to come. The loss falls to nothing, since "
    "the answers are in the input, and what is generated is nonsense.",
    hint="If a later word of the target changes, may an earlier output change?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x)

        def look_over(x):
            return self.cross_attention(x, source, source_mask=source_mask)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "source-mask-ignored",
    title="cross-attention without its mask",
    explanation="Padding of the source gets weight: an output depends on how much padding its "
    "batch happens to need. Training hides it.",
    hint="If the padding of the source changes, may the output change?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, source)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "target-mask-for-the-source",
    title="the target's mask given to cross-attention",
    explanation="It has the target's length, so that it fits by accident where T = S. It then "
    "hides the later half of the source from the first words, and shows its padding.",
    hint="Which positions does each mask speak of, those of x or those of the source?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, source, source_mask=attention_mask)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "source-normalised-again",
    title="the source normalised by the decoder's own norm",
    explanation="What the encoder hands over is finished, and each decoder block takes it as it "
    "is. In pre-LN the norm is for what asks, not for what is asked.",
    hint="Which of the two inputs of cross-attention does pre-LN normalise here?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, asked, source_mask=source_mask)

        asked = source
        if self.cross_attention_residual.norm_first:
            asked = self.cross_attention_residual.norm(source)
        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "one-norm-for-both-attentions",
    title="one residual connection for both attentions",
    explanation="Each of the three sub-layers has a norm of its own: 6d weights in a block. "
    "Shared, one of them never learns.",
    hint="Which of the six parts does `call` not use?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        def look_over(x):
            return self.cross_attention(x, source, source_mask=source_mask)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.attention_residual(x, sublayer=look_over)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "queries-of-the-block-s-input",
    title="the source asked with the block's input",
    explanation="Cross-attention is to ask with what looking back has found. A function that uses "
    "the x from outside asks with what came into the block, unnormalised in pre-LN.",
    hint="Does your second function use its own argument?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(y):
            return self.attention(y, y, attention_mask=attention_mask)

        def look_over(_):
            return self.cross_attention(x, source, source_mask=source_mask)

        y = self.attention_residual(x, sublayer=look_back)
        y = self.cross_attention_residual(y, sublayer=look_over)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "no-residual-around-cross-attention",
    title="no residual connection around cross-attention",
    explanation="What was written so far is lost: each position goes on with what the source has "
    "told it, and with nothing of its own.",
    hint="Which of the six parts does `call` not use?",
)
class DecoderBlock(blocks.DecoderBlock):
    def call(self, x, source, attention_mask=None, source_mask=None):
        def look_back(x):
            return self.attention(x, x, attention_mask=attention_mask)

        x = self.attention_residual(x, sublayer=look_back)
        x = self.cross_attention(x, source, source_mask=source_mask)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)
