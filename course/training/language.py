"""The training of a language model from a text in pieces to the file that is handed in."""

import math
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from course.data.pydoc_pieces import DOCUMENTATION, corpus
from course.data.pydoc_text import unigram_entropy
from course.progress import Progress
from course.training import nats
from course.training.kinds import DECODER
from course.training.missing import tell_missing
from course.training.watch import Watch
from course.training.weights import save_weights

PROMPT = 'The "while" statement is'
TEMPERATURE = 0.7


@dataclass(frozen=True)
class Recipe:
    """What a training of a language model costs; it reaches its target.

    length: pieces of a window.    batch_size: windows a step.
    steps: in all; `round_steps`: between two looks at text that is held out.
    peak_rate: the highest learning rate.    warmup_steps: until it is reached.
    """

    d_model: int = 64
    num_layers: int = 2
    num_heads: int = 4
    num_groups: int = 2
    d_ff: int = 128
    length: int = nats.LENGTH
    batch_size: int = 32
    steps: int = 600
    round_steps: int = 50
    peak_rate: float = 6e-3
    warmup_steps: int = 50

    @property
    def sizes(self):
        """The constructor's arguments of `DecoderOnly` that say how large it is."""
        return DECODER.sizes_of(self)

    @property
    def rounds(self):
        """How many rounds of `round_steps` there are."""
        return self.steps // self.round_steps


def train(fit, decoder, recipe=None, seed=0, path=None):
    """Train a language model on Python's documentation; return it and a list of what was measured.

    fit: `fit(model, ids, recipe, callbacks)` compiles the model and calls its `fit`.
    decoder: class of the layer, such as `DecoderOnly`; None where there is none to train.
    recipe: a `Recipe`.    seed: of the weights and, by NumPy's generator, of the windows.
    path: of the file of weights that is written at the end; None writes none.
    Each round is a dict of `step`, `nats` (a piece, on text that is held out) and what `fit` logs.
    Where a part that it needs is not answered yet, that is said, and `(None, [])` returned.
    """
    if decoder is None:
        return None, []
    recipe = recipe or Recipe()
    keras.utils.set_random_seed(seed)
    try:
        layer, history = _train(fit, decoder, recipe)
    except NotImplementedError as error:
        tell_missing(error, "trained")
        return None, []
    if path:
        save_weights(layer, path, DOCUMENTATION, DECODER)
    return layer, history


def _train(fit, decoder, recipe):
    text = corpus()
    layer = decoder(text.vocabulary_size, **recipe.sizes)
    symbol = keras.Input((recipe.length,), dtype="int32")
    model = keras.Model(symbol, nats.logits_of(layer(symbol)))
    windows = nats.cut(text.visible)

    def look():
        loss = nats.measure(layer, windows).next
        return {"nats": loss}, f"{loss:.2f} nats a piece, held out", False

    with Progress("Training", total=recipe.steps) as progress:
        watch = Watch(look, progress)
        watch.history.append({"step": 0, **look()[0]})
        fit(model, text.train, recipe, [watch])
    return layer, watch.history


def marks():
    """Return what a loss on the visible text is compared with, by name, in nats a piece.

    unigram: reached by who knows how frequent each piece of it is.    uniform: ln V.
    """
    asked = nats.cut(corpus().visible)[:, 2:-1]
    uniform = math.log(corpus().vocabulary_size)
    return {"unigram": unigram_entropy(asked.reshape(-1)), "uniform": uniform}


def write(layer, prompt=PROMPT, seed=0, length=nats.LENGTH, temperature=TEMPERATURE):
    """Return the prompt and what a model writes after it, `length` pieces in all.

    layer: called with ids `(1, T)`, returns logits; or `(logits, cache)` as `DecoderOnly` does, and
        takes `cache=`: then each piece is read once.
    temperature: below 1, likely pieces become likelier still.
    """
    pieces, rng = corpus().pieces, np.random.default_rng(seed)
    ids, options = list(pieces.encode(prompt)), {}
    new = ids
    while len(ids) < length:
        answer = layer(ops.convert_to_tensor([new], "int32"), **options)
        scores = ops.convert_to_numpy(nats.logits_of(answer))[0, -1].astype("float64")
        shares = np.exp((scores - scores.max()) / temperature)
        shares[0] = 0.0  # never the sign for an unknown character
        drawn = int(rng.choice(len(shares), p=shares / shares.sum()))
        ids = [*ids, drawn]
        new = [drawn] if isinstance(answer, tuple) else ids
        options = {"cache": answer[1]} if isinstance(answer, tuple) else {}
    return pieces.decode(ids)
