"""A missing part of the sandbox is told, and nothing starts unless students are trusted."""

import pytest
from traitlets.config import Config

from autograder.kernel import layers, sandbox, server
from autograder.kernel.provisioner import SandboxUnavailable
from tests.autograder.kernel.conftest import Kernel


@pytest.fixture
def without_bubblewrap(monkeypatch):
    """A machine that lacks bubblewrap."""
    server.close_all()
    layers.missing.cache_clear()
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: None)
    yield
    server.close_all()
    layers.missing.cache_clear()


def test_every_layer_is_tried(sandbox):
    found = layers.layers()
    assert [layer.name for layer in found] == ["bubblewrap", "namespaces", "Landlock"]
    assert all(layer.works for layer in found)


def test_other_systems_are_told(monkeypatch):
    monkeypatch.setattr(layers.sys, "platform", "darwin")
    (layer,) = layers.layers()
    assert not layer.works
    assert "Linux container" in layer.remedy


def test_what_is_missing_is_told_with_its_remedy(without_bubblewrap):
    text = layers.explain()
    assert "bubblewrap: not installed. To mend it: install it" in text
    assert "namespaces: not tried without bubblewrap" in text
    assert text.endswith("c.WarmKernelProvisioner.trust_students = True")


def test_without_bubblewrap_no_kernel_starts(config, without_bubblewrap):
    with pytest.raises(SandboxUnavailable, match="bubblewrap: not installed"):
        Kernel(config)


def test_trusting_students_starts_a_kernel_with_what_there_is(config, without_bubblewrap, caplog):
    config.WarmKernelProvisioner.trust_students = True
    kernel = Kernel(config)
    try:
        assert "bubblewrap: not installed" in caplog.text
        assert kernel.run("import keras\nprint(float(keras.ops.sum(keras.ops.ones(3))))") == "3.0\n"
        assert "TEST" not in kernel.run("import os\nprint(dict(os.environ))")
        if layers.landlock_version():
            assert "PermissionError" in kernel.run(f"open('{sandbox.__file__}')")
        home = kernel.run("print(os.environ['HOME'])").strip()
    finally:
        kernel.close()
    assert str(server.scratch()) in home
    assert not list(server.scratch().glob("*/home"))


def test_trusting_students_changes_nothing_where_all_works(config, sandbox):
    config = Config(config)
    config.WarmKernelProvisioner.trust_students = True
    kernel = Kernel(config)
    try:
        assert kernel.run("import os\nprint(os.path.expanduser('~'))") == "/home/user\n"
    finally:
        kernel.close()
