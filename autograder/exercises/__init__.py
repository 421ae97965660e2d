"""All exercises, in the order of the lessons."""

from autograder.exercises import attention, embedding, modern, multihead, start
from autograder.exercises.form import Exercise, Misconception
from autograder.exercises.programs import program_source

LESSONS = {
    "00-start-here": start.EXERCISES,
    "01-embedding": embedding.EXERCISES,
    "03-attention": attention.EXERCISES,
    "05-multi-head": multihead.EXERCISES,
    "10-modern": modern.EXERCISES,
}
EXERCISES = {exercise.id: exercise for lesson in LESSONS.values() for exercise in lesson}

__all__ = ["EXERCISES", "LESSONS", "Exercise", "Misconception", "program_source"]
