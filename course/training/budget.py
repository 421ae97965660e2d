"""What a training may cost on each kind of device: the sizes, the steps, the precision."""

from dataclasses import dataclass

from course import device


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
        names = ("d_model", "num_layers", "num_heads", "hidden_dim")
        return {name: getattr(self, name) for name in names}

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


def choose_budget(say=print):
    """Return the budget for the device that Keras uses here, and print both."""
    here = "CPU" if device.kind() == "CPU" else "GPU"
    for kind, budget in BUDGETS.items():
        say(f"{'→' if kind == here else ' '} {budget}")
    return BUDGETS[here]
