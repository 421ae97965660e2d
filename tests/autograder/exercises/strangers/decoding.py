"""Lesson 09: its mistakes in other people's words."""

GREEDY = """
def greedy_decode(model, start, max_length):
    tokens = ops.cast(start, "int32")
    running = ops.ones((tokens.shape[0],), dtype="bool")
    for step in range(max_length):
        scores = model({fed})[:, {place}, :]
        new = ops.cast(ops.argmax(scores, -1), "int32")
        {change}
        tokens = ops.concatenate([tokens, ops.expand_dims(new, -1)], axis=-1)
        {stop}
    return tokens
"""
RIGHT = {
    "fed": "tokens",
    "place": "-1",
    "change": """new = ops.where(running, new, ops.zeros_like(new))
        running = ops.logical_and(running, ops.not_equal(new, END))""",
    "stop": """if not bool(ops.any(running)):
            break""",
}


def filled(source, right, parts):
    for name, text in {**right, **parts}.items():
        source = source.replace(f"{{{name}}}", text)
    return source


def greedy(**parts):
    return filled(GREEDY, RIGHT, parts)


BEAM = """
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    live = [(0.0, tuple(start))]
    ended = []
    for length in range(1, max_length + 1):
        tries = []
        for total, tokens in live:
            row = ops.convert_to_numpy({of}(model(ops.array([tokens], dtype="int32"))[0, -1]))
            tries.extend((total + float(row[v]), tokens + (v,)) for v in range(len(row)))
        tries.sort(key=lambda item: item[0], reverse=True)
        tries = tries[:beam_width]
        {sorting}
        if not live:
            break
    best = max(ended, key=lambda item: item[0])
    return list(best[1][len(start):]), best[0]
"""
BEAM_RIGHT = {
    "of": "ops.log_softmax",
    "sorting": """live = []
        for total, tokens in tries:
            if tokens[-1] == END or length == max_length:
                ended.append(({score}, tokens))
            if tokens[-1] != END:
                live.append((total, tokens))""",
    "score": "total / ((length + 5.0) / 6.0) ** alpha",
}


def beam(**parts):
    return filled(BEAM, BEAM_RIGHT, parts)


CACHE = """
def cached_self_attention(attention, x, cache=None):
    H = attention.num_heads
    query = split_heads(attention.query_projection(x), H)
    fresh = [split_heads(p(x), H) for p in (attention.key_projection, attention.value_projection)]
    whole = fresh
    if cache is not None:
        whole = [ops.concatenate({order}, axis={axis}) for old, new in zip(cache, fresh)]
    rows, columns = query.shape[2], whole[0].shape[2]
    allowed = ops.arange(columns)[None] <= ops.arange(rows)[:, None] + {offset}
    out, _ = masked_attention(query, *{seen}, {mask})
    return attention.output_projection(merge_heads(out)), {kept}
"""
CACHE_RIGHT = {
    "order": "[old, new]",
    "axis": "2",
    "offset": "columns - rows",
    "seen": "whole",
    "mask": "allowed[None]",
    "kept": "whole",
}


def cache(**parts):
    return filled(CACHE, CACHE_RIGHT, parts)


CROSS = """
def cached_cross_attention(attention, x, source, cache=None, source_mask=None):
    H = attention.num_heads
    query = split_heads(attention.query_projection(x), H)
    keys, values = {known}
    scores = ops.matmul(query, ops.swapaxes(keys, 2, 3)) / np.sqrt(query.shape[-1])
    {hide}
    found = ops.matmul(ops.softmax(scores, axis=-1), values)
    return attention.output_projection(merge_heads(found)), {kept}
"""
CROSS_RIGHT = {
    "known": """cache if cache is not None else (
        split_heads(attention.key_projection(source), H),
        split_heads(attention.value_projection(source), H),
    )""",
    "hide": """if source_mask is not None:
        scores = ops.where(source_mask[:, None], scores, -1e9)""",
    "kept": "[keys, values]",
}


def cross(**parts):
    return filled(CROSS, CROSS_RIGHT, parts)


