"""Mistakes of `blocks.layer_norm`."""

from keras import ops

from autograder.exercises.blocks.layer_norm import EXERCISE
from solutions import blocks


@EXERCISE.misconception(
    "unbiased-variance",
    title="the variance divided by d − 1",
    explanation="That estimates the variance of a population from a sample. Here the features are "
    "all there is, and the paper divides by d: for 1, 2, 3, 4 the variance is 1.25, not 1.67.",
    hint="By how many numbers do you divide the sum of the squares?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        centred = wide - ops.mean(wide, axis=-1, keepdims=True)
        total = ops.sum(ops.square(centred), axis=-1, keepdims=True)
        normal = centred / ops.sqrt(total / (x.shape[-1] - 1) + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "epsilon-outside-the-root",
    title="epsilon added to the root, not under it",
    explanation="√variance + ε and √(variance + ε) are nearly the same until the variance is "
    "small: with an ε of 0.001 and a variance of 0 the first divides by 0.001 and the second by "
    "0.032.",
    hint="Which is added first in the formula, ε to the variance, or ε to its root?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-1], keepdims=True)
        normal = (wide - mean) / (ops.sqrt(variance) + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "no-root",
    title="dividing by the variance, not by its root",
    explanation="Numbers ten times as large have a variance a hundred times as large. Divided by "
    "it they come out ten times too small; only the root has their own unit.",
    hint="If all features were ten times as large, how should your output change?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-1], keepdims=True)
        normal = (wide - mean) / (variance + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "not-centred",
    title="rescaled, not centred",
    explanation="Layer normalisation does two things: it takes the mean off, and then divides. "
    "Dividing alone, by the root of the mean square, is RMSNorm, which lesson 10 comes to.",
    hint="What is the mean of each row of your output before β is added?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean_square = ops.mean(ops.square(wide), axis=-1, keepdims=True)
        normal = wide / ops.sqrt(mean_square + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "centred-after-the-variance",
    title="divided by the spread, with the mean left in",
    explanation="The mean is taken off to find the variance, and then forgotten: the features "
    "themselves still lie around it.",
    hint="What is the mean of each row of your output before β is added?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        variance = ops.var(wide, axis=-1, keepdims=True)
        normal = wide / ops.sqrt(variance + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "over-the-positions",
    title="normalised over the positions",
    explanation="The mean then contains later words. In a decoder the future leaks into the past "
    "through it: training looks perfect, and what is generated is nonsense.",
    hint="If another word of the sentence changes, may the norm of this one change?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-2], keepdims=True)
        normal = (wide - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "over-positions-and-features",
    title="normalised over positions and features together",
    explanation="One mean for a whole sentence, padding included: a word's norm depends on all "
    "others, later ones too. A well-known textbook's code does it in one place.",
    hint="How many means does a sentence of five words have: one, or five?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-2, -1], keepdims=True)
        normal = (wide - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "over-the-batch",
    title="normalised over the batch and the positions",
    explanation="That is batch normalisation, as images are normalised: one mean for each "
    "feature. A sentence then comes out otherwise in other company, and alone it comes out as "
    "zeros.",
    hint="If another sentence of the batch changes, may the norm of this one change?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=list(range(len(x.shape) - 1)), keepdims=True)
        normal = (wide - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "no-epsilon",
    title="no epsilon",
    explanation="Where all features are alike the variance is 0, and 0 / 0 is not a number. One "
    "such position makes the whole loss NaN.",
    hint="What do you divide by when all features of a position are the same?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-1], keepdims=True)
        normal = (wide - mean) / ops.sqrt(variance)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "epsilon-written-in",
    title="a number written in place of self.epsilon",
    explanation="The layer takes `epsilon` and uses another one. Weights from a model with its "
    "own epsilon then give other numbers.",
    hint="Which of the constructor's arguments does `call` not use?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-1], keepdims=True)
        normal = (wide - mean) / ops.sqrt(variance + 1e-5)
        return self.gamma * ops.cast(normal, self.compute_dtype) + self.beta


@EXERCISE.misconception(
    "scale-and-shift-unused",
    title="γ and β made and not used",
    explanation="Each position then has variance 1 for ever, whether the next layer likes it or "
    "not: the network cannot undo a norm that does harm, and two weights never learn.",
    hint="Which weights of your layer does `call` not use?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        mean, variance = ops.moments(wide, axes=[-1], keepdims=True)
        return ops.cast((wide - mean) / ops.sqrt(variance + self.epsilon), self.compute_dtype)


@EXERCISE.misconception(
    "scale-starts-at-zero",
    title="γ starts at 0",
    explanation="A scale of 0 makes every position β, so that nothing of the input comes through. "
    "A layer that starts as a plain norm has a scale of 1 and a shift of 0.",
    hint="Which γ and which β leave the normalised features as they are?",
)
class LayerNorm(blocks.LayerNorm):
    def build(self, x_shape):
        self.gamma = self.add_weight(name="gamma", shape=(x_shape[-1],), initializer="zeros")
        self.beta = self.add_weight(name="beta", shape=(x_shape[-1],), initializer="zeros")


@EXERCISE.misconception(
    "weights-for-each-position",
    title="γ and β of their own for each position",
    explanation="The scale belongs to a feature, and is the same at every position: 2d weights. "
    "With one for each position the layer takes sentences of one length only.",
    hint="How many numbers are γ and β, and does that depend on the length of a sentence?",
)
class LayerNorm(blocks.LayerNorm):
    def build(self, x_shape):
        self.gamma = self.add_weight(name="gamma", shape=x_shape[-2:], initializer="ones")
        self.beta = self.add_weight(name="beta", shape=x_shape[-2:], initializer="zeros")


@EXERCISE.misconception(
    "squared-in-float16",
    title="squares taken in float16",
    explanation="float16 ends at 65,504, so the square of 256 is infinite, and a number divided "
    "by infinity is 0. In mixed precision one large feature silences its whole position.",
    hint="What is the largest number of float16, and which of your steps makes larger ones?",
)
class LayerNorm(blocks.LayerNorm):
    def call(self, x):
        centred = x - ops.mean(x, axis=-1, keepdims=True)
        variance = ops.mean(centred * centred, axis=-1, keepdims=True)
        return self.gamma * (centred / ops.sqrt(variance + self.epsilon)) + self.beta
