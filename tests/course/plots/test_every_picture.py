"""What holds for every picture of the course."""

import io
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from course import plots
from course.plots.figure import Picture
from course.toys import (
    backwards,
    company,
    depth,
    leak,
    lookback,
    lookup,
    memory,
    repeats,
    translate,
    twofold,
)


def a_lookup():
    """A training's result, made up: no training runs here."""
    sequences = lookup.draw(40, np.random.default_rng(0))
    weights = np.full((40, lookup.PAIRS + 1), 1 / 9)
    return lookup.Result(
        sequences=sequences,
        before=weights,
        after=weights,
        guesses=sequences.answers,
        steps=[0, 20],
        accuracy=[0.1, 1.0],
    )


def learned_words():
    """Vectors of words, made up: no training runs here."""
    tables = np.random.default_rng(0).normal(size=(3, len(company.WORDS), company.WIDTH))
    return company.Result(steps=[0, 20, 40], vectors=list(tables), losses=[3.4, 3.0, 2.7])


def two_heads():
    """Two trained layers, made up: no training runs here."""
    sequences = twofold.draw(9, np.random.default_rng(0))
    weights = np.full((9, 2, twofold.PAIRS), 1 / twofold.PAIRS)
    accuracy = [[0.0, 0.2], [0.0, 1.0]]
    return twofold.Result(sequences, ["one head", "two heads"], weights, [0, 20], accuracy)


def three_kinds():
    """Three trained heads, made up: no training runs here."""
    names, weights = ["no positions", "sines and cosines", "learned"], np.full(6, 1 / 6)
    places = np.linspace(1.0, 0.0, lookback.LONGER - lookback.BACK)
    return lookback.Result(names, [0, 20], [[0.1, 1.0]] * 3, [weights] * 3, [places] * 3)


def two_masks():
    """Two trained models, made up: no training runs here."""
    return leak.Result(
        names=["no mask", "causal mask"],
        steps=[0, 40],
        seen=[[3.4, 0.0], [3.4, 2.0]],
        alone=[[3.4, 9.0], [3.4, 2.0]],
        accuracy=[(1.0, 0.05), (0.5, 0.5)],
        texts=["the hhh", "the cat"],
    )


def written_backwards():
    """Three trained stacks, made up: no training runs here."""
    accuracy = [[0.0, 1.0], [0.0, 0.0], [0.0, 0.9]]
    words, moved = ["abcdefgh"], np.eye(backwards.LENGTH)[::-1]
    return backwards.Result(list(backwards.STACKS), [0, 20], accuracy, words, ["hgfedcba"], moved)


def stacks():
    """Stacks of two and of four blocks, made up; one gradient is not a number."""
    measured = {
        (name, count): depth.Measured(*np.full((3, count + 1), 0.5))
        for name in depth.ARRANGEMENTS
        for count in (2, 4)
    }
    measured["residual only", 4].gradients[0] = np.nan
    return measured


CHANGES = {"attention": np.array([0.1, 0.2, 0.3]), "network": np.array([0.0, 0.5, 0.0])}


def heads_of_two_layers():
    """A model as it is made, and scores made up: no training runs here."""
    keras.utils.set_random_seed(0)
    sequences, _ = repeats.draw(4, np.random.default_rng(0), repeats.HALF)
    model = repeats.Repeater(2)
    model(sequences)
    scores = [np.full((2, 2, repeats.HEADS), score) for score in (0.1, 0.9)]
    accuracy = [[0.1, 0.2], [0.1, 0.9]]
    names = ["one layer", "two layers"]
    return repeats.Result(sequences, names, [0, 50], accuracy, scores, model)


def measured(name, factor):
    """Memory and time at three lengths, made up."""
    return [
        memory.Measured(name, length, factor * length, 1e-4 * length, None)
        for length in (256, 512, 1024)
    ]


def a_translation():
    """A translator that has not learned: no training runs here."""
    keras.utils.set_random_seed(0)
    model = translate.Translator(len(translate.WORDS), 8, 2, 12)
    examples = [(english, french, french) for english, french in translate.pairs()[:6]]
    return translate.Result(model, [0, 12], [0.0, 1.0], examples)


def language_losses(*losses):
    """A trained language model's losses, made up: no training runs here."""
    return [{"step": 50 * number, "nats": loss} for number, loss in enumerate(losses)]


