"""Lesson 01: its mistakes in other people's words."""

VOCABULARY = """
class Vocabulary:
    def __init__(self, max_words=None):
        self.max_words = max_words
        self.tokens = list(SPECIALS)
        self.ids = {}

    def split(self, text):
        return re.findall(r" ?\\w+| ?[^\\w\\s]|\\s", text)

    def build(self, texts):
        {build}

    def encode(self, text):
        {encode}

    def pad(self, ids, length):
        {pad}

    def decode(self, ids):
        {decode}
"""
RIGHT = {
    "build": """
        counts = Counter()
        for text in texts:
            counts.update(self.split(text))
        for word, count in counts.most_common(self.max_words):
            self.tokens.append(word)
        self.ids = {word: i for i, word in enumerate(self.tokens)}
    """,
    "encode": """
        ids = [START]
        for word in self.split(text):
            ids.append(self.ids.get(word, UNK))
        return ids + [END]
    """,
    "pad": """
        missing = length - len(ids)
        if missing < 0:
            raise ValueError("too long")
        return list(ids) + missing * [PAD]
    """,
    "decode": """
        if min(ids) < 0 or max(ids) >= len(self.tokens):
            raise ValueError("not an id")
        return "".join(self.tokens[i] for i in ids if i >= UNK)
    """,
}


def vocabulary(**methods):
    """A whole class in which some methods are written anew."""
    source = VOCABULARY
    for name, body in {**RIGHT, **methods}.items():
        source = source.replace(f"{{{name}}}", body.strip())
    return source


LAYER = """
class TokenEmbedding(keras.layers.Layer):
    def __init__(self, vocabulary_size, d_model, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.d_model = d_model
        self.supports_masking = True

    def build(self, shape):
        self.table = self.add_weight(
            name="table", shape=(self.vocabulary_size, self.d_model), initializer="glorot_uniform"
        )

    def call(self, ids):
        x = {look_up}
        return {output}

    def compute_mask(self, ids, mask=None):
        return {mask}

    def get_config(self):
        config = super().get_config()
        return config | dict(vocabulary_size=self.vocabulary_size, d_model=self.d_model)
"""


def layer(
    look_up="ops.take(self.table, ids, 0)",
    output="x * ops.sqrt(ops.cast(self.d_model, x.dtype))",
    mask="ids > 0",
):
    """A whole layer; each part may be another one."""
    return LAYER.format(look_up=look_up, output=output, mask=mask)


BPE = """
def train_bpe(words, num_merges):
    words = {words}
    split = [list(w) for w in words]
    merges = []
    for step in range({steps}):
        counts = {{}}
        for pieces in split:
            for i in range(len(pieces) - 1):
                key = (pieces[i], pieces[i + 1])
                counts[key] = counts.get(key, 0) + 1
        {choose}
        split = [merge_pair(pieces, best[0], best[1]) for pieces in split]
        merges.append({kept})
    return merges
"""
CHOOSE = "if not counts: break\n        best = max(counts, key=lambda k: counts[k])"


def bpe(words="words", steps="num_merges", choose=CHOOSE, kept="best"):
    return BPE.format(words=words, steps=steps, choose=choose, kept=kept)


COSINES = """
def cosine_similarities(x, y):
    dots = ops.einsum("...id,...jd->...ij", x, y)
    left = {left}
    right = {right}
    return {output}
"""


def cosines(
    left="ops.sqrt(ops.sum(x**2, axis=-1))[..., :, None]",
    right="ops.sqrt(ops.sum(y**2, axis=-1))[..., None, :]",
    output="dots / ops.maximum(left * right, 1e-7)",
):
    return COSINES.format(left=left, right=right, output=output)


ANALOGY = """
def solve_analogy(table, a, b, c, count=1):
    rows = ops.convert_to_numpy(table).astype("float64")
    point = {point}
    score = {score}
    ranked = {ranked}
    kept = {kept}
    return ops.convert_to_tensor(np.array(kept, dtype="int32"))
"""


