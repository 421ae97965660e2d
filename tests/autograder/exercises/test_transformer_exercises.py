"""Lesson 07: answers that compute nothing, what cases observe, and the lesson's own numbers."""

import keras
import numpy as np
import pytest
from keras import ops

from autograder.exercises import EXERCISES
from autograder.exercises.transformer.model import drawn_ids
from autograder.exercises.transformer.weights import model_weights
from course.checking.probe import probe
from course.checking.source import forbidden_uses
from solutions.classifier import TokenClassifier
from solutions.transformer import Decoder, Encoder, Transformer
from tests.autograder.exercises.running import key_of, verdict_on_program


class IdleEncoder(Encoder):
    def call(self, x, attention_mask=None):
        return x


class IdleDecoder(Decoder):
    def call(self, x, source, attention_mask=None, source_mask=None):
        return x


class ZeroTransformer(Transformer):
    def call(self, inputs):
        batch, length = ops.shape(inputs["target"])[:2]
        return ops.zeros((batch, length, self.embedding.vocabulary_size))


class ZeroClassifier(TokenClassifier):
    def call(self, ids):
        return ops.zeros((*ids.shape, self.classifier.units))


@pytest.mark.parametrize(
    ("name", "program", "most"),
    [
        ("transformer.encoder", IdleEncoder, 0.15),  # its weights are right, and were given here
        ("transformer.decoder", IdleDecoder, 0.1),
        ("transformer.model", ZeroTransformer, 0.1),
        ("transformer.shapes", lambda **sizes: {}, 0.0),
        ("transformer.parameters", lambda **sizes: {"model": 0}, 0.0),
        ("transformer.save_load", ZeroClassifier, 0.0),
    ],
)
def test_an_answer_that_computes_nothing_earns_next_to_nothing(name, program, most):
    exercise = EXERCISES[name]
    assert verdict_on_program(exercise, program).points <= most * exercise.points


def test_counting_what_was_made_is_no_answer():
    source = "def count_model_parameters(**sizes):\n    return Transformer(**sizes).count_params()"
    assert len(forbidden_uses(source, EXERCISES["transformer.parameters"].forbidden)) == 1


def test_drawn_weights_are_all_weights():
    model = Transformer(11, 6, 2, 3, 7, norm_first=True)
    model.build({"source": (None, None), "target": (None, None)})
    drawn = model_weights(np.random.default_rng(0), 11, 6, 2, 7, norm_first=True)
    assert sorted(values.shape for values in drawn.values()) == sorted(
        tuple(weight.shape) for weight in model.weights
    )


def test_drawn_sentences_have_words_first_and_padding_last():
    for seed in range(20):
        ids = drawn_ids(np.random.default_rng(seed), 3, 5, 11, start=True)
        assert (ids[:, 0] == 1).all()
        assert (ids[:, 1] >= 4).all()
        assert [int((row != 0).sum()) for row in ids] == [5, 4, 3]
        assert (np.diff((ids != 0).astype(int), axis=1) <= 0).all()


def test_the_numbers_of_the_lesson_stand_in_the_visible_cases():
    exercise = EXERCISES["transformer.parameters"]
    counts = [probe(exercise.reference, case)["values"]["output"] for case in exercise.visible()]
    assert [count["model"] for count in counts] == [792, 63_045_632, 214_171_648, 63_082_496]
    exercise = EXERCISES["transformer.shapes"]
    walk = probe(exercise.reference, exercise.visible()[0])["values"]["output"]
    assert walk["cross_weights"] == [1, 8, 3, 4]


def test_a_forgotten_option_shows_only_once_the_model_is_loaded():
    exercise = EXERCISES["transformer.save_load"]
    key = key_of(exercise.id, None)
    case = [case["name"] for case in key["cases"]].index("two heads")
    right = key["expected"][case]["values"]
    wrong = key["misconceptions"]["heads-not-in-the-configuration"][case]["values"]
    np.testing.assert_allclose(wrong["output"], right["output"], atol=1e-6)
    np.testing.assert_allclose(right["saved"], right["output"], atol=1e-6)
    assert np.abs(wrong["saved"] - wrong["output"]).max() > 0.1


def test_a_registered_class_is_loaded_as_the_one_that_was_saved():
    """The reference is registered under this name too; the student's own class must win."""

    @keras.saving.register_keras_serializable(package="transformer_course", name="TokenClassifier")
    class Doubled(TokenClassifier):
        def call(self, ids):
            return 2.0 * TokenClassifier.call(self, ids)

    @keras.saving.register_keras_serializable(package="transformer_course", name="TokenClassifier")
    class Later(TokenClassifier):
        pass

    try:
        [case, *_] = EXERCISES["transformer.save_load"].visible()
        values = probe(Doubled, case)["values"]
        np.testing.assert_allclose(values["saved"], values["output"], atol=1e-6)
    finally:
        keras.saving.register_keras_serializable("transformer_course")(TokenClassifier)
