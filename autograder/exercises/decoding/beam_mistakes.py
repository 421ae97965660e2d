"""Mistakes of `decoding.beam` in which beginnings are kept and when a text is finished."""

from keras import ops

from autograder.exercises.decoding.beam import EXERCISE
from solutions.embedding import END


@EXERCISE.misconception(
    "best-token-of-each-beam",
    title="each beam goes on with its own best tokens only",
    explanation="Beams compete with each other: two continuations of one beginning may both be "
    "better than the best of another. From a single START each beam then does what greedy does.",
    hint="From START there is one beam. How many must there be after the first step?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    logits = model(ops.array([list(start)], dtype="int32"))[:, -1]
    best, places = ops.top_k(ops.log_softmax(logits[0]), min(beam_width, logits.shape[-1]))
    beams = [([*start, int(v)], float(log)) for log, v in zip(best, places, strict=True)]
    done = [(ids, log) for ids, log in beams if ids[-1] == END or max_length == 1]
    beams = [(ids, log) for ids, log in beams if ids[-1] != END]
    finished = [(log, ids[len(start) :]) for ids, log in done]
    for length in range(2, max_length + 1):
        if not beams:
            break
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        log_p = ops.log_softmax(logits)
        tokens = ops.argmax(log_p, axis=-1)
        beams = [
            ([*ids, int(v)], log + float(ops.max(row)))
            for (ids, log), v, row in zip(beams, tokens, log_p, strict=True)
        ]
        for ids, log in beams:
            if ids[-1] == END or length == max_length:
                finished.append((log / ((5 + length) / 6) ** alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in beams if ids[-1] != END]
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "ended-beams-go-on",
    title="beams are written on behind END",
    explanation="What stands behind END is no text, and its logarithms make the sum worse: texts "
    "that have ended lose against those that have not.",
    hint="What may follow END?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams = [(list(start), 0.0)]
    for _ in range(max_length):
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        sums = ops.log_softmax(logits) + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        beams = [
            (beams[int(place) // size][0] + [int(place) % size], float(log))
            for log, place in zip(best, places, strict=True)
        ]
    ids, log = max(beams, key=lambda pair: pair[1])
    tokens = ids[len(start) :]
    tokens = tokens[: tokens.index(END) + 1] if END in tokens else tokens
    return tokens, log / ((5 + len(tokens)) / 6) ** alpha


@EXERCISE.misconception(
    "finished-texts-forgotten",
    title="only texts that never ended are scored",
    explanation="A beam that ends leaves the beam, and must be kept elsewhere. Otherwise the "
    "winner is whatever was cut off at the greatest length.",
    hint="Where do you keep a text that has ended?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams, last = [(list(start), 0.0)], []
    for length in range(1, max_length + 1):
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        sums = ops.log_softmax(logits) + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        found = [
            (beams[int(place) // size][0] + [int(place) % size], float(log))
            for log, place in zip(best, places, strict=True)
        ]
        last = [(log / ((5 + length) / 6) ** alpha, ids[len(start) :]) for ids, log in found]
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(last, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "stops-at-the-first-end",
    title="the first text that ends is returned",
    explanation="It was the likeliest of its length, and a longer one may have the better score. "
    "Short texts win too often.",
    hint="When the first beam ends, how many others are still in the race?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams = [(list(start), 0.0)]
    for length in range(1, max_length + 1):
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        sums = ops.log_softmax(logits) + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        beams = [
            (beams[int(place) // size][0] + [int(place) % size], float(log))
            for log, place in zip(best, places, strict=True)
        ]
        done = [(ids, log) for ids, log in beams if ids[-1] == END] or beams
        if done is not beams or length == max_length:
            ids, log = done[0]
            return ids[len(start) :], log / ((5 + length) / 6) ** alpha
    return None


@EXERCISE.misconception(
    "cut-off-texts-dropped",
    title="texts that were cut off are not scored",
    explanation="What has not ended after the last step is a text all the same. Where nothing has "
    "ended, there is no answer at all.",
    hint="What do you return if no beam has written END?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams, finished = [(list(start), 0.0)], []
    for length in range(1, max_length + 1):
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        sums = ops.log_softmax(logits) + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        found = [
            (beams[int(place) // size][0] + [int(place) % size], float(log))
            for log, place in zip(best, places, strict=True)
        ]
        for ids, log in found:
            if ids[-1] == END:
                finished.append((log / ((5 + length) / 6) ** alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    if not finished:
        return [], 0.0
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score
