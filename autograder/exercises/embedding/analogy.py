"""`embedding.analogy`: which word is to c as b is to a? The direction from a to b says."""

import numpy as np
from keras import ops

from autograder.exercises.form import Exercise
from course.checking.case import EXACT, Call, Case
from solutions import embedding
from solutions.embedding import cosine_similarities

GAP = 0.02  # between the cosines of one candidate and the next: far more than rounding


def case(name, table, a, b, c, count):
    return Case(name, (Call([table, a, b, c, count]),), tolerance=EXACT, because="")


def by_default(name, table, a, b, c):
    return Case(name, (Call([table, a, b, c]),), tolerance=EXACT, because="")


def drawn(rng, size, width, count):
    """A table and three ids whose candidates, best first, are told apart by their cosines."""
    while True:
        lengths = rng.uniform(0.3, 3.0, (size, 1))
        table = np.round(rng.normal(size=(size, width)) * lengths, 2).astype("float32")
        a, b, c = (int(number) for number in rng.choice(size, 3, replace=False))
        target = (table[b] - table[a] + table[c]).astype("float64")
        cosines = table @ target / np.linalg.norm(table, axis=1) / np.linalg.norm(target)
        best = np.sort(np.delete(cosines, [a, b, c]))[::-1]
        if np.diff(best[: count + 1]).max() < -GAP:
            return table, a, b, c, count


def with_zeros(table, a, b, c, count):
    """The same with PAD as a vector of zeros, which points nowhere."""
    row = next(number for number in range(len(table)) if number not in (a, b, c))
    return np.where(np.arange(len(table))[:, None] == row, np.float32(0), table), a, b, c, count


def royal():
    """Features: royal, female, old; the words are those of the lesson."""
    return np.array(
        [
            [0.1, 0.1, 0.1],
            [1.0, 0.0, 5.0],  # man
            [1.0, 4.0, 5.0],  # woman
            [6.0, 0.0, 6.0],  # king
            [6.0, 3.5, 6.0],  # queen
            [5.0, 0.5, 1.0],  # prince
            [5.0, 4.0, 1.0],  # princess
            [0.5, 1.0, 9.0],  # elder
        ],
        "float32",
    )


def visible():
    rng = np.random.default_rng(15)
    return [
        by_default("by hand: man is to woman as king is to …", royal(), 1, 2, 3),
        case("the best four", *drawn(rng, 15, 6, 4)),
        case("the best three", *drawn(rng, 12, 5, 3)),
    ]


def hidden(rng):
    (table, *ids, _), others = drawn(rng, 14, 5, 1), drawn(rng, 17, 8, 6)
    return [
        by_default("the best one", table, *ids),
        case("the best five", *drawn(rng, 19, 7, 5)),
        case("the best six", *others),
        case("many words", *drawn(rng, 40, 12, 4)),
        case("few words", *drawn(rng, 9, 4, 5)),
        case("a vector of zeros", *with_zeros(*drawn(rng, 16, 6, 3))),
    ]


EXERCISE = Exercise(
    id="embedding.analogy",
    title="Solve an analogy by its direction",
    kind="function",
    points=3,
    reference=embedding.solve_analogy,
    visible=visible,
    hidden=hidden,
    uses=("embedding.similarity",),
)


