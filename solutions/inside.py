"""Lesson 11, looking inside: what a head looks at, and what the model loses without it.

Shapes throughout: `B` batch, `H` heads, `T` positions, `d` features of a head, `d_model` of the
model.
Reference: Olsson et al. 2022, "In-context Learning and Induction Heads".
"""

from keras import ops


def induction_score(weights):
    """Say of each head how much it looks at the token after the previous occurrence of its own.

    The second half of the sequence repeats the first, so that with N = T / 2 the token of position
    t ≥ N stood at t − N before, and what came after it at t − N + 1.

    Args: weights: `(B, H, T, T)` float, rows are queries and columns are keys; T is even.
    Returns: `(H,)`, the mean of weights[b, h, t, t − N + 1] over b and over t from N to T − 1.
    Raises: ValueError if `weights` has not such a shape.
    Reference: Olsson et al. 2022, who call it the prefix matching score.

    >>> row = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0.75, 0.25, 0], [0, 0, 0.25, 0.75]]
    >>> print(ops.convert_to_numpy(induction_score(ops.array([[row]]))))
    [0.5]
    """
    *leading, queries, length = (0, 0, *weights.shape)
    if len(leading) != 4 or queries != length or not length or length % 2:
        raise ValueError(
            "`weights` must have shape (B, H, T, T) with an even T. "
            f"Received: shape {tuple(weights.shape)}"
        )
    half = length // 2
    queries = weights[:, :, half:, 1 : half + 1]  # from N to T − 1; keys from 1 to N
    on_the_token_after = ops.diagonal(queries, axis1=-2, axis2=-1)  # (B, H, N)
    return ops.mean(on_the_token_after, axis=(0, 2))


def ablate_head(attended, output_kernel, head, mean=False):
    """Return the output of multi-head attention without what one head adds.

    output = Σ_h head_h W_O^h, in which one head_h is replaced by 0 or by its mean.

    Args: attended: `(B, H, T, d)` float, what each head found, before heads are merged.
        output_kernel: `(H·d, d_model)` float, W_O; head h owns the rows h·d to (h+1)·d − 1.
        head: int, the number of the head, from 0.
        mean: bool, False replaces what the head found by 0, True by its mean over the whole batch
            and all positions.
    Returns: `(B, T, d_model)`.
    Raises: ValueError if `attended` and `output_kernel` do not fit, or there is no such head.
    Reference: Michel, Levy and Neubig 2019 for 0; Wang et al. 2022 for the mean.

    >>> attended, kernel = ops.array([[[[1.0], [3.0]], [[5.0], [5.0]]]]), ops.ones((2, 1))
    >>> print(ops.convert_to_numpy(ablate_head(attended, kernel, head=0))[0].T)
    [[5. 5.]]
    >>> print(ops.convert_to_numpy(ablate_head(attended, kernel, head=0, mean=True))[0].T)
    [[7. 7.]]
    """
    if len(attended.shape) != 4 or output_kernel.shape[0] != attended.shape[1] * attended.shape[3]:
        raise ValueError(
            "`attended` must have shape (B, H, T, d) and `output_kernel` (H·d, d_model). "
            f"Received: shapes {tuple(attended.shape)} and {tuple(output_kernel.shape)}"
        )
    if not 0 <= head < attended.shape[1]:
        raise ValueError(f"`head` must be one of 0 to {attended.shape[1] - 1}. Received: {head}")
    ablated = ops.reshape(ops.arange(attended.shape[1]) == head, (1, -1, 1, 1))  # (1, H, 1, 1)
    average = ops.mean(attended, axis=(0, 2), keepdims=True)  # (1, H, 1, d)
    rest = ops.where(ablated, average if mean else 0.0, attended)
    kernels = ops.reshape(output_kernel, (*attended.shape[1::2], -1))  # (H, d, d_model)
    return ops.einsum("bhtd,hdm->btm", rest, kernels)
