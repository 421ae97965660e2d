"""Lesson 09, decoding: from a model's distributions to a text, by choice, by chance, by search.

Shapes throughout: `B` batch, `T` tokens written so far, `V` tokens of the vocabulary; `...` is any
number of leading axes, such as a batch. Id 0 is PAD, 1 is START, 2 is END. A model here is any
callable that gives logits `(B, T, V)` for ids `(B, T)`: row t of them scores what follows token t.
"""

from keras import ops

from solutions.embedding import END, PAD


def greedy_decode(model, start, max_length):
    """Write on with the likeliest token, again and again, until every row has ended.

    Args: model: callable from ids `(B, T)` to logits `(B, T, V)`.
        start: `(B, T)` integers, what is there already, such as a column of START; no END in it.
        max_length: int, at most this many tokens are written.
    Returns: `(B, T + L)` int32: `start`, and behind it what was written. L is the length of the
        longest row that was written, its END included; shorter rows have PAD behind END.
    Raises: ValueError if `start` has not two axes, or no column.

    >>> table = ops.one_hot([0, 4, 0, 2, 3], 5)  # after START comes 4, then 3, then END
    >>> print(ops.convert_to_numpy(greedy_decode(lambda ids: ops.take(table, ids, axis=0),
    ...                                          start=ops.array([[1], [3]]), max_length=9)))
    [[1 4 3 2]
     [3 2 0 0]]
    """
    if len(start.shape) != 2 or start.shape[1] == 0:
        raise ValueError(
            f"`start` must have shape (B, T), T of at least 1. Received: shape {tuple(start.shape)}"
        )
    ids = ops.cast(start, "int32")
    ended = ops.zeros(ids.shape[:1], "bool")
    for _ in range(max_length):
        best = ops.cast(ops.argmax(model(ids)[:, -1], axis=-1), "int32")  # (B,)
        best = ops.where(ended, PAD, best)
        ids = ops.concatenate([ids, best[:, None]], axis=1)
        ended = ops.logical_or(ended, best == END)
        if ops.all(ended):
            break
    return ids


def with_temperature(logits, temperature=1.0):
    """Make a distribution of logits, sharper or flatter: softmax(logits / temperature).

    Args: logits: `(..., V)` float.
        temperature: float, from 0. Below 1 the likely become likelier, above 1 less so; at 0 the
            likeliest token has it all.
    Returns: `(..., V)` float32, sums to one over the last axis.
    Raises: ValueError if `temperature` is negative.
    Reference: Ackley, Hinton and Sejnowski 1985, section 2, for the name.

    >>> logits = ops.log(ops.array([0.5, 0.25, 0.25]))
    >>> print(ops.convert_to_numpy(with_temperature(logits, 0.5)).round(4))
    [0.6667 0.1667 0.1667]
    """
    if temperature < 0:
        raise ValueError(f"`temperature` must not be negative. Received: {temperature}")
    logits = ops.cast(logits, "float32")
    if temperature == 0:
        return ops.one_hot(ops.argmax(logits, axis=-1), logits.shape[-1], dtype="float32")
    return ops.softmax(logits / temperature, axis=-1)


def pick_tokens(probabilities, uniform):
    """Turn one uniform random number a row into a token, each as often as its probability says.

    token = the first v with p_0 + … + p_v > uniform

    Args: probabilities: `(..., V)` float, sums to one over the last axis.
        uniform: `(...)` float, each in [0, 1).
    Returns: `(...)` int32 ids. A token of probability 0 is never picked.
    Reference: Devroye 1986, "Non-Uniform Random Variate Generation", section III.2.1.

    >>> probabilities = ops.array([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])
    >>> print(ops.convert_to_numpy(pick_tokens(probabilities, ops.array([0.6, 0.75]))))
    [1 2]
    """
    sums = ops.cumsum(ops.cast(probabilities, "float32"), axis=-1)  # (..., V)
    reach = (
        ops.cast(uniform, "float32")[..., None] * sums[..., -1:]
    )  # the last is 1 but for rounding
    tokens = ops.sum(ops.cast(sums <= reach, "int32"), axis=-1)
    return ops.minimum(tokens, probabilities.shape[-1] - 1)


