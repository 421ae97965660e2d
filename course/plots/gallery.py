"""What training saw of a mistake, beside what the model can do by itself."""

import numpy as np

from course.plots.figure import GREEN, GREY, ORANGE, Picture, picture


@picture
def failure_gallery(results):
    """Draw token accuracy and exact match of each variant as a pair of bars.

    results: list of `course.gallery.Result`; it may be empty.
    """
    told = "; ".join(
        f"{each.bug.title}: {each.token_accuracy:.1%} of tokens, {each.exact_match:.1%} of answers"
        for each in results
    )
    alt = (
        "Two bars a variant: tokens found when told all before, and whole answers written by the "
        f"model itself. {told or 'Nothing was measured yet'}."
    )
    figure = Picture(9.2, 0.8 * max(1, len(results)) + 1.5, alt)
    axes = figure.subplots()
    places = np.arange(len(results))
    kinds = (
        ("token_accuracy", "tokens, told what is before", ORANGE, ""),
        ("exact_match", "whole answers, by itself", GREEN, "//"),
    )
    for shift, (name, label, colour, hatch) in zip((-0.2, 0.2), kinds, strict=True):
        shares = [100 * getattr(each, name) for each in results]
        style = {"color": colour, "hatch": hatch, "edgecolor": "white", "label": label}
        bars = axes.barh(places + shift, shares, 0.38, **style)
        axes.bar_label(bars, fmt="%.1f %%", padding=3, fontsize=9)
    if not results:
        axes.text(
            0.5, 0.5, "nothing measured yet", transform=axes.transAxes, ha="center", color=GREY
        )
    axes.set(
        title="What training sees, and what the model can do",
        xlabel="right (%)",
        ylabel="mistake",
        xlim=(0, 114),
        yticks=places,
        yticklabels=[each.bug.title for each in results],
    )
    axes.invert_yaxis()
    if results:
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
