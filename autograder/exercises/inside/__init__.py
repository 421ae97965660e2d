"""Lesson 11, looking inside."""

from autograder.exercises.inside import head_ablation, induction_score

EXERCISES = (induction_score.EXERCISE, head_ablation.EXERCISE)
