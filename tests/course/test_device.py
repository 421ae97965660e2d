"""Each backend names the same devices in its own way."""

from types import SimpleNamespace

import keras
import pytest

from course import device


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("/job:localhost/replica:0/task:0/device:CPU:0", "CPU"),
        ("TFRT_CPU_0", "CPU"),
        ("cpu", "CPU"),
        ("/job:localhost/replica:0/task:0/device:GPU:0", "GPU"),
        ("cuda:0", "GPU"),
        ("mps:0", "GPU"),
        ("TPU_0(process=0,(0,0,0,0))", "TPU"),
    ],
)
def test_the_device_is_read_as_each_backend_names_it(monkeypatch, name, kind):
    monkeypatch.setattr(keras.ops, "zeros", lambda shape: SimpleNamespace(device=name))
    assert device.kind() == kind


def test_a_fresh_tensor_is_asked_here():
    assert device.kind() in ("CPU", "GPU", "TPU")
