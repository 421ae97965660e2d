"""Which tokens of a source each token of a translation looked at: weights of cross-attention."""

from keras import ops

from course.data.characters import START


def weights_by_block(model, source, target):
    """Return the cross-attention weights of each decoder block: a list of arrays `(B, H, T, S)`.

    model: a `Transformer` of lesson 07, with parts as lessons 05 and 06 make them.
    source: `(B, S)` ids.    target: `(B, T)` ids, the first of them START.
    Row t belongs to what is written behind token t of `target`; column s to token s of `source`.
    """
    layers = [block.cross_attention.attention for block in model.decoder.blocks]
    kept = []

    def keeping(call):
        def kept_call(*args, **kwargs):
            output, weights = call(*args, **{**kwargs, "return_weights": True})
            kept.append(ops.convert_to_numpy(weights))
            return output

        return kept_call

    calls = [layer.call for layer in layers]
    try:
        for layer, call in zip(layers, calls, strict=True):
            layer.call = keeping(call)
        model({"source": ops.convert_to_tensor(source), "target": ops.convert_to_tensor(target)})
    finally:
        for layer in layers:
            del layer.call  # what the class has is there again
    return kept


def cross_weights(model, source, target):
    """Return the weights of the last block for one translation, averaged over heads: `(T, S)`.

    model: as of `weights_by_block`.
    source: list of ids, not empty.    target: list of ids, without START and END.
    Row t belongs to what is written at place t, the last one to END; column s to `source[s]`.
    """
    if not len(source):
        raise ValueError("`source` must hold an id at least. Received: none")
    return weights_by_block(model, [list(source)], [[START, *target]])[-1][0].mean(axis=0)
