"""Mistakes of `decoding.beam` in what is added up and in the penalty; its other right answers."""

from keras import ops

from autograder.exercises.decoding.beam import EXERCISE
from solutions.embedding import END


@EXERCISE.misconception(
    "probabilities-summed",
    title="probabilities added up",
    explanation="A text is as likely as the product of its steps; logarithms turn that into "
    "a sum. Added up, probabilities make every long text better than any short one.",
    hint="Two steps have probability 1/2 each. How likely are both of them?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams, finished = [(list(start), 0.0)], []
    for length in range(1, max_length + 1):
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        sums = ops.softmax(logits) + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        found = [
            (beams[int(place) // size][0] + [int(place) % size], float(log))
            for log, place in zip(best, places, strict=True)
        ]
        for ids, log in found:
            if ids[-1] == END or length == max_length:
                finished.append((log / ((5 + length) / 6) ** alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "logits-summed",
    title="logits added up",
    explanation="A logit says little by itself: another constant added to a row of logits "
    "leaves its probabilities alone, and changes such a sum. Only log-softmax makes rows "
    "comparable.",
    hint="If 10 is added to all logits of a row, does your score change?",
)
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams, finished = [(list(start), 0.0)], []
    for length in range(1, max_length + 1):
        logits = model(ops.array([ids for ids, _ in beams], dtype="int32"))[:, -1]
        sums = logits + ops.array([[log] for _, log in beams], dtype="float32")
        size = sums.shape[-1]
        best, places = ops.top_k(ops.reshape(sums, (-1,)), min(beam_width, len(beams) * size))
        found = [
            (beams[int(place) // size][0] + [int(place) % size], float(log))
            for log, place in zip(best, places, strict=True)
        ]
        for ids, log in found:
            if ids[-1] == END or length == max_length:
                finished.append((log / ((5 + length) / 6) ** alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "penalty-multiplied",
    title="score multiplied by the penalty",
    explanation="Logarithms of probabilities are negative. Multiplied by a number above 1 "
    "they become worse: longer texts are punished twice.",
    hint="Is −2 · 1.5 a better score than −2, or a worse one?",
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
            if ids[-1] == END or length == max_length:
                finished.append((log * ((5 + length) / 6) ** alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "no-penalty",
    title="no penalty for the length",
    explanation="Each further token makes a sum of logarithms smaller, so short texts win "
    "whatever they say.",
    hint="Where does the length occur in your score?",
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
            if ids[-1] == END or length == max_length:
                finished.append((log, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "plain-length",
    title="divided by the length to the power of alpha",
    explanation="Another convention, which many programs have. Here it is (5 + L) / 6, which "
    "is 1 for one token and grows more slowly.",
    hint="What does your penalty divide a text of one token by, and one of seven?",
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
            if ids[-1] == END or length == max_length:
                finished.append((log / length**alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.misconception(
    "start-counted",
    title="START counted as written",
    explanation="START was there before. It is no token that the model chose, and counts in "
    "no length.",
    hint="How long is the text of a beam that has written END alone?",
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
            if ids[-1] == END or length == max_length:
                finished.append((log / ((5 + len(ids)) / 6) ** alpha, ids[len(start) :]))
        beams = [(ids, log) for ids, log in found if ids[-1] != END]
        if not beams:
            break
    score, tokens = max(finished, key=lambda pair: pair[0])
    return tokens, score


@EXERCISE.variant
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    beams, best = [(0.0, ())], None
    for step in range(max_length):
        tries = []
        for log, tokens in beams:
            ids = ops.array([[*start, *tokens]], "int32")
            row = ops.convert_to_numpy(ops.log_softmax(model(ids)[0, -1]))
            tries += [(log + float(part), (*tokens, v)) for v, part in enumerate(row)]
        tries = sorted(tries, reverse=True)[:beam_width]
        beams = [one for one in tries if one[1][-1] != END]
        ends = tries if step + 1 == max_length else [one for one in tries if one[1][-1] == END]
        scored = [(log * (6 / (5 + len(tokens))) ** alpha, tokens) for log, tokens in ends]
        best = max(filter(None, [best, *scored]), default=None)
        if not beams:
            break
    return list(best[1]), best[0]


@EXERCISE.variant
def beam_search(model, start, beam_width, max_length, alpha=0.6):
    kept = [{"ids": list(start), "log": 0.0}]
    done = []
    for length in range(1, max_length + 1):
        logits = model(ops.array([one["ids"] for one in kept], "int32"))[:, -1]
        shares = ops.convert_to_numpy(ops.log(ops.softmax(logits) + 1e-38))
        pool = [
            {"ids": one["ids"] + [v], "log": one["log"] + float(row[v])}
            for one, row in zip(kept, shares, strict=True)
            for v in range(len(row))
        ]
        pool.sort(key=lambda one: one["log"], reverse=True)
        for one in pool[:beam_width]:
            one["score"] = one["log"] / ((5 + length) / 6) ** alpha
        kept = [one for one in pool[:beam_width] if one["ids"][-1] != END]
        done += [one for one in pool[:beam_width] if one["ids"][-1] == END]
        if not kept:
            break
    winner = max(done + kept, key=lambda one: one["score"])
    return winner["ids"][len(start) :], winner["score"]
