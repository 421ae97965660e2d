"""The kinds of model whose weights are handed in: their sizes, how large they may be, what fits."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of model, as a file of weights tells of it.

    name: in messages.    sizes: the largest value of each size by its name; the smallest is 1.
    switches: names of what is true or false.
    rule: how sizes must fit together, as a sentence; `fits(sizes)` says whether they do, by those
        that `ruled` names.
    """

    name: str
    sizes: dict
    switches: tuple
    rule: str
    ruled: tuple
    fits: Callable

    def sizes_of(self, recipe):
        """Return what a recipe says of the model's sizes, by their names."""
        return {name: getattr(recipe, name) for name in self.sizes}

    @property
    def config(self):
        """Names of all that a file tells of the model's constructor."""
        return (*self.sizes, *self.switches)


TRANSFORMER = Kind(
    name="the `Transformer` of lesson 07",
    sizes={"d_model": 256, "num_layers": 6, "num_heads": 16, "hidden_dim": 1024},
    switches=("norm_first",),
    rule="`d_model` must be even, and `num_heads` must divide it.",
    ruled=("d_model", "num_heads"),
    fits=lambda sizes: not (sizes["d_model"] % 2 or sizes["d_model"] % sizes["num_heads"]),
)
DECODER = Kind(
    name="the `DecoderOnly` of lesson 10",
    sizes={"d_model": 256, "num_layers": 6, "num_heads": 16, "num_groups": 16, "d_ff": 1024},
    switches=("parallel",),
    rule="`num_groups` must divide `num_heads`, and a head must have an even share of `d_model`.",
    ruled=("d_model", "num_heads", "num_groups"),
    fits=lambda sizes: (
        not (
            sizes["num_heads"] % sizes["num_groups"] or sizes["d_model"] % (2 * sizes["num_heads"])
        )
    ),
)
