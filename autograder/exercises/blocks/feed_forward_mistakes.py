"""Mistakes of `blocks.feed_forward`."""

import keras
from keras import ops

from autograder.exercises.blocks.feed_forward import EXERCISE
from solutions import blocks


@EXERCISE.misconception(
    "no-activation",
    title="two layers with nothing in between",
    explanation="x W₁ W₂ is x times one matrix: whatever the width inside, the two layers can do "
    "no more than one. What bends is what makes the second layer worth having.",
    hint="What single matrix does the same as your two, and what keeps that from happening?",
)
class FeedForward(blocks.FeedForward):
    def build(self, x_shape):
        self.expand = keras.layers.Dense(self.hidden_dim)
        self.contract = keras.layers.Dense(x_shape[-1])
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], self.hidden_dim))


@EXERCISE.misconception(
    "activation-last",
    title="the activation after the second layer",
    explanation="ReLU at the end lets a block add, and never take away: the sum with x can only "
    "grow. And between the two layers nothing bends.",
    hint="Can a feature of your output be negative?",
)
class FeedForward(blocks.FeedForward):
    def build(self, x_shape):
        self.expand = keras.layers.Dense(self.hidden_dim)
        self.contract = keras.layers.Dense(x_shape[-1], activation=self.activation)
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], self.hidden_dim))


@EXERCISE.misconception(
    "activation-twice",
    title="an activation after both layers",
    explanation="The second layer's output is added to x. Bent by ReLU it could only add, and "
    "never take away.",
    hint="Can a feature of your output be negative?",
)
class FeedForward(blocks.FeedForward):
    def build(self, x_shape):
        self.expand = keras.layers.Dense(self.hidden_dim, activation=self.activation)
        self.contract = keras.layers.Dense(x_shape[-1], activation=self.activation)
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], self.hidden_dim))


@EXERCISE.misconception(
    "always-relu",
    title="ReLU, whatever `activation` says",
    explanation="ReLU is the paper's choice; BERT and GPT-2 use GELU. The layer takes the name of "
    "its activation, and should use it.",
    hint="Which of the constructor's arguments does your layer not use?",
)
class FeedForward(blocks.FeedForward):
    def call(self, x):
        self.expand.activation = None
        return self.contract(ops.relu(self.expand(x)))


@EXERCISE.misconception(
    "gelu-by-tanh",
    title="GELU in the form with tanh",
    explanation="There are two: x Φ(x), with the normal distribution, and an approximation of it "
    "by tanh. `activation='gelu'` is the exact one, in Keras as in PyTorch; the function "
    "`ops.gelu` takes the approximation unless told otherwise. They differ by up to 0.0005.",
    hint="What is `approximate` when `ops.gelu` is not told?",
)
class FeedForward(blocks.FeedForward):
    def call(self, x):
        activation = ops.gelu if self.activation == "gelu" else None
        activation = activation or keras.activations.get(self.activation)
        self.expand.activation = None
        return self.contract(activation(self.expand(x)))


@EXERCISE.misconception(
    "no-biases",
    title="layers without a bias",
    explanation="The paper's feed-forward network has both biases, which its attention here has "
    "not: without b₁ every bend lies at 0.",
    hint="Which two terms of max(0, x W₁ + b₁) W₂ + b₂ does your layer not have?",
)
class FeedForward(blocks.FeedForward):
    def build(self, x_shape):
        self.expand = keras.layers.Dense(
            self.hidden_dim, activation=self.activation, use_bias=False
        )
        self.contract = keras.layers.Dense(x_shape[-1], use_bias=False)
        self.expand.build(x_shape)
        self.contract.build((*x_shape[:-1], self.hidden_dim))


@EXERCISE.misconception(
    "widths-exchanged",
    title="the two widths exchanged",
    explanation="The first layer is to be as wide as `hidden_dim`, the second as wide as the "
    "input: what comes out is added to the input, and must fit.",
    hint="What is added to what the layer returns, and how wide is it?",
)
class FeedForward(blocks.FeedForward):
    def build(self, x_shape):
        self.expand = keras.layers.Dense(x_shape[-1], activation=self.activation)
        self.contract = keras.layers.Dense(self.hidden_dim)
        self.expand.build(x_shape)
        self.contract.build(x_shape)


@EXERCISE.misconception(
    "residual-added",
    title="x added to the output",
    explanation="The sum with x belongs to the wrapper of the next exercise, which adds it once, "
    "around every sub-layer.",
    hint="What comes out if all weights are zero?",
)
class FeedForward(blocks.FeedForward):
    def call(self, x):
        return x + self.contract(self.expand(x))
