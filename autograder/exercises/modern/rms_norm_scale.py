"""Mistakes of `modern.rms_norm` in its scale and its precision; its other right answers."""

from keras import ops

from autograder.exercises.modern.rms_norm import EXERCISE
from solutions import modern


@EXERCISE.misconception(
    "squares-overflow",
    title="squares in half precision",
    explanation="float16 ends at 65,504, and 256² is 65,536. The mean square becomes infinite, "
    "and the position becomes zeros. Square in float32 and cast back.",
    hint="What is 300 squared, and what is the largest number of float16?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        mean_square = ops.mean(x * x, axis=-1, keepdims=True)
        return self.scale * x / ops.sqrt(mean_square + self.epsilon)


@EXERCISE.misconception(
    "scale-unused",
    title="the scale made and not used",
    explanation="It starts at one, so that nothing shows at first. It never learns, and the "
    "weights of a trained model are read wrong.",
    hint="Which weight has no effect on your output?",
)
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        x = ops.cast(x, "float32")
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return ops.cast(x / ops.sqrt(mean_square + self.epsilon), self.compute_dtype)


@EXERCISE.misconception(
    "scale-begins-at-zero",
    title="a scale that begins at 0",
    explanation="Every position is zero then, and the gradient of whatever comes before is, too. "
    "Some models store scale − 1 and begin at 0; they multiply by 1 + scale.",
    hint="What comes out of your layer before anything is learned?",
)
class RMSNorm(modern.RMSNorm):
    def build(self, x_shape):
        self.scale = self.add_weight(name="scale", shape=(x_shape[-1],), initializer="zeros")


@EXERCISE.misconception(
    "bias-added",
    title="a bias beside the scale",
    explanation="Layer normalisation has one. It starts at 0 and changes nothing at first, and it "
    "makes twice the weights that the formula has.",
    hint="How many weights does the formula have?",
)
class RMSNorm(modern.RMSNorm):
    def build(self, x_shape):
        self.scale = self.add_weight(name="scale", shape=(x_shape[-1],), initializer="ones")
        self.bias = self.add_weight(name="bias", shape=(x_shape[-1],), initializer="zeros")

    def call(self, x):
        x = ops.cast(x, "float32")
        mean_square = ops.mean(ops.square(x), axis=-1, keepdims=True)
        normalized = x / ops.sqrt(mean_square + self.epsilon)
        return self.scale * ops.cast(normalized, self.compute_dtype) + self.bias


@EXERCISE.variant
class RMSNorm(modern.RMSNorm):
    def call(self, x):
        wide = ops.cast(x, "float32")
        squares = ops.einsum("...d,...d->...", wide, wide) / x.shape[-1]
        factor = ops.rsqrt(squares + self.epsilon)[..., None]
        return ops.cast(wide * factor * ops.cast(self.scale, "float32"), x.dtype)


@EXERCISE.variant
class RMSNorm(modern.RMSNorm):
    def build(self, x_shape):
        self.width = x_shape[-1]
        self.scale = self.add_weight(shape=(self.width,), initializer="ones")

    def call(self, x):
        wide = ops.cast(x, "float32")
        length = ops.norm(wide, axis=-1, keepdims=True)
        root = ops.power(length * length / self.width + self.epsilon, 0.5)
        return ops.cast(wide / root, x.dtype) * self.scale
