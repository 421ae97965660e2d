"""Lesson 11, looking inside: its mistakes in other people's words."""

SCORE = """
def induction_score(weights):
    period = weights.shape[-1] // 2
    rows = ops.unstack(weights, axis=2)
    total = 0.0
    for query in range({first}, 2 * period):
        total = total + rows[query][:, :, {key}]
    return {average}
"""
SCORE_RIGHT = {
    "first": "period",
    "key": "query - period + 1",
    "average": "ops.mean(total, axis=0) / period",
}
ABLATE = """
def ablate_head(attended, output_kernel, head, mean=False):
    heads, width = attended.shape[1], attended.shape[3]
    parts = []
    for number in range(heads):
        found = attended[:, number]
        if number == {which}:
            if mean:
                found = ops.zeros_like(found) + {average}
            else:
                found = ops.zeros_like(found)
        {otherwise}
        parts.append(found)
    joined = ops.concatenate(parts, axis=-1)
    return joined @ output_kernel
"""
ABLATE_RIGHT = {
    "which": "head",
    "average": "ops.mean(found, axis=(0, 1))",
    "otherwise": "",
}


def score(**parts):
    return _fill(SCORE, {**SCORE_RIGHT, **parts})


def ablate(**parts):
    return _fill(ABLATE, {**ABLATE_RIGHT, **parts})


def _fill(source, parts):
    for name, text in parts.items():
        source = source.replace(f"{{{name}}}", text)
    return source


STRANGERS = {
    ("inside.induction_score", "previous-occurrence-itself"): score(key="query - period"),
    ("inside.induction_score", "two-after-the-previous-occurrence"): score(
        key="query + 2 - period"
    ),
    ("inside.induction_score", "diagonal-one-too-long"): score(
        first="period - 1", average="ops.mean(total, axis=0) / (period + 1)"
    ),
    ("inside.induction_score", "divided-by-all-positions"): score(
        average="ops.mean(total, axis=0) / (2 * period)"
    ),
    ("inside.induction_score", "token-before"): score(key="query - 1"),
    ("inside.induction_score", "heads-averaged"): score(average="ops.mean(total / period)"),
    ("inside.induction_score", "sentences-kept-and-heads-averaged"): score(
        average="ops.mean(total / period, axis=1)"
    ),
    ("inside.induction_score", "queries-and-keys-exchanged"): """
def induction_score(weights):
    turned = ops.swapaxes(weights, -1, -2)
    n = weights.shape[-1] // 2
    return ops.mean(ops.diagonal(turned[:, :, n:, 1 : n + 1], axis1=2, axis2=3), axis=(0, 2))
""",
    ("inside.head_ablation", "contribution-returned"): """
def ablate_head(attended, output_kernel, head, mean=False):
    kernels = ops.reshape(output_kernel, (attended.shape[1], attended.shape[3], -1))
    part = attended[:, head] @ kernels[head]
    if mean:
        part = part - ops.mean(part, axis=(0, 1))
    return part
""",
    ("inside.head_ablation", "mean-ignored"): ablate(average="0.0"),
    ("inside.head_ablation", "mean-of-each-sentence"): ablate(
        average="ops.mean(found, axis=1, keepdims=True)"
    ),
    ("inside.head_ablation", "mean-of-the-other-heads"): ablate(
        average="ops.sum(attended, axis=1) / heads"
    ),
    ("inside.head_ablation", "mean-over-features"): ablate(average="ops.mean(found)"),
    ("inside.head_ablation", "heads-counted-from-one"): ablate(which="head - 1"),
    ("inside.head_ablation", "heads-merged-without-transpose"): """
def ablate_head(attended, output_kernel, head, mean=False):
    found = ops.unstack(attended, axis=1)
    middle = ops.mean(found[head], axis=(0, 1)) if mean else 0.0
    found[head] = found[head] * 0.0 + middle
    joined = ops.reshape(ops.stack(found, axis=1), (attended.shape[0], attended.shape[2], -1))
    return joined @ output_kernel
""",
    ("inside.head_ablation", "rest-scaled-up"): ablate(
        otherwise="""else:
            found = found * heads / (heads - 1)"""
    ),
}
