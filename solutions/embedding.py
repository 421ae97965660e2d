"""Lesson 01, embedding: from text to ids, from ids to vectors, and which vectors are close.

Shapes throughout: `V` tokens in the vocabulary, `d_model` features of a vector; `...` is any number
of leading axes, such as a batch and a length.
"""

import math
import re
from collections import Counter
from itertools import pairwise

import keras
from keras import ops

PAD, START, END, UNK = range(4)  # ids that every vocabulary keeps for itself
SPECIALS = ["[PAD]", "[START]", "[END]", "[UNK]"]


class Vocabulary:
    """Number the words of some texts; turn a text into ids, and ids into a text.

    encode("a b") = START, id of "a", id of " b", END;  decode(encode(text)) = text

    Args: max_words: int, at most this many words get an id; None, the default, is for all.
    Attributes: `tokens`, a list: the token of each id. `ids`, a dict: the id of each token.

    >>> vocabulary = Vocabulary()
    >>> vocabulary.build(["no, no, no."])
    >>> vocabulary.tokens
    ['[PAD]', '[START]', '[END]', '[UNK]', ',', ' no', 'no', '.']
    >>> vocabulary.pad(vocabulary.encode("no no,"), length=6)
    [1, 6, 5, 4, 2, 0]
    >>> vocabulary.decode([1, 6, 5, 4, 2, 0])
    'no no,'
    """

    def __init__(self, max_words=None):
        self.max_words = max_words
        self.tokens = list(SPECIALS)
        self.ids = {}

    def split(self, text):
        """Cut a text into words and signs, each with the space before it; none is lost."""
        return re.findall(r" ?\w+| ?[^\w\s]|\s", text)

    def build(self, texts):
        """Number the words of a list of texts from 4, the most frequent first.

        Words of equal count stand in the order in which they first occur.
        """
        counts = Counter(word for text in texts for word in self.split(text))
        self.tokens = SPECIALS + [word for word, _ in counts.most_common(self.max_words)]
        self.ids = {token: number for number, token in enumerate(self.tokens)}

    def encode(self, text):
        """Return a list of ints: START, the id of each word (UNK where it has none), END."""
        return [START, *(self.ids.get(word, UNK) for word in self.split(text)), END]

    def pad(self, ids, length):
        """Return a list of ids with PAD behind them, `length` in all.

        Raises ValueError where there are more ids than that: cut off, a text would lose its END.
        """
        if len(ids) > length:
            raise ValueError(f"`length` must be at least {len(ids)}. Received: length={length}")
        return ids + [PAD] * (length - len(ids))

    def decode(self, ids):
        """Return the text of a list of ids; PAD, START and END leave nothing, UNK leaves [UNK].

        Raises ValueError for an id below 0 or beyond the vocabulary.
        """
        for number in ids:
            if not 0 <= number < len(self.tokens):
                last = len(self.tokens) - 1
                raise ValueError(f"Every id must be in 0 to {last}. Received: {number}")
        return "".join(self.tokens[number] for number in ids if number not in (PAD, START, END))


def merge_pair(tokens, left, right):
    """Join two neighbouring tokens into one wherever they stand side by side.

    Args: tokens: list of str, one word in pieces.    left, right: str, the pair to join.
    Returns: list of str, scanned from left to right; together they spell the same word.
    Reference: Sennrich, Haddow and Birch 2016, section 3.2.

    >>> merge_pair(["b", "a", "n", "a", "n", "a"], "a", "n")
    ['b', 'an', 'an', 'a']
    """
    merged, place = [], 0
    while place < len(tokens):
        if tokens[place : place + 2] == [left, right]:
            merged.append(left + right)
            place += 2
        else:
            merged.append(tokens[place])
            place += 1
    return merged


def train_bpe(words, num_merges):
    """Learn a byte-pair encoding: merge the most frequent pair of neighbours, again and again.

    Args: words: list of str, each as often as it occurs. A word starts as its characters, and no
            merge reaches from one word into the next.
        num_merges: int, how many merges to learn.
    Returns: list of pairs `(left, right)` in the order learned; fewer than `num_merges` where no
        pair is left. Of equally frequent pairs the one that comes first in `words` is taken.
    Reference: Sennrich, Haddow and Birch 2016, section 3.2.

    >>> train_bpe(["mug", "hug", "hug"], num_merges=2)
    [('u', 'g'), ('h', 'ug')]
    """
    counts = Counter(words)
    pieces = {word: list(word) for word in counts}
    merges = []
    for _ in range(num_merges):
        pairs = Counter()
        for word, count in counts.items():
            for pair in pairwise(pieces[word]):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=pairs.get)  # of several, the one counted first
        pieces = {word: merge_pair(tokens, *best) for word, tokens in pieces.items()}
        merges.append(best)
    return merges


