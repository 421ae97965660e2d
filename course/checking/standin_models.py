"""What stands in for a trained model where an exercise is handed one: callables, and no layers."""

import numpy as np
from keras import ops

from course.checking.standin_layers import Affine


class TableModel:
    """A language model that is a table: what follows depends on the tokens so far, the last most.

    logits[b, t] = Σ_{s ≤ t} memory^(t − s) · table[ids[b, s]]

    Args: table: `(V, V)`, a row of logits for each token; or `(B, V, V)`, a table for each row, as
            if each had a source of its own.
        memory: float in [0, 1], what a token counts one place later, beside 1 for the last one.
    Call arguments: ids: `(B, T)` integers.    Returns: `(B, T, V)` float32.
    """

    def __init__(self, table, memory=0.0):
        self.table, self.memory = np.asarray(table, "float32"), float(memory)

    def __call__(self, ids):
        ids = ops.convert_to_numpy(ids)  # in NumPy: every length is another program to a backend
        rows, length = ids.shape
        if self.table.ndim == 3 and rows != len(self.table):
            raise ValueError(f"`ids` must have {len(self.table)} rows. Received: {rows}")
        ago = np.arange(length)[:, None] - np.arange(length)[None, :]  # (T, T)
        shares = np.where(ago >= 0, self.memory ** np.maximum(ago, 0), 0.0)
        own = (np.arange(rows)[:, None],) if self.table.ndim == 3 else ()
        logits = shares @ self.table[(*own, ids)]  # (B, T, V)
        return ops.convert_to_tensor(logits, "float32")


class AttentionParts:
    """The four matrices of a multi-head attention by their names, and no way to call it.

    Args: query, key, value, output: matrices, as the kernels of `Dense` layers without bias.
        num_heads: int.
    Attributes: `query_projection`, `key_projection`, `value_projection`, `output_projection`,
        which are layers, and `num_heads`.
    """

    def __init__(self, query, key, value, output, num_heads):
        self.query_projection, self.key_projection = Affine(query), Affine(key)
        self.value_projection, self.output_projection = Affine(value), Affine(output)
        self.num_heads = num_heads
