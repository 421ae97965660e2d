"""How much faster a Transformer writes with a cache, and whether it writes the same.

Both ways are greedy, compiled, and write 256 tokens in every row. Without a cache, the whole
decoder runs over the target in each step, padded to its full length so that one program serves all
steps. Seconds are those of a call, compiled before; the first call, which compiles, stands apart.
"""

import sys
import time

import numpy as np

from benchmarks.report import Row, at_least, at_most, finish
from course.quiet import load_keras

BATCH, SOURCE, LENGTH = 8, 64, 256  # rows, tokens of the source, tokens to write
SIZES = {"d_model": 256, "num_layers": 4, "num_heads": 8, "hidden_dim": 1024}
VOCABULARY = 1000
CALLS = 3  # timed, of which the median counts
FASTER = 5.0  # target


def measure(calls=CALLS, batch=BATCH, source=SOURCE, length=LENGTH, sizes=SIZES):
    """Return the rows: seconds of both ways, their ratio, and how many tokens differ."""
    import keras

    from course.training.exam import GreedyWriter
    from solutions.decoding_writer import CachedWriter
    from solutions.transformer import Transformer

    keras.utils.set_random_seed(0)
    model = Transformer(VOCABULARY, **sizes)
    model.build({"source": (batch, source), "target": (batch, length)})
    _never_write_padding(model)
    ids = np.random.default_rng(0).integers(4, VOCABULARY, (batch, source)).astype("int32")
    writers = {
        "without a cache": GreedyWriter(model, length),
        "with a cache": CachedWriter(model, length, end=None),
    }
    rows, seconds, written = [], {}, {}
    for name, writer in writers.items():
        times = []
        for _ in range(1 + calls):
            start = time.perf_counter()
            written[name] = writer.predict_on_batch(ids)
            times.append(time.perf_counter() - start)
        print(name, [round(one, 2) for one in times], file=sys.stderr, flush=True)
        seconds[name] = float(np.median(times[1:]))
        rows.append(Row(f"{name}: first call, compilation included", round(times[0], 2), "s"))
        rows.append(Row(f"{name}: a call", round(seconds[name], 3), "s"))
        rate = batch * length / seconds[name]
        rows.append(Row(f"{name}: speed", round(rate, 1), "tokens/s"))
    plain, cached = written.values()
    faster = seconds["without a cache"] / seconds["with a cache"]
    return [
        *rows,
        at_least("speed with a cache, of that without", round(faster, 2), "times", FASTER),
        at_least("different tokens written", len(np.unique(plain)), "", 2),
        at_most("tokens that differ between the two", int(np.sum(plain != cached)), "", 0),
    ]


def _never_write_padding(model):
    """Give PAD the vector 0, and so the score 0, which is never the highest of a thousand."""
    table = model.embedding.table.numpy()
    table[0] = 0.0
    model.embedding.table.assign(table)


if __name__ == "__main__":
    load_keras()
    finish("decoding", measure())
