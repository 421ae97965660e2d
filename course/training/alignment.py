"""What each written character looked at in the source: the weights of cross-attention."""

from dataclasses import dataclass

import numpy as np
from keras import ops

from course.training.exam import Exam


@dataclass(frozen=True)
class Alignment:
    """One text and what was written for it.

    source: str.    written: str, what the model wrote by itself.    target: str, the right answer.
    weights: `(layers, H, T, S)` of the cross-attention; row t belongs to character t of `written`,
        the last one to END; column s to character s of `source`.
    """

    source: str
    written: str
    target: str
    weights: np.ndarray

    @property
    def mean(self):
        """The weights averaged over layers and heads, `(T, S)`."""
        return self.weights.mean(axis=(0, 1))


def align(model, task, pairs):
    """Let a model write the targets of some pairs; return an `Alignment` for each.

    model: a trained `Transformer` whose layers are those of lessons 05 to 07.
    task, pairs: a `Task` and some of its `Pairs`.
    """
    answers = Exam(model, task).answers(pairs)
    written = task.targets(type(pairs)(pairs.sources, answers))[:, :-1]
    sources = task.sources(pairs)
    tables = [
        ops.convert_to_numpy(weights)  # (B, H, T, S)
        for weights in _cross_weights(model, {"source": sources, "target": written})
    ]
    stacked = np.stack(tables, axis=1)  # (B, layers, H, T, S)
    return [
        Alignment(source, answer, target, rows[:, :, : len(answer) + 1, : len(source)])
        for source, answer, target, rows in zip(
            pairs.sources, answers, pairs.targets, stacked, strict=True
        )
    ]


def _cross_weights(model, inputs):
    """The weights of each block's cross-attention in one call of the model."""
    layers = [block.cross_attention.attention for block in model.decoder.blocks]
    kept = []

    def keeping(call):
        def kept_call(query, value, attention_mask=None):
            output, weights = call(query, value, attention_mask, return_weights=True)
            kept.append(weights)
            return output

        return kept_call

    calls = [layer.call for layer in layers]
    try:
        for layer, call in zip(layers, calls, strict=True):
            layer.call = keeping(call)
        model({name: ops.convert_to_tensor(ids) for name, ids in inputs.items()})
    finally:
        for layer in layers:
            del layer.call  # what the class has is there again
    return kept
