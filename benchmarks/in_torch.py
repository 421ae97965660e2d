"""The Transformer of lesson 07 in plain `torch.nn`, trained on the same dates, the same recipe.

It runs in a process of its own, without TensorFlow and its threads: `python -m benchmarks.in_torch`
prints the figures of one training as JSON.
"""

import json
import math
import time

import torch
from keras import ops
from torch import nn

from benchmarks.report import processor_seconds
from course.data.characters import PAD, START
from course.data.dates import DATES
from course.training.budget import BUDGETS
from course.training.exam import exact_match
from course.training.run import CONFIRM, LOOK
from course.training.watch import ENOUGH
from solutions.position import sinusoidal_table


class Model(nn.Module):
    """`nn.Transformer` with one table for source, target and output, as ours; post-LN."""

    def __init__(self, vocabulary_size, d_model, num_layers, num_heads, hidden_dim):
        super().__init__()
        self.table = nn.Parameter(torch.randn(vocabulary_size, d_model) * d_model**-0.5)
        self.transformer = nn.Transformer(
            d_model, num_heads, num_layers, num_layers, hidden_dim, dropout=0.0, batch_first=True
        )
        self.transformer.encoder.norm = self.transformer.decoder.norm = None  # ours has none
        length = max(DATES.source_length, DATES.target_length)
        table = torch.tensor(ops.convert_to_numpy(sinusoidal_table(length, d_model)))
        self.register_buffer("positions", table)

    def embed(self, ids):
        width = self.table.shape[1]
        return self.table[ids] * math.sqrt(width) + self.positions[: ids.shape[1]]

    def encode(self, source):
        return self.transformer.encoder(self.embed(source), src_key_padding_mask=source == PAD)

    def decode(self, target, encoded, source):
        future = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
        x = self.transformer.decoder(
            self.embed(target), encoded, tgt_mask=future, memory_key_padding_mask=source == PAD
        )
        return x @ self.table.T

    @torch.no_grad()
    def answers(self, source):
        """Write the targets greedily, as `GreedyWriter` does; one text a row."""
        encoded = self.encode(source)
        target = torch.full((len(source), 1), START)
        for _ in range(DATES.target_length - 1):
            best = self.decode(target, encoded, source)[:, -1:].argmax(-1)
            target = torch.cat([target, best], 1)
        return [DATES.characters.decode(row) for row in target[:, 1:].tolist()]


def train(budget, seed):
    """Train until the exam is passed, as `course.training.run.train` does; return the exam."""
    torch.manual_seed(seed)
    model = Model(len(DATES.characters), **budget.sizes)
    optimizer = torch.optim.Adam(model.parameters(), budget.peak_rate, (0.9, 0.98), 1e-9)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, budget))
    pairs = DATES.draw("training", budget.steps * budget.batch_size, seed)
    sources, targets = (
        torch.tensor(array).long() for array in (DATES.sources(pairs), DATES.targets(pairs))
    )
    loss = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
    look, confirm = (DATES.draw("validation", count, seed) for count in (LOOK, CONFIRM))

    def exam(some):
        answers = model.answers(torch.tensor(DATES.sources(some)).long())
        return exact_match(answers, some.targets)

    for step in range(budget.steps):
        rows = slice(step * budget.batch_size, (step + 1) * budget.batch_size)
        source, target = sources[rows], targets[rows]
        logits = model.decode(target[:, :-1], model.encode(source), source)
        optimizer.zero_grad()
        loss(logits.flatten(0, 1), target[:, 1:].flatten()).backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % budget.round_steps == 0 and exam(look) >= ENOUGH <= exam(confirm):
            break
    return exam


def _rate(step, budget):
    """The share of the peak rate: a straight line, then a cosine."""
    if step < budget.warmup_steps:
        return step / budget.warmup_steps
    done = (step - budget.warmup_steps) / (budget.steps - budget.warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


if __name__ == "__main__":
    start = time.perf_counter()
    exam = train(BUDGETS["CPU"], seed=0)
    figures = {"seconds": time.perf_counter() - start, "processor": processor_seconds()}
    test = DATES.draw("test", 2000, seed=1)
    print(json.dumps({**figures, "exact_match": exam(test)}))
