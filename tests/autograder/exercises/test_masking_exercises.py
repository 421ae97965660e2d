"""Lesson 04: shortcuts, constant answers, and the zoo that tests a test."""

import itertools
from importlib.resources import files

import keras
import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.inputs import normal
from autograder.exercises.masking import detector, zoo
from autograder.exercises.masking.softmax import some_allowed
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from course.checking.standins import fill
from solutions.masking import sees_future
from tests.autograder.exercises.running import verdict_on_program


@pytest.mark.parametrize(
    ("exercise", "source"),
    [
        ("masking.masked_softmax", "return keras.layers.Softmax(axis)(scores, mask)"),
        ("masking.masked_attention", "return ops.dot_product_attention(query, key, value, mask)"),
        ("masking.masked_attention", "keras.layers.MultiHeadAttention(1, 4)"),
        ("masking.padding", "return layer.compute_mask(ids)[:, None]"),
        ("masking.leak_detector", "return bool(np.triu(layer.matrix, 1).any())"),
        ("masking.leak_detector", "config = layer.get_config()"),
    ],
)
def test_a_shortcut_is_found(exercise, source):
    assert len(forbidden_uses(source, EXERCISES[exercise].forbidden)) == 1


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        (
            "masking.padding",
            lambda ids, pad=0: ops.ones((ids.shape[0], 1, ids.shape[1]), "bool"),
            0,
        ),
        ("masking.causal", lambda length: np.ones((1, length, length), bool), 0),
        ("masking.combine", lambda *masks: masks[-1], 0.1),  # one mask alone is right
        ("masking.masked_softmax", lambda scores, mask=None, axis=-1: ops.zeros_like(scores), 0),
        (
            "masking.masked_attention",
            lambda query, key, value, mask=None: (ops.zeros_like(query), ops.zeros_like(query)),
            0,
        ),
        ("masking.leak_detector", lambda layer, x: True, 0),
        ("masking.leak_detector", lambda layer, x: False, 0),
        ("masking.leak_detector", lambda layer, x: None, 0),
        ("masking.leak_detector", lambda layer, x: "chain" in type(layer).__name__.lower(), 0.1),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    assert verdict_on_program(EXERCISES[name], program).points <= most * EXERCISES[name].points


def test_a_detector_that_finds_some_leaks_earns_a_part():
    """One cut finds what crosses it, and accuses nobody."""

    def one_cut(layer, x):
        half = x.shape[1] // 2
        other = ops.concatenate([x[:, :half], -x[:, half:] + 2.0], axis=1)
        return bool(ops.max(ops.abs(layer(other) - layer(x))[:, :half]) > 1e-4)

    verdict = verdict_on_program(EXERCISES["masking.leak_detector"], one_cut)
    missed = [case for case in verdict.cases if not (case.passed or case.visible)]
    assert len(missed) == 3  # an early and a late one, and the last but one
    leaks = len(zoo.leaks(np.random.default_rng(0), *detector.SIZES))
    assert verdict.points == round(5 * (1 - 3 / leaks), 2)
    assert verdict.diagnosis["id"] == "one-cut-only"


def test_what_is_sent_to_the_kernel_gives_no_answer_away():
    """Names and points are the same for leaks and honest layers, and their order is drawn."""
    exercise, answers = EXERCISES["masking.leak_detector"], []
    for seed in (0, 1):
        cases = exercise.hidden(np.random.default_rng(seed))
        names = [f"layer {number} of the zoo" for number in range(1, len(cases) + 1)]
        assert [case.name for case in cases] == names
        assert {case.points for case in cases} == {1.0}
        answers.append([probe(sees_future, case)["values"]["output"] for case in cases])
    assert answers[0] != answers[1]
    assert sorted(answers[0]) == sorted(answers[1])


@pytest.mark.parametrize("seed", range(5))
def test_leaks_and_rounding_are_far_apart(seed):
    """As the lesson says: below 0.00001 and above 0.01, whatever the future is replaced by."""
    rng = np.random.default_rng(seed)
    leaks, honest = zoo.leaks(rng, *detector.SIZES), zoo.honest(rng, *detector.SIZES)
    assert not leaks.keys() & honest.keys()
    for name, data in {**leaks, **honest}.items():
        layer, x = fill(data), ops.array(normal(rng, *detector.SIZES))
        output = layer(x)
        for other in (-x + 2.0, x + normal(rng, *detector.SIZES)):
            changed = [
                layer(ops.concatenate([x[:, :t], other[:, t:]], axis=1))
                for t in range(1, x.shape[1])
            ]
            moved = max(
                ops.convert_to_numpy(ops.max(ops.abs(one - output)[:, :t]))
                for t, one in enumerate(changed, 1)
            )
            assert moved > 0.01 if name in leaks else moved < 1e-5, (name, moved)


def test_an_honest_layer_moves_by_rounding_in_every_draw():
    """Otherwise exact equality would pass by luck."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        layer = fill(zoo.honest(rng, *detector.SIZES)["the past as all less the rest"])
        x = ops.array(normal(rng, *detector.SIZES))
        changed = ops.concatenate([x[:, :5], -x[:, 5:] + 2.0], axis=1)
        assert float(ops.max(ops.abs(layer(changed) - layer(x))[:, :5])) > 0


def test_layers_of_keras_are_seen_as_the_zoo_s():
    """The zoo's normalisation and Keras' own are one, and so are their verdicts."""
    x = ops.array(normal(np.random.default_rng(0), *detector.SIZES))
    for axis in (-1, [1, 2]):
        oracle = keras.layers.LayerNormalization(axis=axis, epsilon=1e-5)
        ours = fill({"standin": "norm_over", "params": {"axis": axis}})
        np.testing.assert_allclose(*map(ops.convert_to_numpy, (ours(x), oracle(x))), atol=1e-5)
        assert sees_future(ours, x) == sees_future(oracle, x) == (axis != -1)


def test_a_drawn_mask_hides_and_allows_something_in_every_row_but_the_empty_one():
    for seed in range(30):
        mask = some_allowed(np.random.default_rng(seed), 2, 3, 4, 5)
        rows = mask.any(axis=-1)
        assert not rows[0, 0, 1]
        assert rows.sum() == rows.size - 1
        assert not mask.all(axis=-1).any()


def test_the_lesson_lists_the_layers_in_the_order_of_their_calls():
    text = (files("course") / "lessons" / "04-masking.md").read_text(encoding="utf-8")
    kinds = detector.HONEST, detector.PLAIN, detector.HIDDEN_AWAY
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    for number, row in enumerate(itertools.zip_longest(*kinds, fillvalue=""), 1):
        assert [str(number), *row] in rows
    names = [case.name for case in EXERCISES["masking.leak_detector"].visible()[1:]]
    assert f"| call | {' | '.join(names)} |" in text


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    [case, *_] = EXERCISES["masking.masked_softmax"].visible()
    values = probe(EXERCISES["masking.masked_softmax"].reference, case)["values"]
    np.testing.assert_allclose(values["output of call 1"][0], [0.269, 0.731, 0], atol=5e-4)
    [case, *_] = EXERCISES["masking.masked_attention"].visible()
    output, weights = probe(EXERCISES["masking.masked_attention"].reference, case)["values"][
        "output"
    ]
    np.testing.assert_allclose(output, [[6, 0], [4, 2], [3, 2]], atol=1e-6)
    np.testing.assert_allclose(weights[1], [0.5, 0.5, 0])