ROWS = np.arange(12.0).reshape(3, 4)
WORDS = ["one", "two", "three"]
LENGTHS = [9, 12, 30, 11, 25, 10, 14, 26] * 9
ROUNDS = [
    {"step": 100, "loss": 2.0, "token_accuracy": 0.5, "exact_match": 0.0},
    {"step": 200, "loss": 1.1, "token_accuracy": 0.9, "exact_match": 0.6},
]
TIMES = [
    {"precision": "float32", "compiled": compiled, "first": 3.0, "step": 0.02}
    for compiled in (False, True)
]
VARIANTS = [
    SimpleNamespace(bug=SimpleNamespace(title=title), token_accuracy=1.0, exact_match=alone)
    for title, alone in (("the right model", 0.99), ("no causal mask", 0.0))
]
READ = SimpleNamespace(
    source="a b.", written="xy", target="xy", mean=np.full((3, 4), 0.25), weights=None
)
PACE = SimpleNamespace(places=[1, 9], plain=[0.004, 0.02], cached=[0.003, 0.003], difference=1e-6)
PICTURES = {
    "alignment_maps": lambda: plots.alignment_maps([READ, READ]),
    "beam_tree": plots.beam_tree,
    "decoded_distribution": plots.decoded_distribution,
    "play_with_sampling": lambda: plots.play_with_sampling().still(),
    "writing_pace": lambda: plots.writing_pace(PACE),
    "clock_hands": plots.clock_hands,
    "activations": plots.activations,
    "backwards_training": lambda: plots.backwards_training(written_backwards()),
    "cache_sizes": plots.cache_sizes,
    "costs": plots.costs,
    "cut_into_tiles": plots.cut_into_tiles,
    "cut_into_tokens": plots.cut_into_tokens,
    "depth_effects": lambda: plots.depth_effects(stacks()),
    "failure_gallery": lambda: plots.failure_gallery(VARIANTS),
    "gates": plots.gates,
    "gradient_reach": lambda: plots.gradient_reach({"attention": np.ones(9), "LSTM": np.ones(9)}),
    "head_contributions": plots.head_contributions,
    "head_losses": lambda: plots.head_losses(0.1, {"0": np.ones((2, 2)), "its mean": np.eye(2)}),
    "head_tables": plots.head_tables,
    "heads_training": lambda: plots.heads_training(two_heads()),
    "influence": lambda: plots.influence({"as it is": lambda x: x}, ROWS.reshape(1, 3, 4)),
    "leak_training": lambda: plots.leak_training(two_masks()),
    "look_back": plots.look_back,
    "language_training": lambda: plots.language_training(
        {"one": language_losses(7.0, 4.5, 3.9), "none yet": []}, unigram=5.4, uniform=6.2
    ),
    "lookup_training": lambda: plots.lookup_training(a_lookup()),
    "mask_tables": plots.mask_tables,
    "masked_weights": plots.masked_weights,
    "induction_heads": lambda: plots.induction_heads(heads_of_two_layers(), period=9),
    "induction_training": lambda: plots.induction_training(heads_of_two_layers()),
    "memory_by_length": lambda: plots.memory_by_length(
        measured("plain", 9000), measured("yours", 2000)
    ),
    "moved_by_context": plots.moved_by_context,
    "next_french_words": lambda: plots.next_french_words(
        a_translation().trace("the cat sat", "le")
    ),
    "next_words": plots.next_words,
    "order_training": lambda: plots.order_training(three_kinds()),
    "parameter_parts": plots.parameter_parts,
    "play_with_clocks": lambda: plots.play_with_clocks().still(),
    "norm_steps": plots.norm_steps,
    "padding_of_batches": lambda: plots.padding_of_batches(LENGTHS),
    "play_with_buckets": lambda: plots.play_with_buckets(LENGTHS).still(),
    "play_with_context": lambda: plots.play_with_context().still(),
    "play_with_contributions": lambda: plots.play_with_contributions().still(),
    "play_with_depth": lambda: plots.play_with_depth(stacks()).still(),
    "play_with_heads": lambda: plots.play_with_heads().still(),
    "play_with_look_back": lambda: plots.play_with_look_back().still(),
    "play_with_masks": lambda: plots.play_with_masks().still(),
    "play_with_merges": lambda: plots.play_with_merges().still(),
    "play_with_next_word": lambda: plots.play_with_next_word().still(),
    "play_with_norm": lambda: plots.play_with_norm().still(),
    "play_with_repeats": lambda: plots.play_with_repeats(heads_of_two_layers()).still(),
    "play_with_same_output": lambda: plots.play_with_same_output().still(),
    "play_with_rotation": lambda: plots.play_with_rotation().still(),
    "play_with_shares": lambda: plots.play_with_shares().still(),
    "play_with_tiles": lambda: plots.play_with_tiles().still(),
    "play_with_sizes": lambda: plots.play_with_sizes().still(),
    "play_with_translation": lambda: plots.play_with_translation(a_translation()).still(),
    "play_with_smoothing": lambda: plots.play_with_smoothing().still(),
    "play_with_warm_up": lambda: plots.play_with_warm_up().still(),
    "play_with_word_map": lambda: plots.play_with_word_map(learned_words()).still(),
    "position_likeness": plots.position_likeness,
    "position_table": plots.position_table,
    "raw_positions": plots.raw_positions,
    "same_average": lambda: plots.same_average(
        WORDS, WORDS[::-1], dict(zip(WORDS, ROWS, strict=True))
    ),
    "same_output": plots.same_output,
    "score_spread": plots.score_spread,
    "two_arrangements": plots.two_arrangements,
    "tile_by_tile": plots.tile_by_tile,
    "translation_training": lambda: plots.translation_training(a_translation()),
    "translation_walk": lambda: plots.translation_walk(
        a_translation().trace("the cat sat", "le chat")
    ),
    "seen_and_unseen": lambda: plots.seen_and_unseen(
        [{"step": 30, "seen": 3.5, "unseen": 4.5}, {"step": 60, "seen": 0.5, "unseen": 5.2}]
    ),
    "sentence_alignment": lambda: plots.sentence_alignment(np.eye(3), WORDS, WORDS[:2]),
    "smoothing_cost": plots.smoothing_cost,
    "step_times": lambda: plots.step_times(TIMES),
    "training_curves": lambda: plots.training_curves(ROUNDS, floor=0.9),
    "rotary_scores": plots.rotary_scores,
    "turning_pairs": plots.turning_pairs,
    "two_orders": lambda: plots.two_orders(WORDS, WORDS[::-1], ROWS, ROWS[::-1]),
    "vocabulary_for_totals": plots.vocabulary_for_totals,
    "vote_shares": plots.vote_shares,
    "ways_to_hide": plots.ways_to_hide,
    "who_notices": lambda: plots.who_notices(CHANGES, 1, ["a", "b", "c"]),
    "whole_model": plots.whole_model,
    "warm_up_rates": plots.warm_up_rates,
    "word_map": lambda: plots.word_map(learned_words()),
    "worked_example": plots.worked_example,
}


