"""A model is saved and loaded inside a kernel, where only a private /tmp and home are writable."""

PROBE = """
import course
import os
import keras
import numpy as np
from course.checking.case import Call, Case
from course.checking.probe import probe

class Scale(keras.Model):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, shape):
        self.weight = self.add_weight(shape=(3,), initializer="ones", name="weight")

    def call(self, x):
        return self.factor * self.weight * x

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}

x = np.array([[1.0, 2.0, 3.0]], "float32")
case = Case("saved", (Call([x], observe=("saved",)),), construct={"factor": 2.0},
            weights={"weight": np.array([1.0, 10.0, 100.0], "float32")})
before = sorted(os.listdir("/tmp"))
outcome = probe(Scale, case)
print(outcome["error"], outcome["values"]["saved"].tolist(), sorted(os.listdir("/tmp")) == before)
"""


def test_a_model_is_saved_and_loaded_in_the_sandbox_and_nothing_is_left(kernel):
    printed = kernel.run(PROBE)
    assert printed.strip() == "None [[2.0, 40.0, 600.0]] True"
    streams = [m["content"]["name"] for m in kernel.outputs if m["msg_type"] == "stream"]
    assert streams == ["stdout"]