@EXERCISE.misconception(
    "direction-reversed",
    title="going from b to a",
    explanation="b − a leads from a to b. The other way round it leads from woman to man, and a "
    "king becomes something more male than a king.",
    hint="Which difference, added to a, gives b?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[a] - table[b] + table[c]
    similarities = cosine_similarities(target[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], -2.0 * ops.ones(3))
    return ops.top_k(similarities, count)[1]


@EXERCISE.misconception(
    "question-among-the-answers",
    title="a, b and c among the candidates",
    explanation="The point lies near c, so that c is often the nearest word of all, or b. Nobody "
    "means *king is to king*.",
    hint="Which word is usually nearest to king + something small?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    return ops.top_k(cosine_similarities(target[None, :], table)[0], count)[1]


@EXERCISE.misconception(
    "only-c-left-out",
    title="leaving out c only",
    explanation="The point is near b as well: b is one of its three parts.",
    hint="Of which three vectors is the point made?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    similarities = cosine_similarities(target[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[c]], -2.0 * ops.ones(1))
    return ops.top_k(similarities, count)[1]


@EXERCISE.misconception(
    "left-out-too-late",
    title="taking the best and leaving a, b and c out of them afterwards",
    explanation="Whatever is left out is missing: there are fewer candidates than were asked for.",
    hint="How many ids did you return, and how many were asked for?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    best = ops.top_k(cosine_similarities(target[None, :], table)[0], count)[1]
    kept = [number for number in ops.convert_to_numpy(best) if number not in (a, b, c)]
    return ops.convert_to_tensor(np.array(kept, "int32"))


@EXERCISE.misconception(
    "dot-products-compared",
    title="ranking by dot products",
    explanation="Long vectors win, whatever they mean.",
    hint="Which of your functions compares the direction alone?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    similarities = ops.matmul(table, target)
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], -1e6 * ops.ones(3))
    return ops.top_k(similarities, count)[1]


@EXERCISE.misconception(
    "distances-compared",
    title="ranking by distance",
    explanation="The nearest point and the nearest direction are different words where vectors "
    "have different lengths. The task asks for the direction.",
    hint="Is the word you found the nearest point, or does it lie in the same direction?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    nearness = -ops.norm(table - target, axis=-1)
    nearness = ops.scatter_update(nearness, [[a], [b], [c]], -1e6 * ops.ones(3))
    return ops.top_k(nearness, count)[1]


@EXERCISE.misconception(
    "a-forgotten",
    title="adding b to c without taking a off",
    explanation="King and woman together are a point between the two. What is wanted is what makes "
    "a woman out of a man, added to a king.",
    hint="What does *woman* have that *man* has not? Where does your point keep the rest?",
)
def solve_analogy(table, a, b, c, count=1):
    similarities = cosine_similarities((table[b] + table[c])[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], -2.0 * ops.ones(3))
    return ops.top_k(similarities, count)[1]


@EXERCISE.misconception(
    "c-forgotten",
    title="looking for the direction itself",
    explanation="b − a is the step from a to b. The answer is where that step leads from c.",
    hint="From where do you take the step?",
)
def solve_analogy(table, a, b, c, count=1):
    similarities = cosine_similarities((table[b] - table[a])[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], -2.0 * ops.ones(3))
    return ops.top_k(similarities, count)[1]


@EXERCISE.misconception(
    "least-similar-first",
    title="sorting from the least similar",
    explanation="`argsort` sorts upwards: its first entries are those that point away most.",
    hint="Is the first entry of `argsort` the largest or the smallest?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    similarities = cosine_similarities(target[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], 2.0 * ops.ones(3))
    return ops.argsort(similarities)[:count]


@EXERCISE.misconception(
    "similarities-returned",
    title="returning similarities and not ids",
    explanation="`top_k` returns two things: the values, then where they stood.",
    hint="What are the two things that `top_k` returns?",
)
def solve_analogy(table, a, b, c, count=1):
    target = table[b] - table[a] + table[c]
    similarities = cosine_similarities(target[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], -2.0 * ops.ones(3))
    return ops.top_k(similarities, count)[0]


@EXERCISE.misconception(
    "lengths-removed-first",
    title="bringing the vectors to length 1 before the step",
    explanation="Mikolov and others do so, and it is a fair choice; the point is then another one. "
    "The task takes the vectors as they are.",
    hint="Does the task say anything about the lengths of the vectors you add?",
)
def solve_analogy(table, a, b, c, count=1):
    units = table / ops.maximum(ops.norm(table, axis=-1, keepdims=True), 1e-7)
    target = units[b] - units[a] + units[c]
    similarities = cosine_similarities(target[None, :], table)[0]
    similarities = ops.scatter_update(similarities, [[a], [b], [c]], -2.0 * ops.ones(3))
    return ops.top_k(similarities, count)[1]


@EXERCISE.variant
def solve_analogy(table, a, b, c, count=1):
    target = table[c] + (table[b] - table[a])
    similarities = ops.convert_to_numpy(cosine_similarities(table, ops.stack([target])))[:, 0]
    order = [int(number) for number in np.argsort(-similarities) if number not in (a, b, c)]
    return ops.array(order[:count], dtype="int32")


@EXERCISE.variant
def solve_analogy(table, a, b, c, count=1):
    target = ops.reshape(table[b] - table[a] + table[c], (1, -1))
    similarities = ops.reshape(cosine_similarities(target, table), (-1,))
    ids = ops.arange(table.shape[0])
    asked = (ids == a) | (ids == b) | (ids == c)
    return ops.flip(ops.argsort(ops.where(asked, -2.0, similarities)))[:count]
