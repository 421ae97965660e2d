"""Lesson 01, embedding."""

from autograder.exercises.embedding import (
    analogy,
    merge_pair,
    similarity,
    token_embedding,
    train_bpe,
    vocabulary,
)

EXERCISES = (
    vocabulary.EXERCISE,
    merge_pair.EXERCISE,
    train_bpe.EXERCISE,
    token_embedding.EXERCISE,
    similarity.EXERCISE,
    analogy.EXERCISE,
)
