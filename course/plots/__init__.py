"""The pictures of the lessons: functions that return a figure, which a notebook shows.

matplotlib is loaded with the first picture, not with this package: a notebook that is graded
imports the package and draws nothing.
"""

from importlib import import_module

_MODULES = {
    "cache_sizes": "decoder",
    "costs": "recurrence",
    "cut_into_tokens": "tokens",
    "gates": "decoder",
    "gradient_reach": "recurrence",
    "head_contributions": "heads",
    "head_tables": "heads",
    "heads_training": "heads",
    "language_training": "decoder",
    "lookup_training": "training",
    "moved_by_context": "words",
    "next_words": "tokens",
    "play_with_context": "words",
    "play_with_contributions": "heads",
    "play_with_heads": "heads",
    "play_with_merges": "tokens",
    "play_with_next_word": "tokens",
    "play_with_rotation": "rotation",
    "play_with_shares": "start",
    "play_with_word_map": "wordmap",
    "rotary_scores": "rotation",
    "score_spread": "scores",
    "turning_pairs": "rotation",
    "two_orders": "order",
    "vote_shares": "start",
    "word_map": "wordmap",
    "worked_example": "example",
}
__all__ = sorted(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        known = ", ".join(__all__)
        raise AttributeError(f"A picture must be one of {known}. Received: {name!r}")
    return getattr(import_module(f"course.plots.{_MODULES[name]}"), name)


def __dir__():
    return __all__
