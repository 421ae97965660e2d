"""Lesson 04: its mistakes in other people's words."""

CHECKED = """
def combine_masks(*masks):
    given = [one for one in masks if one is not None]
    for one in given:
        if keras.backend.standardize_dtype(one.dtype) != "bool":
            raise ValueError("not a boolean mask")
    {body}
"""


def combine(body):
    return CHECKED.replace("{body}", body.strip())


DETECTOR = """
def sees_future(layer, x):
    x = ops.convert_to_numpy(x)
    noise = np.random.default_rng(5).normal(size=x.shape).astype("float32")
    before = ops.convert_to_numpy(layer(ops.array(x)))
    for t in {cuts}:
        other = x.copy()
        {change}
        after = ops.convert_to_numpy(layer(ops.array(other)))
        if {moved}:
            return True
    return False
"""
RIGHT = {
    "cuts": "range(x.shape[1] - 1)",
    "change": "other[:, t + 1 :] = noise[:, t + 1 :]",
    "moved": "not np.allclose(before[:, : t + 1], after[:, : t + 1], atol=1e-3)",
}


def detector(**parts):
    """The detector with some parts written otherwise."""
    source = DETECTOR
    for name, text in {**RIGHT, **parts}.items():
        source = source.replace(f"{{{name}}}", text)
    return source


