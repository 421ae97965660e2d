"""Lesson 08, training: what is fed, what is asked, what is measured, and how fast to step.

Shapes throughout: `B` batch, `S` positions of a source, `T` of a target, `V` tokens in the
vocabulary. Id 0 is padding, PAD; a target starts with START and ends with END.
"""

import random
from itertools import combinations

import keras
from keras import ops

from solutions.embedding import PAD


def shift_targets(ids):
    """Split padded targets into what the decoder is fed and what it has to answer.

    inputs[:, t] = ids[:, t],  labels[:, t] = ids[:, t + 1]

    Args: ids: `(B, T)` integers, each row START, tokens, END, then padding.
    Returns: the pair `(inputs, labels)`, both `(B, T − 1)`.
    Raises: ValueError if `ids` has not two axes, or fewer than two columns.
    Reference: Williams and Zipser 1989, "teacher forcing".

    >>> inputs, labels = shift_targets(ops.array([[1, 7, 8, 2, 0]]))
    >>> print(ops.convert_to_numpy(inputs), ops.convert_to_numpy(labels))
    [[1 7 8 2]] [[7 8 2 0]]
    """
    if len(ids.shape) != 2 or (ids.shape[1] is not None and ids.shape[1] < 2):
        raise ValueError(
            f"`ids` must have shape (B, T) with T of at least 2. Received: shape {tuple(ids.shape)}"
        )
    return ids[:, :-1], ids[:, 1:]


def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    """Average the cross-entropy with smoothed labels over all tokens that are not padding.

    loss of a token = − Σ_v q_v log p_v,  p = softmax(logits),  q = (1 − ε) onehot(label) + ε / V

    Args: labels: `(..., T)` whole numbers, of any dtype: Keras hands labels over as floats.
        logits: `(..., T, V)` float.
        smoothing: float, ε, in [0, 1).
    Returns: a float32 scalar; 0 where there is no token but padding.
    Raises: ValueError if `logits` has not one axis more than `labels`, or ε is out of range.
    Reference: Szegedy et al. 2016, section 7; Vaswani et al. 2017, section 5.4, with ε = 0.1.

    >>> loss = smoothed_cross_entropy(ops.array([[5, 2, 0]]), ops.zeros((1, 3, 8)))
    >>> print(round(float(loss), 4))  # ln 8
    2.0794
    """
    if len(logits.shape) != len(labels.shape) + 1:
        raise ValueError(
            "`logits` must have the axes of `labels` and one for the vocabulary. Received: "
            f"labels of shape {tuple(labels.shape)}, logits of shape {tuple(logits.shape)}"
        )
    if not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be in [0, 1). Received: {smoothing}")
    labels = ops.cast(labels, "int32")
    log_p = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)  # (..., T, V)
    of_label = ops.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0]  # (..., T)
    losses = -(1 - smoothing) * of_label - smoothing * ops.mean(log_p, axis=-1)
    real = ops.cast(labels != PAD, "float32")
    return ops.sum(losses * real) / ops.maximum(ops.sum(real), 1.0)