def analogy(
    point="rows[b] - rows[a] + rows[c]",
    score="rows @ point / np.maximum(np.linalg.norm(rows, axis=1), 1e-9)",
    ranked="list(np.argsort(score)[::-1])",
    kept="[i for i in ranked if i not in {a, b, c}][:count]",
):
    return ANALOGY.format(point=point, score=score, ranked=ranked, kept=kept)


STRANGERS = {
    ("embedding.vocabulary", "words-from-zero"): vocabulary(
        build="""
        words = Counter(w for t in texts for w in self.split(t)).most_common(self.max_words)
        self.tokens = [word for word, count in words]
        self.ids = {}
        for word in self.tokens:
            self.ids[word] = len(self.ids)
        """
    ),
    ("embedding.vocabulary", "order-of-appearance"): vocabulary(
        build="""
        for text in texts:
            for word in self.split(text):
                full = self.max_words is not None and len(self.ids) >= self.max_words
                if word not in self.ids and not full:
                    self.ids[word] = len(self.tokens)
                    self.tokens.append(word)
        """
    ),
    ("embedding.vocabulary", "alphabetical-order"): vocabulary(
        build="""
        words = list(set(self.split("".join(texts))))
        words.sort()
        self.tokens += words[:self.max_words]
        self.ids = dict(zip(self.tokens, range(len(self.tokens))))
        """
    ),
    ("embedding.vocabulary", "lower-case"): vocabulary(
        build="""
        counts = Counter()
        for text in texts:
            counts.update(self.split(text.lower()))
        self.tokens += [word for word, _ in counts.most_common(self.max_words)]
        self.ids = {word: i for i, word in enumerate(self.tokens)}
        """,
        encode="""
        words = self.split(text.lower())
        return [START] + [self.ids.get(word, UNK) for word in words] + [END]
        """,
    ),
    ("embedding.vocabulary", "end-forgotten"): vocabulary(
        encode="""
        ids = [self.ids[word] if word in self.ids else UNK for word in self.split(text)]
        ids.insert(0, START)
        return ids
        """
    ),
    ("embedding.vocabulary", "unknown-words-dropped"): vocabulary(
        encode="""
        ids = [START]
        for word in self.split(text):
            try:
                ids.append(self.ids[word])
            except KeyError:
                continue
        ids.append(END)
        return ids
        """
    ),
    ("embedding.vocabulary", "cut-to-length"): vocabulary(
        pad="""
        if len(ids) >= length:
            return ids[:length]
        return ids + [PAD for _ in range(length - len(ids))]
        """
    ),
    ("embedding.vocabulary", "ids-not-checked"): vocabulary(
        decode="""
        text = ""
        for number in ids:
            if number not in {PAD, START, END}:
                text = text + self.tokens[number]
        return text
        """
    ),
    ("embedding.vocabulary", "specials-in-the-text"): vocabulary(
        decode="""
        pieces = []
        for number in ids:
            if number < 0 or number >= len(self.tokens):
                raise ValueError(number)
            pieces.append(self.tokens[number])
        return "".join(pieces)
        """
    ),
    ("embedding.merge_pair", "right-token-kept"): """
def merge_pair(tokens, left, right):
    result = []
    i = 0
    while i < len(tokens):
        if i + 1 < len(tokens) and tokens[i] == left and tokens[i + 1] == right:
            result += [left + right]
        else:
            result += [tokens[i]]
        i += 1
    return result
""",
    ("embedding.merge_pair", "first-place-only"): """
def merge_pair(tokens, left, right):
    for i, pair in enumerate(pairwise(tokens)):
        if pair == (left, right):
            tokens[i : i + 2] = [left + right]
            break
    return tokens
""",
    ("embedding.merge_pair", "ends-of-longer-tokens-merged"): """
def merge_pair(tokens, left, right):
    text = "|".join(tokens)
    return re.sub(re.escape(left + "|" + right), left + right, text).split("|")
""",
    ("embedding.merge_pair", "spelling-compared"): """
def merge_pair(tokens, left, right):
    merged = []
    for token in tokens:
        if merged and merged[-1] + token == left + right:
            merged[-1] += token
        else:
            merged.append(token)
    return merged
""",
    ("embedding.merge_pair", "last-token-lost"): """
def merge_pair(tokens, left, right):
    out, skip = [], False
    for one, two in pairwise(tokens):
        if skip:
            skip = False
        elif (one, two) == (left, right):
            out.append(one + two)
            skip = True
        else:
            out.append(one)
    return out
""",
    ("embedding.train_bpe", "each-word-counted-once"): bpe(words="list(dict.fromkeys(words))"),
    ("embedding.train_bpe", "merged-across-words"): bpe(words="[''.join(words)]"),
    ("embedding.train_bpe", "counted-only-once"): """
def train_bpe(words, num_merges):
    counts = {}
    for word in words:
        for i in range(len(word) - 1):
            counts[word[i], word[i + 1]] = counts.get((word[i], word[i + 1]), 0) + 1
    return sorted(counts, key=counts.get, reverse=True)[:num_merges]
""",
    ("embedding.train_bpe", "last-of-equals"): bpe(
        choose="if not counts: break\n        best = sorted(counts, key=counts.get)[-1]"
    ),
    ("embedding.train_bpe", "alphabet-decides"): bpe(
        choose="if not counts: break\n"
        "        best = max(sorted(counts, reverse=True), key=counts.get)"
    ),
    ("embedding.train_bpe", "stops-when-nothing-repeats"): bpe(
        choose=CHOOSE + "\n        if counts[best] == 1: break"
    ),
    ("embedding.train_bpe", "no-pair-left"): bpe(choose="best = max(counts, key=counts.get)"),
    ("embedding.train_bpe", "tokens-returned"): bpe(kept="best[0] + best[1]"),
    ("embedding.token_embedding", "missing-scale"): layer(output="x"),
    ("embedding.token_embedding", "divided-by-the-root"): layer(output="x * self.d_model ** -0.5"),
    ("embedding.token_embedding", "scaled-by-d-model"): layer(output="x * self.table.shape[1]"),
    ("embedding.token_embedding", "scaled-by-the-vocabulary"): layer(
        output="x * self.table.shape[0] ** 0.5"
    ),
    ("embedding.token_embedding", "mask-missing"): layer(mask="None"),
    ("embedding.token_embedding", "mask-inverted"): layer(mask="ids < 1"),
    ("embedding.token_embedding", "mask-hides-all-specials"): layer(mask="ids >= 4"),
    ("embedding.token_embedding", "pad-vectors-zeroed"): layer(
        output="ops.where((ids != 0)[..., None], x * self.d_model**0.5, 0.0)"
    ),
    ("embedding.similarity", "dot-product"): cosines(output="dots"),
    ("embedding.similarity", "one-length-forgotten"): cosines(
        output="dots / ops.maximum(right, 1e-7)"
    ),
    ("embedding.similarity", "root-forgotten"): cosines(
        left="ops.sum(x * x, axis=-1, keepdims=True)",
        right="ops.sum(y * y, axis=-1)[..., None, :]",
        output="dots / ops.maximum(left, 1e-7) / ops.maximum(right, 1e-7)",
    ),
    ("embedding.similarity", "zero-divided-by-zero"): cosines(output="dots / (left * right)"),
    ("embedding.similarity", "one-length-for-the-table"): cosines(
        left="ops.norm(x)", right="ops.norm(y)"
    ),
    ("embedding.analogy", "direction-reversed"): analogy(point="rows[a] + rows[c] - rows[b]"),
    ("embedding.analogy", "question-among-the-answers"): analogy(kept="ranked[:count]"),
    ("embedding.analogy", "left-out-too-late"): analogy(
        kept="[i for i in ranked[:count] if i != a and i != b and i != c]"
    ),
    ("embedding.analogy", "distances-compared"): analogy(
        score="-((rows - point) ** 2).sum(axis=1)"
    ),
    ("embedding.analogy", "dot-products-compared"): analogy(score="rows @ point"),
    ("embedding.analogy", "lengths-removed-first"): analogy(
        point="sum(s * rows[i] / np.linalg.norm(rows[i]) for s, i in ((1, b), (-1, a), (1, c)))"
    ),
}