def test_every_picture_is_tested_here():
    assert sorted(PICTURES) == plots.__all__


@pytest.mark.parametrize("name", PICTURES)
def test_it_has_alt_text_and_says_what_its_axes_are(name):
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt) > 60
    for axes in picture.axes:
        if not axes.axison:
            continue
        if axes.get_subplotspec() is None:  # a colour bar
            assert axes.get_ylabel()
            continue
        row = [other for other in picture.axes if _row(other) == _row(axes)]
        shared = axes.get_shared_x_axes().get_siblings(axes)
        assert any(other.get_xlabel() for other in shared)
        assert any(other.get_ylabel() for other in row if other.axison)


def _row(axes):
    place = axes.get_subplotspec()
    return place and place.rowspan


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_the_same_picture_each_time(name):
    assert pixels(PICTURES[name]()) == pixels(PICTURES[name]())


def pixels(picture):
    buffer = io.BytesIO()
    picture.savefig(buffer, format="rgba", dpi=40)
    return buffer.getvalue()


def test_an_unknown_picture_is_answered_with_those_there_are():
    with pytest.raises(
        AttributeError, match=r"one of .*costs, .*worked_example, writing_pace. Received: 'chart'"
    ):
        plots.chart  # noqa: B018


def test_matplotlib_waits_for_the_first_picture_and_pyplot_is_never_loaded():
    code = (
        "import sys; from course import plots; before = 'matplotlib' in sys.modules; "
        "plots.worked_example().to_html(); print(before, 'matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "False False\n"
