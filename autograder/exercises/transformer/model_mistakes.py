"""Mistakes of `transformer.model` in what goes where."""

from keras import ops

from autograder.exercises.transformer.model import EXERCISE
from solutions import transformer
from solutions.masking import causal_mask, combine_masks, padding_mask


@EXERCISE.misconception(
    "output-scaled",
    title="the output multiplied by √d_model, too",
    explanation="The factor belongs to the input. At the output it makes all logits √d_model times "
    "as large, and the untrained model is sure of itself before it has seen a word.",
    hint="What is the expected loss of a model that has learned nothing, with V tokens?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        scale = self.embedding.d_model**0.5
        return scale * ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "probabilities-returned",
    title="softmax inside the model",
    explanation="The loss of lesson 8 applies softmax itself, to logits. Twice applied, nothing "
    "can come near 0 or 1, and the loss stops far above what is possible.",
    hint="Should the outputs of one position sum to one?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        return ops.softmax(ops.matmul(x, ops.transpose(self.embedding.table)))


@EXERCISE.misconception(
    "table-copied",
    title="a copy of the table at the output",
    explanation="The numbers are right and no gradient comes back through them: the table learns "
    "as an input only. Where values are not there yet, as in `fit`, it fails.",
    hint="Is what you multiply by the weight itself, or what it held a moment ago?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, self.embedding.get_weights()[0].T)


@EXERCISE.misconception(
    "last-position-only",
    title="logits of the last position only",
    explanation="That is what decoding looks at. In training every position of the target predicts "
    "its next word, all at once, and so all of them are wanted.",
    hint="For a target of T words, how many predictions are there?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self._embed(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x[:, -1], ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "target-shifted-inside",
    title="the last word of the target cut off inside",
    explanation="The shift between input and labels is made once, where batches are made "
    "(lesson 8). Made again in the model, it predicts two words ahead.",
    hint="How many positions go in, and how many come out?",
)
class Transformer(transformer.Transformer):
    def call(self, inputs):
        source, target = inputs["source"], inputs["target"]
        return self.decode(target[:, :-1], self.encode(source), source)


@EXERCISE.misconception(
    "source-and-target-exchanged",
    title="the target read and the source written",
    explanation="The model then learns to translate the other way round, and its future lies open "
    "in front of the encoder.",
    hint="Which of the two does the encoder read?",
)
class Transformer(transformer.Transformer):
    def call(self, inputs):
        source, target = inputs["source"], inputs["target"]
        return self.decode(source, self.encode(target), target)


@EXERCISE.misconception(
    "encoder-skipped",
    title="the decoder shown the embedded source",
    explanation="Cross-attention should read what the encoder made of the source. Shown its "
    "embeddings, it reads single words, and the encoder never learns.",
    hint="Which weights of your model get no gradient?",
)
class Transformer(transformer.Transformer):
    def call(self, inputs):
        source, target = inputs["source"], inputs["target"]
        return self.decode(target, self._embed(source), source)


@EXERCISE.misconception(
    "target-without-positions",
    title="no positions in the decoder",
    explanation="Both sequences need their order. Without it the decoder knows which words it has "
    "written, and not in which order.",
    hint="What does the decoder know of the order of its words?",
)
class Transformer(transformer.Transformer):
    def decode(self, target, encoded, source):
        x = self.decoder(
            self.embedding(target),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))


@EXERCISE.misconception(
    "embedding-scaled-twice",
    title="√d_model multiplied in twice",
    explanation="The embedding layer of lesson 1 has done it. Twice, words drown their positions.",
    hint="What does your embedding layer return: rows of the table, or something larger?",
)
class Transformer(transformer.Transformer):
    def encode(self, source):
        x = self.embedding.d_model**0.5 * self.embedding(source)
        return self.encoder(self.position(x), attention_mask=padding_mask(source))

    def decode(self, target, encoded, source):
        x = self.embedding.d_model**0.5 * self.embedding(target)
        x = self.decoder(
            self.position(x),
            encoded,
            attention_mask=combine_masks(padding_mask(target), causal_mask(ops.shape(target)[1])),
            source_mask=padding_mask(source),
        )
        return ops.matmul(x, ops.transpose(self.embedding.table))
