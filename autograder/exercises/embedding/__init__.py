"""Lesson 01, embedding."""

from autograder.exercises.embedding import (
    analogy,
    merge_pair,
    similarity,
    token_embedding_masks,
    train_bpe_ties,
    vocabulary_words,
)

EXERCISES = (
    vocabulary_words.EXERCISE,
    merge_pair.EXERCISE,
    train_bpe_ties.EXERCISE,
    token_embedding_masks.EXERCISE,
    similarity.EXERCISE,
    analogy.EXERCISE,
)
