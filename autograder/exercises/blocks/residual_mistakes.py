"""Mistakes of `blocks.residual`."""

import keras
from keras import ops

from autograder.exercises.blocks.residual import EXERCISE
from solutions import blocks


@EXERCISE.misconception(
    "always-post-ln",
    title="post-LN, whatever `norm_first` says",
    explanation="The layer is to do both. Post-LN is the paper's, and the default; with "
    "`norm_first` the norm moves to what goes into the sub-layer.",
    hint="Which of the constructor's arguments does `call` not use?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        return self.norm(x + self.dropout(sublayer(x)))


@EXERCISE.misconception(
    "always-pre-ln",
    title="pre-LN, whatever `norm_first` says",
    explanation="Much code, the paper's own among it, is pre-LN where the paper prints post-LN. "
    "Without `norm_first` the norm is to come after the sum.",
    hint="Which of the constructor's arguments does `call` not use?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        return x + self.dropout(sublayer(self.norm(x)))


@EXERCISE.misconception(
    "pre-and-post-exchanged",
    title="pre-LN and post-LN exchanged",
    explanation="`norm_first` says that the norm comes first, before the sub-layer. That is "
    "pre-LN.",
    hint="Read the name aloud: `norm_first`. Before what?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return self.norm(x + self.dropout(sublayer(x)))
        return x + self.dropout(sublayer(self.norm(x)))


@EXERCISE.misconception(
    "no-residual",
    title="x not added",
    explanation="The output is what the sub-layer makes of x, and x itself is gone. One such "
    "block trains; in a stack of them no gradient reaches the first.",
    hint="If the sub-layer returns zeros, what should come out?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return self.dropout(sublayer(self.norm(x)))
        return self.norm(self.dropout(sublayer(x)))


@EXERCISE.misconception(
    "normalised-x-added",
    title="pre-LN that adds the normalised x",
    explanation="LN(x) + f(LN(x)) puts a norm into the very path that is meant to be left alone. "
    "In pre-LN the sub-layer gets LN(x), and x itself is added.",
    hint="If the sub-layer returns zeros, what should pre-LN return: x, or its norm?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            x = self.norm(x)
            return x + self.dropout(sublayer(x))
        return self.norm(x + self.dropout(sublayer(x)))


@EXERCISE.misconception(
    "sub-layer-output-normalised",
    title="post-LN that normalises what is added, not the sum",
    explanation="x + LN(f(x)) is a third arrangement, which some models use. The paper prints "
    "LN(x + f(x)): the sum is what is normalised.",
    hint="In LayerNorm(x + Sublayer(x)), what stands between the brackets of the norm?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return x + self.dropout(sublayer(self.norm(x)))
        return x + self.norm(self.dropout(sublayer(x)))


@EXERCISE.misconception(
    "normalised-twice",
    title="pre-LN with a second norm behind it",
    explanation="The norm moves to the front; it is not doubled. With one behind the sum as well "
    "the path of x is interrupted in every block.",
    hint="How many norms does the formula of pre-LN have?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        given = self.norm(x) if self.norm_first else x
        return self.norm(x + self.dropout(sublayer(given)))


@EXERCISE.misconception(
    "no-norm",
    title="no norm at all",
    explanation="Each block adds, and nothing keeps the sum in bounds: after many blocks the "
    "features are large, and how large depends on the depth.",
    hint="Which attribute that `build` makes does `call` not use?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        return x + self.dropout(sublayer(x))


@EXERCISE.misconception(
    "no-dropout",
    title="dropout made and not used",
    explanation="The paper drops a share of what each sub-layer adds, in training. Without it "
    "nothing fails, and a small data set is learned by heart.",
    hint="Which attribute of the layer does `call` not use?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return x + sublayer(self.norm(x))
        return self.norm(x + sublayer(x))


@EXERCISE.misconception(
    "dropout-of-the-sum",
    title="dropout of the sum, x included",
    explanation="Then x is dropped, too: the path that should carry everything has holes, and in "
    "pre-LN nothing ever fills them. Only what is added is dropped.",
    hint="With everything dropped, should x survive?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return self.dropout(x + sublayer(self.norm(x)))
        return self.norm(self.dropout(x + sublayer(x)))


@EXERCISE.misconception(
    "dropout-last",
    title="dropout as the last step",
    explanation="Dropped after the norm, features are zero where the next block expects variance "
    "1. The paper drops the sub-layer's output, before it is added and normalised.",
    hint="With everything dropped, should post-LN return zeros?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return self.dropout(x + sublayer(self.norm(x)))
        return self.dropout(self.norm(x + sublayer(x)))


@EXERCISE.misconception(
    "dropout-always-on",
    title="dropout in use as well as in training",
    explanation="`training=True` written into the call drops features for ever: the same sentence "
    "gets another answer each time. Keras passes on by itself whether it is training.",
    hint="Called twice outside of training, does your layer give the same?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return x + self.dropout(sublayer(self.norm(x)), training=True)
        return self.norm(x + self.dropout(sublayer(x), training=True))


@EXERCISE.misconception(
    "epsilon-of-keras",
    title="Keras' norm with its own epsilon, 0.001",
    explanation="`LayerNormalization()` adds 0.001 to the variance, a hundred times what your own "
    "layer adds. For features of small variance, as early in training, it decides the output.",
    hint="Which epsilon does your norm have, and which one has the layer of this lesson?",
)
class Residual(blocks.Residual):
    def build(self, x_shape):
        self.norm = keras.layers.LayerNormalization()
        self.norm.build(x_shape)


@EXERCISE.misconception(
    "multiplied",
    title="x multiplied by what the sub-layer makes of it",
    explanation="A product has no path that leaves x alone: where the sub-layer returns zero, "
    "everything is lost. The connection adds.",
    hint="If the sub-layer returns zeros, what should come out?",
)
class Residual(blocks.Residual):
    def call(self, x, sublayer):
        if self.norm_first:
            return ops.multiply(x, self.dropout(sublayer(self.norm(x))))
        return self.norm(ops.multiply(x, self.dropout(sublayer(x))))
