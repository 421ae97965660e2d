"""The numbers in the pictures of lesson 08, and those that its text quotes."""

import math
from importlib.resources import files

import numpy as np
import pytest

from course import plots
from course.data.dates import CHARACTERS, dates
from course.plots import live, padding, smoothing, warmup
from course.training.budget import BUDGETS
from solutions.sizes import count_model_parameters
from solutions.training import PairBatches, WarmUpSchedule, smoothed_cross_entropy

LESSON = (files("course") / "lessons" / "08-training.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("epsilon", [0.1, 0.3])
@pytest.mark.parametrize("chance", [0.2, 0.7, 0.97])
def test_the_curve_of_smoothing_is_the_loss(epsilon, chance):
    logits = np.log(np.full(12, (1 - chance) / 11))
    logits[5] = math.log(chance)
    loss = smoothed_cross_entropy(np.array([[5]]), logits[None, None].astype("float32"), epsilon)
    assert float(smoothing.losses(chance, epsilon)) == pytest.approx(float(loss), abs=1e-5)


@pytest.mark.parametrize("size", [4, 12, 50, 1000, 37000])
def test_the_floors_and_blind_losses_of_the_table(size):
    lowest = smoothing.floor(0.1, size)
    nearby = smoothing.losses(np.linspace(0.5, 0.9999, 5000), 0.1, size)
    assert lowest <= nearby.min()
    assert lowest == pytest.approx(nearby.min(), abs=1e-5)
    floors = LESSON[LESSON.index("| floor, ") :].partition("\n")[0]
    blind = LESSON[LESSON.index("| loss of who knows nothing") :].partition("\n")[0]
    assert f"| {lowest:.3f} |" in floors
    assert f"| {math.log(size):.3f} |" in blind
    assert f"{lowest:.3f}" in plots.smoothing_cost(0.1, size).alt


def test_the_floor_and_the_beginning_of_the_dates():
    assert len(CHARACTERS) == 106
    assert math.log(106) == pytest.approx(4.66, abs=5e-3)
    assert f"has a floor of {smoothing.floor(0.1, 106):.3f}" in LESSON
    assert "there are 106 of them" in LESSON


def test_without_smoothing_there_is_no_floor():
    assert smoothing.floor(0.0) == 0.0
    assert "ε = 0:" in plots.smoothing_cost(0.0).alt


def test_the_pencil_of_smoothing():
    log2 = math.log(2)
    assert 1.25 * log2 == pytest.approx(0.866, abs=5e-4)
    assert 2.85 * log2 == pytest.approx(1.975, abs=5e-4)
    chances = np.array([[[1 / 8, 1 / 2, 1 / 4, 1 / 8]] * 2], "float32")
    loss = smoothed_cross_entropy(np.array([[1, 3]]), np.log(chances), 0.2)
    assert float(loss) == pytest.approx(1.421, abs=5e-4)


@pytest.mark.parametrize(("width", "steps"), [(512, 4000), (64, 400), (16, 4)])
def test_the_curve_of_the_rate_is_the_schedule(width, steps):
    schedule = WarmUpSchedule(width, steps)
    for update in (1, 3, steps, 10 * steps):
        rate = np.minimum(*warmup.rates(update, width, steps))
        assert float(rate) == pytest.approx(float(schedule(update - 1)), rel=1e-5)


def test_a_run_that_ends_on_the_way_up_is_told():
    assert "peaks at update 4,000 with 0.000699" in plots.warm_up_rates().alt
    short = plots.warm_up_rates(512, 4000, 1000)
    assert "while it still rises, with 0.000175" in short.alt  # a quarter of the peak
    assert "before its peak" in short.axes[0].get_title(loc="left")


def test_the_pencil_of_the_rate():
    schedule = WarmUpSchedule(16, 4)
    rates = [float(schedule(update - 1)) for update in (1, 4, 16)]
    assert rates == pytest.approx([1 / 32, 1 / 8, 1 / 16])
    paper = WarmUpSchedule(64, 100)
    assert float(paper(1199)) / float(paper(99)) == pytest.approx(0.29, abs=5e-3)


def test_the_waste_by_hand():
    lengths = [1, 5, 2, 6]
    batches, padded = padding.as_they_come(lengths, 2)
    assert (batches, padded) == ([[1, 5], [2, 6]], [5, 6])
    assert padding.wasted(batches, padded) == pytest.approx(8 / 22)
    batches, padded = padding.in_buckets(lengths, 2, 2)
    assert (batches, padded) == ([[1, 2], [5, 6]], [2, 6])
    assert padding.wasted(batches, padded) == pytest.approx(2 / 16)


def test_the_buckets_of_the_picture_are_those_of_the_exercise():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 30, 200).tolist()
    batches = PairBatches([[4] * n for n in lengths], [[1, 4, 2]] * 200, 16, bucket_width=8)
    sources = [batches[place][0]["source"] for place in range(len(batches))]
    empty = sum((source == 0).sum() for source in sources) / sum(source.size for source in sources)
    drawn, padded = padding.in_buckets(lengths, 8, 16)
    assert padding.wasted(drawn, padded) == pytest.approx(empty)
    assert len(drawn) == len(batches)