STEP = """
class CachedTransformer(Transformer):
    def decode_step(self, ids, encoded, source, cache=None):
        offset = 0
        if cache:
            offset = {offset}
        hidden = self.position(self.embedding(ids), start_index=offset)
        new_cache = []
        for i in range(len(self.decoder.blocks)):
            past = {past} if cache else (None, None)
            hidden, one = self.run_block(
                self.decoder.blocks[i], hidden, encoded, {mask}, past
            )
            new_cache.append(one)
        {norm}
        return ops.einsum("btd,vd->btv", hidden, self.embedding.table), new_cache
"""
GIVEN = """
    def run_block(self, block, x, encoded, source_mask, cache):
        pairs = []

        def look_back(x):
            output, pair = cached_self_attention(block.attention, x, cache[0])
            pairs.append(pair)
            return output

        def look_over(x):
            attention = block.cross_attention.attention
            output, pair = cached_cross_attention(attention, x, encoded, cache[1], source_mask)
            pairs.append(pair)
            return output

        x = block.attention_residual(x, sublayer=look_back)
        x = block.cross_attention_residual(x, sublayer=look_over)
        return block.feed_forward_residual(x, sublayer=block.feed_forward), tuple(pairs)

    def step_by_step(self, inputs):
        source, target = inputs["source"], inputs["target"]
        encoded, cache, logits = self.encode(source), None, []
        for t in range(target.shape[1]):
            step, cache = self.decode_step(target[:, t : t + 1], encoded, source, cache)
            logits.append(step)
        return ops.concatenate(logits, axis=1), cache
"""
STEP_RIGHT = {
    "offset": "cache[0][0][0].shape[2]",
    "past": "cache[i]",
    "mask": "padding_mask(source)",
    "norm": """if self.decoder.final_norm is not None:
            hidden = self.decoder.final_norm(hidden)""",
}


def step(**parts):
    return filled(STEP, STEP_RIGHT, parts) + GIVEN


