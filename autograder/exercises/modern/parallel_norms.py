"""Mistakes of `modern.parallel` in its norms; its other right answers."""

from autograder.exercises.modern.parallel import EXERCISE
from solutions import modern_decoder
from solutions.modern import GroupedQueryAttention, RMSNorm, SwiGLU


@EXERCISE.misconception(
    "normalized-x-added",
    title="the normalised x carried on",
    explanation="The residual path is x itself. If it is normalised in every block, nothing "
    "reaches the end as it was.",
    hint="What do the sub-layers read, and what are their results added to?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        x = self.attention_norm(x)
        attended, cache = self.attention(x, positions=positions, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(x), cache
        x = self.feed_forward_norm(x + attended)
        return x + self.feed_forward(x), cache


@EXERCISE.misconception(
    "feed-forward-not-normalized",
    title="the feed-forward network reads x itself in the parallel form",
    explanation="Both sub-layers read the normalised x. The residual stream grows from block to "
    "block, and with it would what the feed-forward network has to work on.",
    hint="How many of the two sub-layers read the normalised x?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(x), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache


@EXERCISE.misconception(
    "normalized-afterwards",
    title="the norm behind the sub-layer",
    explanation="That is post-norm, the block of 2017. Here each sub-layer reads a normalised x, "
    "and what it finds is added as it is.",
    hint="Does the norm stand before a sub-layer or behind it?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        attended, cache = self.attention(x, positions=positions, cache=cache)
        if self.parallel:
            return self.attention_norm(x + attended + self.feed_forward(x)), cache
        x = self.attention_norm(x + attended)
        return self.feed_forward_norm(x + self.feed_forward(x)), cache


@EXERCISE.misconception(
    "norm-shared-in-series",
    title="one norm for both sub-layers of the serial form",
    explanation="The two norms of a serial block are two layers, with a scale each. One of yours "
    "is made and never used.",
    hint="In the serial form, which weights has your block that have no effect?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(normalized), cache
        x = x + attended
        return x + self.feed_forward(self.attention_norm(x)), cache


@EXERCISE.misconception(
    "second-norm-side-by-side",
    title="two norms in the parallel form",
    explanation="GPT-NeoX has them. The block of this lesson normalises once, and both sub-layers "
    "read the same.",
    hint="How many different inputs do the two sub-layers of the parallel form read?",
)
class CausalBlock(modern_decoder.CausalBlock):
    def build(self, x_shape):
        self.attention_norm = RMSNorm()
        self.attention = GroupedQueryAttention(self.num_heads, self.num_groups)
        self.feed_forward = SwiGLU(self.d_ff)
        self.feed_forward_norm = RMSNorm()
        self.attention_norm.build(x_shape)
        self.attention.build(x_shape)
        self.feed_forward.build(x_shape)
        self.feed_forward_norm.build(x_shape)

    def call(self, x, positions=None, cache=None):
        normalized = self.attention_norm(x)
        attended, cache = self.attention(normalized, positions=positions, cache=cache)
        if self.parallel:
            return x + attended + self.feed_forward(self.feed_forward_norm(x)), cache
        x = x + attended
        return x + self.feed_forward(self.feed_forward_norm(x)), cache


@EXERCISE.variant
class CausalBlock(modern_decoder.CausalBlock):
    def build(self, x_shape):
        self.attention_norm = RMSNorm()
        self.attention = GroupedQueryAttention(self.num_heads, self.num_groups)
        self.feed_forward = SwiGLU(self.d_ff)
        self.feed_forward_norm = None if self.parallel else RMSNorm()

    def call(self, x, positions=None, cache=None):
        before = self.attention_norm(x)
        attended, cache = self.attention(before, positions, cache)
        y = x + attended
        return y + self.feed_forward(before if self.parallel else self.feed_forward_norm(y)), cache


@EXERCISE.variant
class CausalBlock(modern_decoder.CausalBlock):
    def call(self, x, positions=None, cache=None):
        return (self._side_by_side if self.parallel else self._in_series)(x, positions, cache)

    def _side_by_side(self, x, positions, cache):
        same = self.attention_norm(x)
        worked = self.feed_forward(same)
        attended, kept = self.attention(same, positions=positions, cache=cache)
        return worked + attended + x, kept

    def _in_series(self, x, positions, cache):
        attended, kept = self.attention(self.attention_norm(x), positions=positions, cache=cache)
        middle = attended + x
        worked = self.feed_forward(self.feed_forward_norm(middle))
        return worked + middle, kept
