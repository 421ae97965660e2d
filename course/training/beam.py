"""Translations by a beam: what lesson 09's search finds, with a Transformer to ask."""

from keras import ops

from course.data.characters import START


def beam_answers(model, task, pairs, beam_search, beam_width=4):
    """Return what a beam search writes for the sources of some pairs, one text a pair.

    model: a `Transformer`.    task: a `course.data.task.Task`.
    beam_search: as of lesson 09: called with a function from ids `(N, T)` to logits `(N, T, V)`,
        `start`, `beam_width` and `max_length`; returns `(tokens, score)`.
    """
    found = []
    for row in task.sources(pairs):
        source = ops.array(row[None])
        encoded = model.encode(source)

        def next_logits(ids, source=source, encoded=encoded):
            count = ids.shape[0]  # beginnings; each is to see the source
            return model.decode(ids, ops.repeat(encoded, count, 0), ops.repeat(source, count, 0))

        tokens, _ = beam_search(
            next_logits, start=[START], beam_width=beam_width, max_length=task.target_length - 1
        )
        found.append(task.characters.decode(tokens))
    return found