TEMPERATURE = """
def with_temperature(logits, temperature=1.0):
    if temperature < 0:
        raise ValueError("temperature below zero")
    if temperature == 0:
        winners = ops.argmax(logits, axis=-1)
        return ops.cast(ops.arange(logits.shape[-1]) == winners[..., None], "float32")
    {body}
"""
TOP_K = """
def keep_top_k(probabilities, k):
    if k < 1:
        raise ValueError("keep one at least")
    size = probabilities.shape[-1]
    _, places = ops.top_k(probabilities, min({count}, size))
    chosen = ops.max(ops.one_hot(places, size), axis=-2)
    kept = probabilities * chosen
    return {result}
"""
NUCLEUS = """
def keep_nucleus(probabilities, p):
    if p <= 0 or p > 1:
        raise ValueError("p is out of range")
    if p == 1:
        return probabilities
    size = probabilities.shape[-1]
    values, places = ops.top_k(probabilities, size)
    total = ops.cumsum(values, axis=-1)
    inside = ops.cast({inside}, "float32")
    kept = ops.sum(ops.one_hot(places, size) * (inside * values)[..., None], axis=-2)
    return {result}
"""
STRANGERS = {
    ("decoding.greedy", "ended-rows-go-on"): greedy(
        change="running = ops.logical_and(running, new != 2)"
    ),
    ("decoding.greedy", "stops-at-the-first-end"): greedy(
        stop="""if not bool(ops.all(running)):
            break"""
    ),
    ("decoding.greedy", "scores-of-the-first-position"): greedy(place="0"),
    ("decoding.greedy", "only-the-last-token-fed"): greedy(fed="tokens[:, tokens.shape[1] - 1 :]"),
    ("decoding.greedy", "writes-to-the-end"): greedy(stop="continue"),
    ("decoding.temperature", "multiplied"): TEMPERATURE.replace(
        "{body}",
        """powers = ops.exp((logits - ops.max(logits, axis=-1, keepdims=True)) * temperature)
    return powers / ops.sum(powers, axis=-1, keepdims=True)""",
    ),
    ("decoding.temperature", "probabilities-divided"): TEMPERATURE.replace(
        "{body}", "return keras.activations.softmax(logits) * (1 / temperature)"
    ),
    ("decoding.temperature", "softmax-twice"): TEMPERATURE.replace(
        "{body}",
        """chances = ops.exp(ops.log_softmax(logits))
    return keras.activations.softmax(chances / temperature)""",
    ),
    ("decoding.sample", "likeliest-picked"): """
def pick_tokens(probabilities, uniform):
    return ops.top_k(probabilities, 1)[1][..., 0]
""",
    ("decoding.sample", "border-counted-below"): """
def pick_tokens(probabilities, uniform):
    reached = ops.cumsum(probabilities, axis=-1) >= ops.expand_dims(uniform, axis=-1)
    return ops.argmax(ops.cast(reached, "int32"), axis=-1)
""",
    ("decoding.sample", "every-token-alike"): """
def pick_tokens(probabilities, uniform):
    size = probabilities.shape[-1]
    return ops.cast(ops.cast(uniform, "float32") * size, "int32")
""",
    ("decoding.top_k", "not-renormalised"): filled(TOP_K, {"count": "k", "result": "kept"}, {}),
    ("decoding.top_k", "one-too-many"): filled(
        TOP_K, {"count": "k + 1", "result": "kept / ops.sum(kept, axis=-1, keepdims=True)"}, {}
    ),
    ("decoding.top_k", "softmax-again"): filled(
        TOP_K, {"count": "k", "result": "keras.activations.softmax(kept)"}, {}
    ),
    ("decoding.nucleus", "crossing-token-left-out"): filled(
        NUCLEUS, {"inside": "total <= p", "result": "kept / ops.sum(kept, -1, keepdims=True)"}, {}
    ),
    ("decoding.nucleus", "not-renormalised"): filled(
        NUCLEUS, {"inside": "total - values < p", "result": "kept"}, {}
    ),
    ("decoding.nucleus", "one-more-where-p-is-reached"): filled(
        NUCLEUS,
        {"inside": "total - values <= p", "result": "kept / ops.sum(kept, -1, keepdims=True)"},
        {},
    ),
    ("decoding.nucleus", "not-sorted"): """
def keep_nucleus(probabilities, p):
    if p <= 0 or p > 1:
        raise ValueError("p is out of range")
    if p == 1:
        return probabilities
    total = ops.cumsum(probabilities, axis=-1)
    kept = ops.where(total - probabilities >= p, 0.0, probabilities)
    return ops.divide(kept, ops.sum(kept, axis=-1, keepdims=True))
""",
    ("decoding.beam", "probabilities-summed"): beam(of="ops.softmax"),
    ("decoding.beam", "logits-summed"): beam(of=""),
    ("decoding.beam", "penalty-multiplied"): beam(score="total * ((length + 5.0) / 6.0) ** alpha"),
    ("decoding.beam", "no-penalty"): beam(score="total"),
    ("decoding.beam", "plain-length"): beam(score="total / (length ** alpha)"),
    ("decoding.beam", "start-counted"): beam(score="total / ((len(tokens) + 5.0) / 6.0) ** alpha"),
    ("decoding.beam", "cut-off-texts-dropped"): beam(
        sorting="""ended += [(total / ((length + 5.0) / 6.0) ** alpha, tokens)
                  for total, tokens in tries if tokens[-1] == END]
        live = [item for item in tries if item[1][-1] != END]
        if length == max_length and not ended:
            return [], 0.0"""
    ),
    ("decoding.cache", "new-ones-in-front"): cache(order="[new, old]"),
    ("decoding.cache", "mask-from-the-first-row"): cache(offset="0"),
    ("decoding.cache", "no-mask"): cache(mask="ops.ones_like(allowed)[None]"),
    ("decoding.cache", "cache-replaced"): cache(kept="tuple(fresh)"),
    ("decoding.cross", "computed-every-time"): cross(
        known="""(
        split_heads(attention.key_projection(source), H),
        split_heads(attention.value_projection(source), H),
    )"""
    ),
    ("decoding.cross", "mask-ignored"): cross(hide=""),
    ("decoding.step", "positions-begin-again"): step(offset="0"),
    ("decoding.step", "one-position-too-far"): step(offset="1 + cache[0][0][1].shape[2]"),
    ("decoding.step", "heads-counted-for-positions"): step(offset="cache[0][0][1].shape[1]"),
    ("decoding.step", "one-cache-for-all-blocks"): step(past="cache[0]"),
    ("decoding.step", "source-mask-forgotten"): step(mask="None"),
    ("decoding.step", "last-norm-left-out"): step(norm=""),
}