def test_what_the_lesson_says_about_the_lengths_of_dates():
    lengths = [len(source) for source in dates("training", 4000, seed=3).sources]
    assert (min(lengths), max(lengths)) == (9, 35)
    assert np.mean(lengths) == pytest.approx(16, abs=0.5)
    shown = lengths[:256]
    assert 0.4 < padding.wasted(*padding.as_they_come(shown)) < 0.5
    assert padding.wasted(*padding.in_buckets(shown, 8)) < 0.25
    assert padding.wasted(*padding.in_buckets(shown, 1)) == 0.0


def test_the_size_of_the_recipe():
    sizes = BUDGETS["CPU"].sizes
    counts = count_model_parameters(106, sizes["d_model"], sizes["num_layers"], sizes["hidden_dim"])
    assert f"{counts['model']:,} weights" in LESSON
    assert f"at most {BUDGETS['CPU'].steps:,} updates of {BUDGETS['CPU'].batch_size}" in LESSON


ROUNDS = [
    {"step": 100, "loss": 2.0, "token_accuracy": 0.5, "exact_match": 0.0},
    {"step": 200, "loss": 1.1, "token_accuracy": 0.9, "exact_match": 0.625},
]


def test_the_curves_say_first_and_last():
    alt = plots.training_curves(ROUNDS).alt
    assert "First measured: step 100, loss 2.000, token accuracy 50.0%, exact match 0.0%." in alt
    assert "Last: step 200, loss 1.100, token accuracy 90.0%, exact match 62.5%." in alt
    assert "none measured yet" in plots.training_curves([]).alt


def test_curves_draw_what_a_round_has():
    left, right = plots.training_curves([{"step": 100, "loss": 2.0}, ROUNDS[1]]).axes
    assert left.lines[0].get_xydata().tolist() == [[100, 2.0], [200, 1.1]]
    assert [line.get_xydata().tolist() for line in right.lines] == [[[200, 90.0]], [[200, 62.5]]]


def test_without_a_display_the_curves_are_a_line_a_round(capsys):
    history = []
    curves = live.LiveCurves(history)
    curves.on_epoch_end(0)  # nothing is known yet
    history.append(ROUNDS[0])
    curves.on_epoch_end(0)
    history.append(ROUNDS[1])
    curves.on_epoch_end(1)
    assert capsys.readouterr().out == (
        "step 100, loss 2.000, token accuracy 50.0%, exact match 0.0%\n"
        "step 200, loss 1.100, token accuracy 90.0%, exact match 62.5%\n"
    )


def test_in_a_notebook_they_are_drawn_in_one_place(monkeypatch):
    shown, updated = [], []

    class Handle:
        def update(self, drawn):
            updated.append(drawn.alt)

    def display(drawn, display_id):
        shown.append(drawn.alt)
        return Handle()

    monkeypatch.setattr(live, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    history = [ROUNDS[0]]
    curves = live.LiveCurves(history, floor=0.5)
    for place, each in enumerate((None, ROUNDS[1], ROUNDS[1])):
        history += [each] if each else []
        curves.on_epoch_end(place)
    assert len(shown) == 1
    assert len(updated) == 2
    assert "Last: step 100" in shown[0]
    assert "Last: step 200" in updated[0]


def test_the_bars_of_the_gallery_are_the_shares():
    from types import SimpleNamespace

    bug = SimpleNamespace(title="no causal mask")
    result = SimpleNamespace(bug=bug, token_accuracy=1.0, exact_match=0.004)
    figure = plots.failure_gallery([result])
    assert [bar.get_width() for bar in figure.axes[0].patches] == [100.0, 0.4]
    assert "no causal mask: 100.0% of tokens, 0.4% of answers" in figure.alt
    assert "Nothing was measured yet" in plots.failure_gallery([]).alt


def test_times_of_steps_are_told_in_milliseconds():
    found = [{"precision": "float32", "compiled": True, "first": 3.0, "step": 0.0214}]
    assert "float32, XLA: 21 ms, the first 3.0 s" in plots.step_times(found).alt