@keras.saving.register_keras_serializable(package="transformer_course")
class TokenEmbedding(keras.layers.Layer):
    """Look up a vector for each token id, and scale it.

    output = √d_model · table[ids]

    Shapes: `V` tokens in the vocabulary, `d_model` features; `...` any axes, such as `(B, T)`.
    Args: vocabulary_size: int, number of tokens `V`.
        d_model: int, width `d_model` of a vector.
    Call arguments: ids: `(...)` integers, each below `V`.    Returns: `(..., d_model)`.
    Attributes: `table`, a weight of shape `(V, d_model)` made in `build`. Its entries are drawn
        with standard deviation 1/√d_model, so that those of the output have 1.
    Masking: `compute_mask` is True where a token is not PAD; Keras puts it on the output.
    Raises: ValueError if a size is not positive, or if ids are not integers.
    Reference: Vaswani et al. 2017, section 3.4.

    >>> vectors = TokenEmbedding(vocabulary_size=9, d_model=4)(ops.array([[1, 5, 2, 0]]))
    >>> tuple(vectors.shape)
    (1, 4, 4)
    """

    def __init__(self, vocabulary_size, d_model, **kwargs):
        super().__init__(**kwargs)
        if vocabulary_size < 1 or d_model < 1:
            raise ValueError(
                f"Sizes must be positive. Received: vocabulary_size={vocabulary_size}, "
                f"d_model={d_model}"
            )
        self.vocabulary_size = vocabulary_size
        self.d_model = d_model

    def build(self, ids_shape):
        self.table = self.add_weight(
            name="table",
            shape=(self.vocabulary_size, self.d_model),
            initializer=keras.initializers.RandomNormal(stddev=self.d_model**-0.5),
        )

    def call(self, ids):
        if not keras.backend.is_int_dtype(ids.dtype):
            raise ValueError(f"`ids` must be integers. Received: dtype={ids.dtype}")
        return ops.take(self.table, ids, axis=0) * math.sqrt(self.d_model)

    def compute_mask(self, ids, mask=None):
        return ops.not_equal(ids, PAD)

    def compute_output_shape(self, ids_shape):
        return (*ids_shape, self.d_model)

    def get_config(self):
        sizes = {"vocabulary_size": self.vocabulary_size, "d_model": self.d_model}
        return {**super().get_config(), **sizes}


def cosine_similarities(x, y):
    """Compare the direction of each vector of `x` with that of each vector of `y`.

    cos(x, y) = x · y / (|x| |y|)

    Args: x: `(..., M, d)`.    y: `(..., N, d)`.
    Returns: `(..., M, N)`, between −1 and 1; 0 where a vector is zero and has no direction.

    >>> print(ops.convert_to_numpy(cosine_similarities(ops.array([[3.0, 4.0]]), ops.eye(2))))
    [[0.6 0.8]]
    """
    x = x / ops.maximum(ops.norm(x, axis=-1, keepdims=True), 1e-7)  # of length 1
    y = y / ops.maximum(ops.norm(y, axis=-1, keepdims=True), 1e-7)
    return ops.matmul(x, ops.swapaxes(y, -1, -2))


def solve_analogy(table, a, b, c, count=1):
    """Find d in "a is to b as c is to d" by direction: near table[b] − table[a] + table[c].

    The vectors are added as they are; the reference brings each to length 1 first.

    Args: table: `(V, d)`, one vector a token.    a, b, c: int, three ids.
        count: int, how many candidates to return.
    Returns: `(count,)` ids by cosine similarity, the most similar first; never a, b or c.
    Reference: Mikolov, Yih and Zweig 2013, section 4.

    >>> table = ops.array([[1.0, 1.0], [1.0, 9.0], [5.0, 1.0], [5.0, 8.0], [9.0, 0.0]])
    >>> print(ops.convert_to_numpy(solve_analogy(table, a=0, b=1, c=2)))
    [3]
    """
    target = table[b] - table[a] + table[c]  # (d,)
    similarities = cosine_similarities(target[None, :], table)[0]  # (V,)
    below_any_cosine = -2.0 * ops.ones(3, similarities.dtype)
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], below_any_cosine)
    return ops.top_k(similarities, count)[1]
