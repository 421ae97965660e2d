"""Which tokens of a source each token of a translation looked at: weights of cross-attention."""

from keras import ops

from course.data.characters import START


def cross_weights(model, source, target):
    """Return the cross-attention weights of the last decoder block, averaged over heads: `(T, S)`.

    model: a `Transformer` of lesson 07, with parts as lessons 05 and 06 make them.
    source: list of ids, not empty.    target: list of ids, without START and END.
    Row t belongs to what is written at place t, the last one to END; column s to `source[s]`.
    """
    if not len(source):
        raise ValueError("`source` must hold an id at least. Received: none")
    source, target = ops.array([list(source)]), ops.array([[START, *target]])
    attention = model.decoder.blocks[-1].cross_attention.attention
    kept, plain = [], attention.call

    def keeping(*args, **kwargs):
        output, weights = plain(*args, **{**kwargs, "return_weights": True})
        kept.append(weights)  # (1, H, T, S)
        return output

    attention.call = keeping
    try:
        model.decode(target, model.encode(source), source)
    finally:
        del attention.call  # what the class has is there again
    return ops.convert_to_numpy(kept[0])[0].mean(axis=0)
