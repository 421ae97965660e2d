"""Lesson 11, tiles: its mistakes in other people's words."""

SOFTMAX = """
def online_softmax(scores, tile_size):
    m_list, l_list = [], []
    m, l = {start}, {zero}
    size = scores.shape[-1]
    for j in range({tiles}):
        block = scores[..., j * tile_size : min((j + 1) * tile_size, size)]
        m_new = {maximum}
        p = ops.exp(block - ops.expand_dims({shift}, axis=-1))
        l = {factor} * l + ops.sum(p, axis=-1)
        m = m_new
        m_list.append(m)
        l_list.append(l)
    return ops.stack(m_list, axis=-1), ops.stack(l_list, axis=-1)
"""
SOFTMAX_RIGHT = {
    "start": "ops.full_like(scores[..., 0], -1e9)",
    "zero": "ops.zeros_like(scores[..., 0])",
    "tiles": "(size + tile_size - 1) // tile_size",
    "maximum": "ops.maximum(m, ops.amax(block, axis=-1))",
    "shift": "m_new",
    "factor": "ops.exp(m - m_new)",
}

ATTENTION = """
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    T, S, scale = query.shape[-2], key.shape[-2], {scale}
    {before}
    rows = []
    for row in range(math.ceil(T / tile_size)):
        top, bottom = row * tile_size, min((row + 1) * tile_size, T)
        q_i = query[..., top:bottom, :]
        m = ops.zeros_like(q_i[..., 0]) + {start}
        l = ops.zeros_like(m)
        acc = ops.zeros_like(q_i[..., :1]) * value[..., :1, :]
        for column in range({columns}):
            left, right = column * tile_size, min((column + 1) * tile_size, S)
            s = ops.einsum("...qd,...kd->...qk", q_i, key[..., left:right, :]) * scale
            {padding}
            {causal}
            m_new = {maximum}
            p = ops.exp(s - m_new[..., None])
            alpha = ops.exp(m - m_new)
            l = {l}
            acc = {acc}
            m = m_new
        rows.append({finish})
    return ops.concatenate(rows, axis=-2)
"""
ADDED = 'ops.einsum("...qk,...kv->...qv", p, value[..., left:right, :])'
ATTENTION_RIGHT = {
    "scale": "1.0 / math.sqrt(query.shape[-1])",
    "before": "pass",
    "start": "-1e20",
    "columns": "math.ceil(S / tile_size)",
    "padding": """if mask is not None:
                s = ops.where(mask[..., left:right], s, float("-inf"))""",
    "causal": """if causal:
                q_pos = ops.arange(top, bottom)[:, None]
                k_pos = ops.arange(left, right)[None, :]
                s = ops.where(k_pos > q_pos, float("-inf"), s)""",
    "maximum": "ops.maximum(m, ops.amax(s, axis=-1))",
    "l": "alpha * l + ops.sum(p, axis=-1)",
    "acc": f"alpha[..., None] * acc + {ADDED}",
    "finish": "acc / ops.where(l > 0, l, 1.0)[..., None]",
}


def softmax(**parts):
    """The running numbers of the lesson with some parts written otherwise."""
    return _fill(SOFTMAX, {**SOFTMAX_RIGHT, **parts})


def attention(**parts):
    """The tiled attention of the lesson with some parts written otherwise."""
    return _fill(ATTENTION, {**ATTENTION_RIGHT, **parts})


def _fill(source, parts):
    for name, text in parts.items():
        source = source.replace(f"{{{name}}}", text)
    return source


