"""What a training may cost on each kind of device: the sizes, the steps, the precision."""

from dataclasses import dataclass, replace

from course import device
from course.training.kinds import TRANSFORMER


@dataclass(frozen=True)
class Budget:
    """A recipe that reaches its target.

    device: `"CPU"` or `"GPU"`.    precision: Keras' name of it.
    batch_size: pairs a step.    steps: at most; `round_steps`: between two looks at the exam.
    peak_rate: the highest learning rate.    warmup_steps: until it is reached.
    """

    device: str
    precision: str
    measured: str
    d_model: int = 64
    num_layers: int = 2
    num_heads: int = 4
    hidden_dim: int = 128
    batch_size: int = 64
    steps: int = 1200
    round_steps: int = 100
    peak_rate: float = 4e-3
    warmup_steps: int = 100

    @property
    def sizes(self):
        """The constructor's arguments of `Transformer` that say how large it is."""
        return TRANSFORMER.sizes_of(self)

    @property
    def rounds(self):
        """How many rounds of `round_steps` there are."""
        return self.steps // self.round_steps

    def __str__(self):
        sizes = ", ".join(f"{name}={value}" for name, value in self.sizes.items())
        return (
            f"{self.device}: {sizes}; at most {self.steps:,} steps of {self.batch_size} in "
            f"{self.precision}; {self.measured}"
        )


BUDGETS = {
    "CPU": Budget("CPU", "float32", "one to two minutes on two cores"),
    # half the memory traffic, and the matrix units of the GPU; the same model and steps
    "GPU": Budget("GPU", "mixed_float16", "not measured by us"),
}
FEW = 2_000  # pairs of sentences; fewer of them can only be remembered, which takes no large model
PASSES = 10  # through the pairs of a larger file
LONGEST_TRAINING = 6_000  # steps; the pairs of all of them are held in memory at once


def choose_budget(say=print):
    """Return the budget for the device that Keras uses here, and print both."""
    here = _kind()
    for kind, budget in BUDGETS.items():
        say(f"{'→' if kind == here else ' '} {budget}")
    return BUDGETS[here]


def sentence_budget(count, say=print):
    """Return a budget for `count` pairs of sentences to train on, and print it.

    A few are remembered in a hundred steps by the model of the dates. For many it is a model twice
    as wide, and a training that grows with their number: a proposal to begin with, no recipe that
    is known to reach anything.
    Raises ValueError for no pairs.
    """
    if count < 1:
        raise ValueError(f"`count` must be at least 1. Received: {count}")
    budget = replace(BUDGETS[_kind()], measured="not measured by us")
    if count < FEW:
        budget = replace(
            budget, batch_size=min(32, count), steps=120, round_steps=15, warmup_steps=30,
            peak_rate=2e-3, measured="half a minute of processor time",
        )  # fmt: skip
    else:
        rounds = 20
        steps = min(max(PASSES * count // budget.batch_size, 1_000), LONGEST_TRAINING)
        budget = replace(
            budget, d_model=128, hidden_dim=512, steps=steps // rounds * rounds,
            round_steps=steps // rounds, warmup_steps=steps // 10, peak_rate=1.5e-3,
        )  # fmt: skip
    say(budget)
    return budget


def _kind():
    return "CPU" if device.kind() == "CPU" else "GPU"
