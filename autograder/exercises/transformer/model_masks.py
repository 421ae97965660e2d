"""Mistakes of `transformer.model` in who may see what."""

from keras import ops

from autograder.exercises.transformer.model import EXERCISE
from solutions import transformer
from solutions.masking import causal_mask, combine_masks, padding_mask


@EXERCISE.misconception(
    "no-causal-mask",
    title="the target sees its own future",
    explanation="The word to be predicted stands in the input, one place on. Training copies it, "
    "with a loss of nothing and an accuracy of 100 %; on its own the model writes nonsense.",
    hint="If the last word of the target changes, which logits may change?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=padding_mask(target),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "target-padding-seen",
    title="only a causal mask on the target",
    explanation="With padding behind the words, the rows that count come out right, since padding "
    "lies in their future. With padding in front it is read like words.",
    hint="Does a causal mask hide padding that stands in front?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=causal_mask(ops.shape(target)[1]),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "encoder-sees-padding",
    title="no mask in the encoder",
    explanation="The words of the source mix with its padding, and a sentence means something else "
    "in a batch of longer ones.",
    hint="If one more padding is put behind the source, may its encoding change?",
)
class Transformer(transformer.Transformer):
    def encode(self, source):
        return self.encoder(self._embed(source))


@EXERCISE.misconception(
    "decoder-sees-source-padding",
    title="no mask of the source in the decoder",
    explanation="Straight from the encoder, `encoded` carries a mask that Keras fills in itself. "
    "One that was kept or came from elsewhere has none, and its padding is read like words.",
    hint="What does `decode` know of padding if `encoded` is a plain array?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        mask = combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1]))
        x = self.decoder(self._embed(target), encoded, attention_mask=mask)
        return ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "source-mask-of-the-target",
    title="the target's padding taken for that of the source",
    explanation="The keys of cross-attention are positions of the source. A mask of the target has "
    "another length, or fits by accident and hides the wrong ones.",
    hint="Whose positions are the keys of cross-attention?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        padding = padding_mask(target)
        mask = combine_masks(padding, causal_mask(ops.shape(target)[1]))
        x = self.decoder(self._embed(target), encoded, attention_mask=mask, source_mask=padding)
        return ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "causal-encoder",
    title="a causal mask in the encoder",
    explanation="The source is complete before anything is written. Read from left to right only, "
    "its first word never learns what follows: “the” has no noun.",
    hint="Is there anything in the source that its first word must not know?",
)
class Transformer(transformer.Transformer):
    def encode(self, source):
        mask = combine_masks(padding_mask(source), causal_mask(ops.shape(source)[1]))
        return self.encoder(self._embed(source), attention_mask=mask)


@EXERCISE.misconception(
    "mask-added",
    title="masks joined by or",
    explanation="Then it is enough that one of them allows something: the future as long as it is "
    "a word, and padding as long as it is past.",
    hint="Which mask should decide where only one of the two says no?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=ops.logical_or(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "length-must-be-known",
    title="a length read before there is one",
    explanation="In `fit` Keras may trace the model once for all lengths. `target.shape[1]` is "
    "None then; `ops.shape(target)[1]` is the length of the run.",
    hint="What is `target.shape[1]` in a model made for any length?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(target.shape[1])),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))