STRANGERS = {
    ("masking.padding", "mask-inverted"): """
def padding_mask(ids, pad=0):
    return (ids == pad)[:, None]
""",
    ("masking.padding", "axis-of-queries-missing"): """
def padding_mask(ids, pad=0):
    return ops.logical_not(ids == pad)
""",
    ("masking.padding", "mask-on-queries"): """
def padding_mask(ids, pad=0):
    return (ids != pad)[..., None]
""",
    ("masking.padding", "queries-hidden-too"): """
def padding_mask(ids, pad=0):
    real = ops.cast(ids != pad, "int32")
    return ops.einsum("bt,bs->bts", real, real) > 0
""",
    ("masking.padding", "pad-taken-for-zero"): """
def padding_mask(ids, pad=0):
    return ops.cast(ids, "bool")[:, None, :]
""",
    ("masking.padding", "mask-of-numbers"): """
def padding_mask(ids, pad=0):
    return ops.where(ids != pad, 1.0, 0.0)[:, None, :]
""",
    ("masking.causal", "triangle-transposed"): """
def causal_mask(length):
    place = ops.arange(length)
    return (place[:, None] <= place[None, :])[None]
""",
    ("masking.causal", "mask-inverted"): """
def causal_mask(length):
    rows, columns = np.indices((length, length))
    return ops.array(rows < columns)[None]
""",
    ("masking.causal", "itself-hidden"): """
def causal_mask(length):
    place = ops.arange(length)
    return ops.expand_dims(ops.greater(place[:, None], place[None, :]), 0)
""",
    ("masking.causal", "one-step-too-far"): """
def causal_mask(length):
    place = ops.arange(length)
    return (place[None, :] <= place[:, None] + 1)[None]
""",
    ("masking.causal", "batch-axis-missing"): """
def causal_mask(length):
    place = ops.arange(length)
    return ops.expand_dims(place, 1) >= ops.expand_dims(place, 0)
""",
    ("masking.combine", "either-mask-suffices"): combine("""
    result = given[0] if given else None
    for one in given[1:]:
        result = result | one
    return result
"""),
    ("masking.combine", "last-mask-wins"): combine("return given[-1] if given else None"),
    ("masking.combine", "two-masks-only"): combine("""
    first, second = (*masks, None)[:2]
    if first is None or second is None:
        return second if first is None else first
    return first & second
"""),
    ("masking.combine", "numbers-let-in"): """
def combine_masks(*masks):
    result = None
    for one in masks:
        if one is None:
            continue
        result = one if result is None else ops.logical_and(result, one)
    return result
""",
    ("masking.masked_softmax", "masked-after-softmax"): """
def masked_softmax(scores, mask=None, axis=-1):
    weights = softmax(scores, axis)
    if mask is not None:
        weights = weights * ops.cast(mask, weights.dtype)
    return weights
""",
    ("masking.masked_softmax", "scores-multiplied"): """
def masked_softmax(scores, mask=None, axis=-1):
    return softmax(scores if mask is None else ops.where(mask, scores, 0.0), axis)
""",
    ("masking.masked_softmax", "minus-infinity"): """
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    return softmax(ops.where(mask, scores, float("-inf")), axis)
""",
    ("masking.masked_softmax", "average-of-what-is-hidden"): """
def masked_softmax(scores, mask=None, axis=-1):
    if mask is not None:
        low = -65504.0 if keras.backend.standardize_dtype(scores.dtype) == "float16" else -1e30
        scores = ops.where(mask, scores, low)
    return softmax(scores, axis)
""",
    ("masking.masked_softmax", "not-low-enough"): """
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    weights = softmax(ops.where(mask, scores, -9999.0), axis)
    return weights * ops.cast(mask, weights.dtype)
""",
    ("masking.masked_softmax", "mask-inverted"): """
def masked_softmax(scores, mask=None, axis=-1):
    if mask is None:
        return softmax(scores, axis)
    weights = softmax(ops.where(mask, -60000.0, scores), axis)
    return ops.where(mask, ops.zeros_like(weights), weights)
""",
    ("masking.masked_attention", "mask-ignored"): """
def masked_attention(query, key, value, mask=None):
    weights = softmax(scale_scores(dot_product_scores(query, key), query))
    return weights @ value, weights
""",
    ("masking.masked_attention", "missing-scale"): """
def masked_attention(query, key, value, mask=None):
    weights = masked_softmax(query @ ops.swapaxes(key, -1, -2), mask)
    return weights @ value, weights
""",
    ("masking.masked_attention", "weights-masked-afterwards"): """
def masked_attention(query, key, value, mask=None):
    weights = softmax(scale_scores(dot_product_scores(query, key), query))
    if mask is not None:
        weights = ops.where(mask, weights, 0.0)
    return ops.matmul(weights, value), weights
""",
    ("masking.masked_attention", "scores-returned"): """
def masked_attention(query, key, value, mask=None):
    scores = ops.einsum("...td,...sd->...ts", query, key) * query.shape[-1] ** -0.5
    return ops.matmul(masked_softmax(scores, mask), value), scores
""",
    ("masking.leak_detector", "changed-position-compared"): detector(
        change="other[:, t:] = noise[:, t:]"
    ),
    ("masking.leak_detector", "always-true"): detector(
        moved="not np.allclose(before, after, atol=1e-3)"
    ),
    ("masking.leak_detector", "always-false"): detector(change="other[:, t + 1 :] = x[:, t + 1 :]"),
    ("masking.leak_detector", "only-the-last-changed"): detector(
        change="other[:, -1] = noise[:, -1]",
        moved="not np.allclose(before[:, :-1], after[:, :-1], atol=1e-3)",
    ),
    ("masking.leak_detector", "only-the-first-compared"): detector(
        moved="not np.allclose(before[:, 0], after[:, 0], atol=1e-3)"
    ),
    ("masking.leak_detector", "one-cut-only"): detector(cuts="[x.shape[1] // 2 - 1]"),
    ("masking.leak_detector", "next-position-only"): detector(
        change="other[:, t + 1] = noise[:, t + 1]",
        moved="np.abs(before[:, t] - after[:, t]).max() > 1e-3",
    ),
    ("masking.leak_detector", "only-the-first-sequence"): detector(
        moved="np.abs(before[0, : t + 1] - after[0, : t + 1]).max() > 1e-3"
    ),
    ("masking.leak_detector", "exact-equality"): detector(
        moved="(before[:, : t + 1] != after[:, : t + 1]).any()"
    ),
    ("masking.leak_detector", "future-put-in-another-order"): detector(
        change="other[:, t + 1 :] = x[:, : t : -1]"
    ),
    ("masking.leak_detector", "every-feature-shifted-alike"): detector(
        change="other[:, t + 1 :] = x[:, t + 1 :] - 3.0"
    ),
}
