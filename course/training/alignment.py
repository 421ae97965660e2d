"""What each written character looked at in the source: the weights of cross-attention."""

from dataclasses import dataclass

import numpy as np

from course.training.crossing import weights_by_block
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
    stacked = np.stack(weights_by_block(model, sources, written), axis=1)  # (B, layers, H, T, S)
    return [
        Alignment(source, answer, target, rows[:, :, : len(answer) + 1, : len(source)])
        for source, answer, target, rows in zip(
            pairs.sources, answers, pairs.targets, stacked, strict=True
        )
    ]
