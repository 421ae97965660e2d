"""Lesson 08: its mistakes in other people's words."""

LOSS = """
def smoothed_cross_entropy(labels, logits, smoothing=0.1):
    V = logits.shape[-1]
    y = ops.one_hot(ops.cast(labels, "int32"), V)
    keep = ops.cast(ops.not_equal(ops.cast(labels, "int32"), 0), "float32")
    {logs}
    {target}
    per_token = -ops.einsum("...v,...v->...", target, logs)
    {mean}
"""
RIGHT_LOSS = {
    "logs": "logs = logits - ops.logsumexp(logits, axis=-1, keepdims=True)",
    "target": "target = y * (1 - smoothing) + smoothing / V",
    "mean": "return ops.sum(per_token * keep) / ops.maximum(1.0, ops.sum(keep))",
}

ACCURACY = """
class TokenAccuracy(keras.metrics.Metric):
    def __init__(self, name="token_accuracy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.right = self.add_weight(name="right", initializer="zeros")
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, labels, logits, sample_weight=None):
        labels = ops.cast(labels, "int64")
        guess = ops.cast(ops.argmax(logits, -1), "int64")
        hit = ops.cast(ops.equal(guess, labels), "float32")
        keep = ops.cast(ops.not_equal({decides}, 0), "float32")
        {count}

    def result(self):
        {result}
"""
RIGHT_ACCURACY = {
    "decides": "labels",
    "count": """self.right.assign_add(ops.sum(hit * keep))
        self.total.assign_add(ops.sum(keep))""",
    "result": "return ops.where(self.total == 0, 0.0, self.right / self.total)",
}

SCHEDULE = """
class WarmUpSchedule(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d_model, warmup_steps=4000):
        self.d_model = d_model
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        {body}

    def get_config(self):
        return dict(d_model=self.d_model, warmup_steps=self.warmup_steps)
"""

BATCHES = """
class PairBatches(keras.utils.PyDataset):
    def __init__(self, sources, targets, batch_size, bucket_width=8, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.sources, self.targets = sources, targets
        self.batch_size, self.bucket_width = batch_size, bucket_width
        self.random = random.Random(seed)
        self.on_epoch_end()

    def lengths(self, row):
        {lengths}

    def draw_batches(self):
        {rows}
        kinds = sorted(set(self.lengths(row) for row in rows))
        batches = []
        for kind in kinds:
            these = [row for row in rows if self.lengths(row) == kind]
            {cut}
        {end}

    def __getitem__(self, index):
        rows = self.batches[index]
        S, T = self.lengths(rows[0])
        {fill}

    def __len__(self):
        return len(self.batches)

    def on_epoch_end(self):
        self.batches = self.draw_batches()
"""
RIGHT_BATCHES = {
    "lengths": """w = self.bucket_width
        return tuple((len(ids[row]) + w - 1) // w * w for ids in (self.sources, self.targets))""",
    "rows": "rows = self.random.sample(range(len(self.sources)), k=len(self.sources))",
    "cut": """for first in range(0, len(these), self.batch_size):
                batches.append(these[first:first + self.batch_size])""",
    "end": """self.random.shuffle(batches)
        return batches""",
    "fill": """src = np.zeros((len(rows), S), "int32")
        tgt = np.zeros((len(rows), T), "int32")
        for i, row in enumerate(rows):
            src[i, :len(self.sources[row])] = self.sources[row]
            tgt[i, :len(self.targets[row])] = self.targets[row]
        return {"source": src, "target": tgt[:, :-1]}, tgt[:, 1:]""",
}


def written(template, right, **parts):
    """A template with some parts written otherwise than right."""
    for name, text in {**right, **parts}.items():
        template = template.replace(f"{{{name}}}", text)
    return template


def loss(**parts):
    return written(LOSS, RIGHT_LOSS, **parts)


def accuracy(**parts):
    return written(ACCURACY, RIGHT_ACCURACY, **parts)


def schedule(body):
    return written(SCHEDULE, {}, body=body)


def batches(**parts):
    return written(BATCHES, RIGHT_BATCHES, **parts)


