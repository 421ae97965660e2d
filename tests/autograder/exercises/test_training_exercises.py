"""Lesson 08: shortcuts, constant answers, and the numbers of the lesson in the visible cases."""

import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.training.accuracy import half_right
from autograder.exercises.training.batches import pairs
from autograder.exercises.training.tokens import padded_targets, scored
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions import training
from solutions.embedding import END, PAD, START
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("training.loss", "keras.losses.CategoricalCrossentropy(from_logits=True)"),
        ("training.loss", "ops.categorical_crossentropy(target, logits, from_logits=True)"),
        ("training.loss", "from keras.losses import SparseCategoricalCrossentropy as Loss"),
        ("training.loss", "loss = keras.ops.sparse_categorical_crossentropy(labels, logits)"),
        ("training.accuracy", "keras.metrics.SparseCategoricalAccuracy()"),
        ("training.accuracy", "keras.metrics.sparse_categorical_accuracy(labels, logits)"),
    ],
)
def test_a_shortcut_is_found(name, source):
    assert len(forbidden_uses(source, EXERCISES[name].forbidden)) == 1


class Half(training.TokenAccuracy):
    def update_state(self, labels, logits, sample_weight=None):
        self.right.assign_add(1.0)
        self.total.assign_add(2.0)


class Constant(training.WarmUpSchedule):
    def __call__(self, step):
        return ops.convert_to_tensor(1e-3)


class Nothing(training.PairBatches):
    def draw_batches(self):
        return []


class OneByOne(training.PairBatches):
    """Every pair by itself: the rows are right, and no batch is."""

    def draw_batches(self):
        rows = self.random.sample(range(len(self.sources)), len(self.sources))
        return [[row] for row in rows]


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("training.shift", lambda ids: (ids, ids), 0.0),
        ("training.loss", lambda labels, logits, smoothing=0.1: ops.mean(logits) * 0, 0.05),
        ("training.accuracy", Half, 0.25),  # a half may happen to be right
        ("training.schedule", Constant, 0.0),
        ("training.batches", Nothing, 0.0),
        ("training.batches", OneByOne, 0.0),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


@pytest.mark.parametrize("full", [True, False])
def test_drawn_targets_begin_and_end_and_differ_in_length(full):
    for seed in range(30):
        ids = padded_targets(np.random.default_rng(seed), 4, 9, 30, full)
        assert (ids[:, 0] == START).all()
        assert ((ids == END).sum(axis=1) == 1).all()
        sizes = np.count_nonzero(ids, axis=1)
        assert all(row[:size].all() for row, size in zip(ids, sizes, strict=True))
        assert sizes.max() == 9 - (not full)
        assert len(set(sizes)) == 4
        assert ids.max() < 30


def test_drawn_scores_are_of_the_vocabulary_and_labels_end():
    for seed in range(30):
        labels, logits = scored(np.random.default_rng(seed), 3, 7, 5)
        assert logits.shape == (3, 7, 5)
        assert labels.max() < 5
        assert (labels == PAD).any()


def test_guesses_are_neither_all_right_nor_all_wrong():
    for seed in range(30):
        labels, logits = half_right(np.random.default_rng(seed), 4, 7, 9)
        right = logits.argmax(axis=-1) == labels
        real = labels != PAD
        assert 0.1 < right[real].mean() < 0.95
        assert (logits.argmax(axis=-1)[~real] == PAD).any()  # padding is guessed, too


def test_drawn_pairs_tell_rows_apart():
    sources, targets = pairs(np.random.default_rng(0), 40, 9)
    assert len({tuple(source) for source in sources}) == 40
    assert {len(source) for source in sources} == set(range(1, 10))
    assert all(target[0] == START and target[-1] == END for target in targets)


def values(name, place):
    exercise = EXERCISES[name]
    return probe(exercise.reference, exercise.visible()[place])["values"]


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    inputs, labels = values("training.shift", 0)["output"]
    assert inputs.tolist() == [[1, 7, 8, 9], [1, 5, 2, 0]]
    assert labels.tolist() == [[7, 8, 9, 2], [5, 2, 0, 0]]
    assert values("training.loss", 0)["output"] == pytest.approx(1.421, abs=5e-4)
    accuracies = list(values("training.accuracy", 0).values())
    assert accuracies == pytest.approx([4 / 5, 4 / 7])
    by_hand = list(values("training.schedule", 0).values())
    assert [by_hand[0], by_hand[2], by_hand[4]] == pytest.approx([1 / 32, 1 / 8, 1 / 16])
    paper = list(values("training.schedule", 2).values())
    assert paper == pytest.approx([1.74693e-07, 1.74693e-05, 6.98771e-04, 1.39754e-04], rel=1e-4)