def keep_top_k(probabilities, k):
    """Keep the k likeliest tokens, and share out among them what the others had.

    Args: probabilities: `(..., V)` float.
        k: int, at least 1. Of equally likely tokens those with the lower ids are kept.
    Returns: `(..., V)` float32, sums to one; at most k entries are above 0.
    Raises: ValueError if `k` is below 1.
    Reference: Fan, Lewis and Dauphin 2018, "Hierarchical Neural Story Generation", section 5.4.

    >>> print(ops.convert_to_numpy(keep_top_k(ops.array([0.125, 0.5, 0.125, 0.25]), k=2)).round(4))
    [0.     0.6667 0.     0.3333]
    """
    if k < 1:
        raise ValueError(f"`k` must be at least 1. Received: k={k}")
    probabilities = ops.cast(probabilities, "float32")
    order = ops.argsort(-probabilities, axis=-1)  # the likeliest first; equal ones as they stand
    ranks = ops.argsort(order, axis=-1)
    kept = ops.where(ranks < k, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


def keep_nucleus(probabilities, p):
    """Keep the smallest set of likeliest tokens whose probabilities reach p; share out the rest.

    Args: probabilities: `(..., V)` float, sums to one over the last axis.
        p: float, in (0, 1]. The token with which the sum reaches p is kept, too.
    Returns: `(..., V)` float32, sums to one; at least one entry is above 0.
    Raises: ValueError if `p` is not in (0, 1].
    Reference: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.1.

    >>> probabilities = ops.array([0.125, 0.5, 0.125, 0.25])
    >>> print(ops.convert_to_numpy(keep_nucleus(probabilities, p=0.6)).round(4))
    [0.     0.6667 0.     0.3333]
    """
    if not 0 < p <= 1:
        raise ValueError(f"`p` must be in (0, 1]. Received: p={p}")
    probabilities = ops.cast(probabilities, "float32")
    if p == 1:
        return probabilities  # the sums of rounded numbers may reach 1 too early
    order = ops.argsort(-probabilities, axis=-1)  # the likeliest first
    ordered = ops.take_along_axis(probabilities, order, axis=-1)
    before = ops.cumsum(ordered, axis=-1) - ordered  # what the likelier ones have together
    before = ops.take_along_axis(before, ops.argsort(order, axis=-1), axis=-1)  # by id again
    kept = ops.where(before < p, probabilities, 0.0)
    return kept / ops.sum(kept, axis=-1, keepdims=True)


def beam_search(model, start, beam_width, max_length, alpha=0.6):
    """Follow several beginnings at once, and return the text with the best score of those found.

    score = log p(text) / ((5 + L) / 6)^alpha, L the number of tokens written, END included

    In each step every unfinished beginning is continued by every token, and of all continuations
    the `beam_width` likeliest are kept. Those that end in END are finished: nothing is written
    behind it. What is not finished after `max_length` tokens is scored as it is.

    Args: model: callable from ids `(N, T)` to logits `(N, T, V)`, one row a beginning.
        start: list of ints, what is there already, such as START alone.
        beam_width: int, how many beginnings are kept.    max_length: int, tokens to write at most.
        alpha: float, from 0, how strongly longer texts are favoured.
    Returns: `(tokens, score)`: a list of ints without `start`, and a float.
    Raises: ValueError if a width or length is below 1, or `start` is empty.
    Reference: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14, for the
        penalty; Sutskever, Vinyals and Le 2014, section 3.2, for beams that are finished.

    >>> chances = ops.array([[1, 0, 0, 0, 0], [0, 0, 0, 5, 4], [1, 0, 0, 0, 0],
    ...                      [0, 0, 4, 3, 3], [0, 0, 9, 1, 0]])  # after START: 3, or 4
    >>> def model(ids):
    ...     return ops.take(ops.log(chances), ids, axis=0)
    >>> for width in (1, 2):
    ...     print(beam_search(model, start=[1], beam_width=width, max_length=2, alpha=0.0)[0])
    [3, 2]
    [4, 2]
    """
    if min(beam_width, max_length, len(start)) < 1:
        raise ValueError(
            "`beam_width`, `max_length` and the length of `start` must be at least 1. Received: "
            f"{beam_width}, {max_length}, {len(start)}"
        )
    beams, finished = [(list(start), 0.0)], []
    for length in range(1, max_length + 1):
        penalty = ((5 + length) / 6) ** alpha
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        log_p = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)  # (N, V)
        sums = log_p + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        found = [
            (beams[place // size][0] + [place % size], log)
            for place, log in zip(map(int, places), map(float, best), strict=True)
        ]
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        done = found if length == max_length else [pair for pair in found if pair[0][-1] == END]
        finished += [(log / penalty, ids[len(start) :]) for ids, log in done]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score
