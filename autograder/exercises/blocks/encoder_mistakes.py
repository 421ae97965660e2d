"""Mistakes of `blocks.encoder`."""

from autograder.exercises.blocks.encoder import EXERCISE
from solutions import blocks


@EXERCISE.misconception(
    "feed-forward-first",
    title="the feed-forward network before attention",
    explanation="A position would think before it has heard the others. The paper's block lets "
    "positions exchange first; a stack starts and ends otherwise.",
    hint="Which of the two sub-layers brings a position something to think about?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        x = self.feed_forward_residual(x, sublayer=self.feed_forward)
        return self.attention_residual(x, sublayer=attend)


@EXERCISE.misconception(
    "one-norm-for-both",
    title="one residual connection used twice",
    explanation="Each sub-layer has a norm of its own, with its own γ and β: 4d weights in a "
    "block. Used twice, one of them serves both and the other never learns.",
    hint="Which of the four parts does `call` not use?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        x = self.attention_residual(x, sublayer=attend)
        return self.attention_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "attention-s-result-lost",
    title="the feed-forward network given x, not what attention made of it",
    explanation="The second sub-layer takes the first one's output. Given x once more it works on "
    "words that have heard nothing, and the attention is thrown away.",
    hint="What becomes of the result of your first line?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        self.attention_residual(x, sublayer=attend)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "mask-ignored",
    title="the mask taken and not used",
    explanation="Padding takes part, and with a causal mask the future does.",
    hint="If what the mask hides changes, may the output change?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x)

        x = self.attention_residual(x, sublayer=attend)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "outer-x",
    title="attention given the x from outside",
    explanation="The residual connection hands its sub-layer what to work on: in pre-LN the norm "
    "of x. A function that takes it and uses the x around it passes the norm by.",
    hint="Does your function use its own argument?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(_):
            return self.attention(x, x, attention_mask=attention_mask)

        y = self.attention_residual(x, sublayer=attend)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "outer-keys",
    title="keys and values from the x outside",
    explanation="Queries are made of the norm of x, keys and values of x itself: in pre-LN the "
    "two sides of every score have different sizes. Self-attention takes one sequence for both.",
    hint="In pre-LN, are your queries and your keys made of the same numbers?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(normal):
            return self.attention(normal, x, attention_mask=attention_mask)

        y = self.attention_residual(x, sublayer=attend)
        return self.feed_forward_residual(y, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "no-residual-around-attention",
    title="no residual connection around attention",
    explanation="The position itself is lost: what goes on is what others have told it, and its "
    "own part only by the weight it gives to itself.",
    hint="Which of the four parts does `call` not use?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        x = self.attention(x, x, attention_mask=attention_mask)
        return self.feed_forward_residual(x, sublayer=self.feed_forward)


@EXERCISE.misconception(
    "no-residual-around-feed-forward",
    title="no residual connection around the feed-forward network",
    explanation="Both sub-layers have one. Without the second the block's output is made new in "
    "every block, and neither x nor a norm goes on.",
    hint="Which of the four parts does `call` not use?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        x = self.attention_residual(x, sublayer=attend)
        return self.feed_forward(x)


@EXERCISE.misconception(
    "side-by-side",
    title="both sub-layers side by side",
    explanation="Attention and feed-forward network both work on the same x, and both are added. "
    "Some large models do that, and lesson 10 comes to it; it is another function.",
    hint="Does your feed-forward network get to see what attention has found?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        attended = self.attention_residual(x, sublayer=attend)
        return attended + self.feed_forward_residual(x, sublayer=self.feed_forward) - x


@EXERCISE.misconception(
    "feed-forward-left-out",
    title="attention alone",
    explanation="Attention can only average what is there. The feed-forward network holds two "
    "thirds of the block's weights, and makes something new of the mixture.",
    hint="Which of the four parts does `call` not use?",
)
class EncoderBlock(blocks.EncoderBlock):
    def call(self, x, attention_mask=None):
        def attend(x):
            return self.attention(x, x, attention_mask=attention_mask)

        return self.attention_residual(x, sublayer=attend)