class TokenAccuracy(keras.metrics.Metric):
    """Share of tokens, padding left out, for which the highest logit is that of the label.

    Counts over all batches since the last reset, so that a token weighs the same in each of them.

    Shapes: `B` batch, `T` positions, `V` tokens in the vocabulary.
    Call arguments of `update_state`: labels: `(B, T)` integers.    logits: `(B, T, V)` float.
        sample_weight: not used; Keras passes it.
    Returns: `result()` is a scalar in [0, 1]; 0 before the first token.
    Attributes: `right` and `total`, weights that count tokens.

    >>> accuracy = TokenAccuracy()
    >>> accuracy.update_state(ops.array([[2, 1, 0]]), ops.eye(3)[None])
    >>> float(accuracy.result())
    0.5
    """

    def __init__(self, name="token_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.right = self.add_weight(name="right", initializer="zeros")
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int32")
        real = labels != PAD
        right = ops.cast(ops.argmax(logits, axis=-1), "int32") == labels
        self.right.assign_add(ops.sum(ops.cast(right & real, self.right.dtype)))
        self.total.assign_add(ops.sum(ops.cast(real, self.total.dtype)))

    def result(self):
        return self.right / ops.maximum(self.total, 1.0)


@keras.saving.register_keras_serializable(package="transformer_course")
class WarmUpSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Raise the learning rate in a straight line, then let it fall with the root of the update.

    rate = d_model^−0.5 · min(s^−0.5, s · w^−1.5),  s = 1 at the first update

    Args: d_model: int, width `d_model` of the model.
        warmup_steps: int, `w`, the update at which the rate is highest.
    Call arguments: step: scalar, number of updates before this one: Keras counts from 0.
    Returns: the learning rate, a float32 scalar.
    Raises: ValueError if an argument is not positive.
    Reference: Vaswani et al. 2017, section 5.3.

    >>> print(f"{float(WarmUpSchedule(d_model=512)(0)):.5e}")
    1.74693e-07
    """

    def __init__(self, d_model, warmup_steps=4000):
        if d_model < 1 or warmup_steps < 1:
            raise ValueError(
                f"`d_model` and `warmup_steps` must be positive. Received: d_model={d_model}, "
                f"warmup_steps={warmup_steps}"
            )
        self.d_model = d_model
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        s = ops.cast(step, "float32") + 1.0
        return self.d_model**-0.5 * ops.minimum(s**-0.5, s * self.warmup_steps**-1.5)

    def get_config(self):
        return {"d_model": self.d_model, "warmup_steps": self.warmup_steps}


class PairBatches(keras.utils.PyDataset):
    """Batches of source and target of about one length, drawn anew for each epoch.

    batches[i] = {"source": (B, S), "target": (B, T − 1)}, labels (B, T − 1)

    A pair is padded behind, its source and its target each up to the next multiple of
    `bucket_width`. Pairs that get the same two lengths are one bucket, and a batch is filled from
    one bucket only; the last batch of a bucket has what is left.

    Args: sources, targets: lists of lists of ids, one of each for each pair; a target starts with
            START and ends with END.
        batch_size: int, pairs in a batch at most.
        bucket_width: int, what lengths are multiples of.
        seed: int; the same seed gives the same batches in each epoch.
        kwargs: of `keras.utils.PyDataset`.
    Raises: ValueError if there are no pairs, not as many sources as targets, or a size below 1.
    """

    def __init__(self, sources, targets, batch_size, bucket_width=8, seed=0, **kwargs):
        super().__init__(**kwargs)
        if not 0 < len(sources) == len(targets):
            raise ValueError(
                "There must be one target for each source, and one pair at least. "
                f"Received: {len(sources)} sources, {len(targets)} targets"
            )
        if batch_size < 1 or bucket_width < 1:
            raise ValueError(
                f"Sizes must be positive. Received: batch_size={batch_size}, "
                f"bucket_width={bucket_width}"
            )
        self.sources, self.targets = sources, targets
        self.batch_size, self.bucket_width = batch_size, bucket_width
        self.random = random.Random(seed)
        self.on_epoch_end()

    def lengths(self, row):
        """Return the two lengths to which the source and the target of a pair are padded."""
        pair = len(self.sources[row]), len(self.targets[row])
        return tuple(-(-length // self.bucket_width) * self.bucket_width for length in pair)

    def draw_batches(self):
        """Return the batches of an epoch: lists of row numbers, in which each row occurs once."""
        rows = list(range(len(self.sources)))
        self.random.shuffle(rows)
        buckets = {}
        for row in rows:
            buckets.setdefault(self.lengths(row), []).append(row)
        batches = [
            bucket[start : start + self.batch_size]
            for bucket in buckets.values()
            for start in range(0, len(bucket), self.batch_size)
        ]
        self.random.shuffle(batches)
        return batches

    def __getitem__(self, index):
        """Return one batch: the arrays for the model, and the labels."""
        rows = self.batches[index]
        source, target = (
            keras.utils.pad_sequences([ids[row] for row in rows], length, padding="post", value=PAD)
            for ids, length in zip((self.sources, self.targets), self.lengths(rows[0]), strict=True)
        )
        inputs, labels = shift_targets(target)
        return {"source": source, "target": inputs}, labels

    def __len__(self):
        return len(self.batches)

    def on_epoch_end(self):
        """Draw the batches of the next epoch; Keras calls this before the first and after each.

        On TensorFlow, Keras takes a length that the first two batches share for the length of all
        others. So two that share none, if there are such, come first.
        """
        batches = self.draw_batches()
        of_lengths = {self.lengths(rows[0]): rows for rows in batches}
        both = [
            [of_lengths[one], of_lengths[other]]
            for one, other in combinations(of_lengths, 2)
            if one[0] != other[0] and one[1] != other[1]
        ]
        front = both[0] if both else [*of_lengths.values()][:2]
        self.batches = front + [rows for rows in batches if rows not in front]


def fit(model, batches, budget, callbacks=()):
    """Compile a model with this lesson's loss and metric, and train it.

    Adam with β = (0.9, 0.98) and ε = 1e-9. Its rate rises in a straight line to `peak_rate`, then
    falls along a cosine to 0: a training of a thousand steps ends too soon for 1/√s to fall far.

    Args: model: a built `Transformer`.    batches: a `PyDataset`, such as `PairBatches`.
        budget: what says how long: `steps` in all, `warmup_steps` of them to reach `peak_rate`,
            `round_steps` in one of `rounds` epochs.
        callbacks: of Keras.
    Returns: the `keras.callbacks.History`.
    Reference: Vaswani et al. 2017, section 5.3; Loshchilov and Hutter 2017, equation 5.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=budget.steps - budget.warmup_steps,
        warmup_target=budget.peak_rate,
        warmup_steps=budget.warmup_steps,
    )
    optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.98, epsilon=1e-9)
    model.compile(optimizer, loss=smoothed_cross_entropy, metrics=[TokenAccuracy()])
    return model.fit(
        batches,
        epochs=budget.rounds,
        steps_per_epoch=budget.round_steps,
        callbacks=list(callbacks),
        verbose=0,
    )
