"""All exercises, in the order of the lessons."""

from autograder.exercises import (
    attention,
    blocks,
    decoding,
    embedding,
    flash,
    inside,
    masking,
    modern,
    multihead,
    position,
    start,
    training,
    transformer,
)
from autograder.exercises.form import Exercise, Misconception
from autograder.exercises.programs import program_source

LESSONS = {
    "00-start-here": start.EXERCISES,
    "01-embedding": embedding.EXERCISES,
    "02-position": position.EXERCISES,
    "03-attention": attention.EXERCISES,
    "04-masking": masking.EXERCISES,
    "05-multi-head": multihead.EXERCISES,
    "06-blocks": blocks.EXERCISES,
    "07-encoder-decoder": transformer.EXERCISES,
    "08-training": training.EXERCISES,
    "09-decoding": decoding.EXERCISES,
    "10-modern": modern.EXERCISES,
    "11-inside": flash.EXERCISES + inside.EXERCISES,
    "12-capstone": [],  # a project: there is no answer that would be the right one
}
EXERCISES = {exercise.id: exercise for lesson in LESSONS.values() for exercise in lesson}

__all__ = ["EXERCISES", "LESSONS", "Exercise", "Misconception", "program_source"]