STRANGERS = {
    ("training.shift", "labels-not-shifted"): """
def shift_targets(ids):
    inputs = ids[:, 0 : ids.shape[1] - 1]
    labels = inputs
    return inputs, labels
""",
    ("training.shift", "shifted-backwards"): """
def shift_targets(ids):
    labels, inputs = ids[:, : ids.shape[1] - 1], ids[:, 1:]
    return inputs, labels
""",
    ("training.shift", "rolled-round"): """
def shift_targets(ids):
    return ids, ops.concatenate([ids[:, 1:], ids[:, :1]], axis=1)
""",
    ("training.shift", "second-start"): """
def shift_targets(ids):
    inputs = ops.pad(ids[:, :-1], [[0, 0], [1, 0]], constant_values=1)
    return inputs, ids
""",
    ("training.loss", "padding-counted"): loss(mean="return ops.mean(per_token)"),
    ("training.loss", "divided-by-all-places"): loss(
        mean='return ops.sum(per_token * keep) / ops.cast(ops.size(keep), "float32")'
    ),
    ("training.loss", "mean-of-row-means"): loss(
        mean="return ops.mean(ops.sum(per_token * keep, -1) / (ops.sum(keep, -1) + 1e-9))"
    ),
    ("training.loss", "divided-by-the-batch"): loss(
        mean="return ops.mean(ops.sum(per_token * keep, axis=1))"
    ),
    ("training.loss", "zero-by-zero"): loss(
        mean="return ops.sum(per_token * keep) / ops.sum(keep)"
    ),
    ("training.loss", "smoothing-left-out"): loss(target="target = y"),
    ("training.loss", "smoothing-on-the-others-only"): loss(
        target="target = ops.where(y > 0, 1 - smoothing, smoothing / (V - 1))"
    ),
    ("training.loss", "smoothing-added-on-top"): loss(target="target = y + smoothing / V"),
    ("training.loss", "log-of-softmax"): loss(
        logs="logs = ops.log(keras.activations.softmax(logits))"
    ),
    ("training.loss", "softmax-twice"): loss(
        logs="logs = keras.activations.log_softmax(keras.activations.softmax(logits))"
    ),
    ("training.accuracy", "padding-counted"): accuracy(
        count="""self.right.assign_add(ops.sum(hit))
        self.total.assign_add(ops.sum(ops.ones_like(hit)))"""
    ),
    ("training.accuracy", "padding-counted-as-right"): accuracy(
        count="""self.right.assign_add(ops.sum(hit))
        self.total.assign_add(ops.sum(keep))"""
    ),
    ("training.accuracy", "padding-read-off-the-guesses"): accuracy(decides="guess"),
    ("training.accuracy", "mean-of-batches"): accuracy(
        count="""share = ops.sum(hit * keep) / ops.maximum(ops.sum(keep), 1.0)
        self.right.assign(self.right + share)
        self.total.assign(self.total + 1)"""
    ),
    ("training.accuracy", "only-the-last-batch"): accuracy(
        count="""self.reset_state()
        self.right.assign_add(ops.sum(hit * keep))
        self.total.assign_add(ops.sum(keep))"""
    ),
    ("training.accuracy", "zero-by-zero"): accuracy(
        result="return ops.divide(self.right, self.total)"
    ),
    ("training.schedule", "counted-from-zero"): schedule(
        "return ops.minimum(ops.rsqrt(step), step / self.warmup_steps**1.5) / self.d_model**0.5"
    ),
    ("training.schedule", "zero-replaced-by-one"): schedule(
        "s = ops.where(step == 0, 1.0, step)\n"
        "        return ops.minimum(ops.rsqrt(s), s / self.warmup_steps**1.5) / self.d_model**0.5"
    ),
    ("training.schedule", "width-forgotten"): schedule(
        "return ops.minimum(ops.rsqrt(step + 1), (step + 1) / self.warmup_steps**1.5)"
    ),
    ("training.schedule", "multiplied-by-the-root"): schedule(
        "step += 1\n"
        "        least = ops.minimum(1 / ops.sqrt(step), step / self.warmup_steps**1.5)\n"
        "        return self.d_model / ops.sqrt(float(self.d_model)) * least"
    ),
    ("training.schedule", "never-falls"): schedule(
        "peak = (self.d_model * self.warmup_steps) ** -0.5\n"
        "        return peak * ops.minimum(1.0, (step + 1) / self.warmup_steps)"
    ),
    ("training.batches", "padded-in-front"): batches(
        fill="""src = np.array([[0] * (S - len(self.sources[r])) + self.sources[r] for r in rows])
        tgt = np.array([[0] * (T - len(self.targets[r])) + self.targets[r] for r in rows])
        return {"source": src, "target": tgt[:, :-1]}, tgt[:, 1:]"""
    ),
    ("training.batches", "always-one-more"): batches(
        lengths="""w = self.bucket_width
        s, t = len(self.sources[row]), len(self.targets[row])
        return s - s % w + w, t - t % w + w"""
    ),
    ("training.batches", "one-length-for-all"): batches(
        lengths="""up = lambda n: -(-n // self.bucket_width) * self.bucket_width
        return up(max(len(s) for s in self.sources)), up(max(len(t) for t in self.targets))"""
    ),
    ("training.batches", "same-order-every-epoch"): batches(
        rows="rows = list(range(len(self.sources)))",
        end="return [batches[i] for i in np.random.default_rng(7).permutation(len(batches))]",
    ),
    ("training.batches", "not-from-the-seed"): batches(
        rows="rows = np.random.permutation(len(self.sources)).tolist()"
    ),
    ("training.batches", "the-same-batches-in-another-order"): batches(
        rows="rows = list(range(len(self.sources)))"
    ),
    ("training.batches", "bucket-after-bucket"): batches(end="return batches"),
    ("training.batches", "last-batch-dropped"): batches(
        rows="""rows = [*range(len(self.targets))]
        self.random.shuffle(rows)""",
        cut="""while len(these) >= self.batch_size:
                batches.append(these[:self.batch_size])
                these = these[self.batch_size:]""",
    ),
}
