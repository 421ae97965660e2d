"""The pictures of the lessons: functions that return a figure, which a notebook shows.

matplotlib is loaded with the first picture, not with this package: a notebook that is graded
imports the package and draws nothing.
"""

from importlib import import_module

_MODULES = {
    "activations": "norms",
    "alignment_maps": "alignments",
    "backwards_training": "backwards",
    "beam_tree": "beams",
    "cache_sizes": "decoder",
    "clock_hands": "clock",
    "costs": "recurrence",
    "cut_into_tiles": "tiles",
    "cut_into_tokens": "tokens",
    "decoded_distribution": "sampling",
    "depth_effects": "blocks",
    "failure_gallery": "gallery",
    "gates": "decoder",
    "gradient_reach": "recurrence",
    "head_contributions": "heads",
    "head_losses": "induction",
    "head_tables": "heads",
    "heads_training": "heads",
    "induction_heads": "induction",
    "induction_training": "induction",
    "influence": "leaks",
    "language_training": "decoder",
    "leak_training": "leaks",
    "look_back": "places",
    "lookup_training": "training",
    "mask_tables": "masks",
    "masked_weights": "masks",
    "memory_by_length": "tiles",
    "moved_by_context": "words",
    "next_french_words": "translation",
    "next_words": "tokens",
    "norm_steps": "norms",
    "order_training": "lookback",
    "padding_of_batches": "padding",
    "parameter_parts": "parameters",
    "play_with_buckets": "padding",
    "play_with_clocks": "clock",
    "play_with_context": "words",
    "play_with_contributions": "heads",
    "play_with_depth": "blocks",
    "play_with_heads": "heads",
    "play_with_look_back": "places",
    "play_with_masks": "masks",
    "play_with_merges": "tokens",
    "play_with_next_word": "tokens",
    "play_with_norm": "norms",
    "play_with_repeats": "induction",
    "play_with_rotation": "rotation",
    "play_with_same_output": "induction",
    "play_with_sampling": "sampling",
    "play_with_shares": "start",
    "play_with_sizes": "parameters",
    "play_with_smoothing": "smoothing",
    "play_with_tiles": "tiles",
    "play_with_translation": "translation",
    "play_with_warm_up": "warmup",
    "play_with_word_map": "wordmap",
    "position_likeness": "places",
    "position_table": "clock",
    "raw_positions": "places",
    "rotary_scores": "rotation",
    "same_average": "places",
    "same_output": "induction",
    "score_spread": "scores",
    "seen_and_unseen": "sentences",
    "sentence_alignment": "sentences",
    "smoothing_cost": "smoothing",
    "step_times": "speeds",
    "tile_by_tile": "tiles",
    "training_curves": "live",
    "translation_training": "translation",
    "translation_walk": "translation",
    "turning_pairs": "rotation",
    "two_arrangements": "blocks",
    "two_orders": "order",
    "vocabulary_for_totals": "parameters",
    "vote_shares": "start",
    "warm_up_rates": "warmup",
    "ways_to_hide": "masks",
    "who_notices": "blocks",
    "whole_model": "architecture",
    "word_map": "wordmap",
    "worked_example": "example",
    "writing_pace": "pace",
}
__all__ = sorted(_MODULES)


def __getattr__(name):
    if name not in _MODULES:
        known = ", ".join(__all__)
        raise AttributeError(f"A picture must be one of {known}. Received: {name!r}")
    return getattr(import_module(f"course.plots.{_MODULES[name]}"), name)


def __dir__():
    return __all__
