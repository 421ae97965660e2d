"""Lesson 00, start here: shares of a table, the one step that every later lesson comes back to.

Shapes: `T` rows, `S` columns; `...` is any number of leading axes, such as a batch. Rows are
queries and columns are keys.
"""

from keras import ops


def normalize_rows(table):
    """Turn each row of a table into shares: divide it by its sum.

    shares_ts = table_ts / Σ_s table_ts

    Args: table: `(..., T, S)` float, all entries positive.
    Returns: the shape of `table`; each row sums to one.

    >>> print(ops.convert_to_numpy(normalize_rows(ops.array([[6.0, 2.0, 2.0], [1.0, 1.0, 2.0]]))))
    [[0.6  0.2  0.2 ]
     [0.25 0.25 0.5 ]]
    """
    return table / ops.sum(table, axis=-1, keepdims=True)