STRANGERS = {
    ("flash.online_softmax", "old-sum-not-rescaled"): softmax(factor="1.0"),
    ("flash.online_softmax", "rescaled-the-wrong-way"): softmax(
        start="ops.amax(scores[..., :tile_size], axis=-1)", factor="ops.exp(m_new - m)"
    ),
    ("flash.online_softmax", "new-tile-on-its-own-scale"): softmax(
        shift="ops.amax(block, axis=-1)"
    ),
    ("flash.online_softmax", "tiles-on-their-own"): softmax(
        maximum="ops.amax(block, axis=-1)", factor="0.0"
    ),
    ("flash.online_softmax", "maximum-starts-at-zero"): softmax(start="0.0 * scores[..., 0]"),
    ("flash.online_softmax", "last-tile-dropped"): softmax(tiles="size // tile_size"),
    ("flash.online_softmax", "no-maximum-taken-off"): softmax(
        shift="ops.zeros_like(m_new)", factor="1.0"
    ),
    ("flash.online_softmax", "last-tile-filled-with-zeros"): """
def online_softmax(scores, tile_size):
    count = -(-scores.shape[-1] // tile_size)
    shape = (*scores.shape[:-1], count * tile_size - scores.shape[-1])
    full = ops.concatenate([scores, ops.zeros(shape)], axis=-1)
    blocks = ops.split(full, count, axis=-1)
    seen = [ops.concatenate(blocks[: i + 1], axis=-1) for i in range(count)]
    top = [ops.max(some, axis=-1) for some in seen]
    sums = [ops.sum(ops.exp(s - t[..., None]), axis=-1) for s, t in zip(seen, top)]
    return ops.stack(top, -1), ops.stack(sums, -1)
""",
    ("flash.attention", "output-not-rescaled"): attention(acc=f"acc + {ADDED}"),
    ("flash.attention", "sum-not-rescaled"): attention(l="l + ops.sum(p, axis=-1)"),
    ("flash.attention", "nothing-rescaled"): attention(
        l="l + ops.sum(p, axis=-1)", acc=f"acc + {ADDED}"
    ),
    ("flash.attention", "maximum-of-each-tile"): attention(
        maximum="ops.maximum(ops.amax(s, axis=-1), -1e20)",
        l="l + ops.sum(p, axis=-1)",
        acc=f"acc + {ADDED}",
    ),
    ("flash.attention", "divided-in-every-tile"): attention(
        acc=f"(alpha[..., None] * acc + {ADDED}) / ops.where(l > 0, l, 1.0)[..., None]",
        finish="acc",
    ),
    ("flash.attention", "missing-scale"): attention(scale="1.0"),
    ("flash.attention", "causal-inside-each-tile"): attention(
        causal="""if causal:
                inside = ops.tril(ops.ones((bottom - top, right - left), dtype="bool"))
                s = ops.where(inside, s, float("-inf"))"""
    ),
    ("flash.attention", "tile-on-the-diagonal-unmasked"): attention(
        causal="""if causal and column > row:
                continue"""
    ),
    ("flash.attention", "causal-ignored"): attention(causal="pass"),
    ("flash.attention", "mask-ignored"): attention(padding="pass"),
    ("flash.attention", "hidden-tile-is-nan"): attention(start="float('-inf')"),
    ("flash.attention", "empty-row-averaged"): attention(
        padding="""if mask is not None:
                s = s + (1.0 - ops.cast(mask[..., left:right], s.dtype)) * -1e9""",
        causal="""if causal:
                q_pos = ops.arange(top, bottom)[:, None]
                k_pos = ops.arange(left, right)[None, :]
                s = ops.where(k_pos > q_pos, -1e9, s)""",
    ),
    ("flash.attention", "last-keys-dropped"): attention(columns="S // tile_size"),
    ("flash.attention", "whole-table"): """
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    allowed = None
    if causal:
        length = max(query.shape[-2], key.shape[-2])
        allowed = ops.tril(ops.ones((length, length), dtype="bool"))
        allowed = allowed[: query.shape[-2], : key.shape[-2]]
    if mask is not None:
        allowed = mask if allowed is None else ops.logical_and(allowed, mask)
    output, weights = masked_attention(query, key, value, allowed)
    return output
""",
    ("flash.attention", "queries-in-tiles-only"): """
def tiled_attention(query, key, value, mask=None, causal=False, tile_size=512):
    pieces = []
    for first in range(0, query.shape[-2], tile_size):
        part = query[..., first : first + tile_size, :]
        allowed = mask
        if causal:
            seen = ops.arange(first, first + part.shape[-2])[:, None] >= ops.arange(key.shape[-2])
            allowed = seen if mask is None else ops.logical_and(seen, mask)
        pieces.append(masked_attention(part, key, value, allowed)[0])
    return ops.concatenate(pieces, axis=-2)
""",
}
