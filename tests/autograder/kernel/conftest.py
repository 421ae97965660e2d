"""Kernels for tests: started by Jupyter's own managers, through a kernelspec in a folder."""

import signal
import time

import pytest
from jupyter_client.manager import KernelManager
from traitlets.config import Config

from autograder.kernel import layers, server
from autograder.kernel.kernelspec import NAME, install_kernelspec, use_warm_kernels

SECONDS = 60  # for one cell on a busy machine


class Kernel:
    """One kernel and its client. `run` returns what a cell wrote; an error's name ends it."""

    def __init__(self, config, **start):
        self.manager = KernelManager(kernel_name=NAME, config=config)
        self.manager.client_class = "jupyter_client.blocking.BlockingKernelClient"
        self.manager.start_kernel(**start)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    def run(self, code, seconds=SECONDS):
        """Run a cell and return its text, results and the name of its error, in one str."""
        self.outputs = []
        self.client.execute_interactive(
            code, allow_stdin=False, timeout=seconds, output_hook=self.outputs.append
        )
        return "".join(map(_text, self.outputs))

    def start(self, code):
        """Send a cell without waiting for it, and wait until it runs."""
        self.client.execute(f"print('on')\n{code}", allow_stdin=False, stop_on_error=False)
        while True:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            if message["msg_type"] == "stream":
                return

    def await_end(self):
        """Wait until the kernel has ended; return how."""
        deadline = time.monotonic() + SECONDS
        while self.manager.is_alive():
            assert time.monotonic() < deadline, "the kernel goes on"
            time.sleep(0.02)
        return self.manager.provisioner.ending

    def close(self):
        """End the kernel at once."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def _text(message):
    content = message["content"]
    if message["msg_type"] == "stream":
        return content["text"]
    if message["msg_type"] == "error":
        return f"{content['ename']}: {content['evalue']}"
    return content.get("data", {}).get("text/plain", "")


@pytest.fixture(scope="session")
def _servers():
    yield
    server.close_all()


@pytest.fixture
def config(tmp_path, monkeypatch, _servers):
    """The configuration of a class whose folder is `tmp_path / "class"`."""
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    monkeypatch.setenv("JUPYTER_PATH", "")
    config = Config()
    install_kernelspec(tmp_path / "class")
    use_warm_kernels(config, tmp_path / "class")
    return config


@pytest.fixture(scope="session")
def sandbox():
    """Skip where the sandbox cannot work."""
    if layers.missing():
        pytest.skip(layers.explain())


@pytest.fixture
def start(config, sandbox):
    """Start kernels that end with the test."""
    kernels = []

    def start_one(more=None, **start):
        merged = Config(config)
        merged.merge(more or {})
        kernels.append(Kernel(merged, **start))
        return kernels[-1]

    yield start_one
    for kernel in kernels:
        kernel.close()


@pytest.fixture
def kernel(start):
    """One kernel."""
    return start()


@pytest.fixture
def interrupt_soon():
    """Send SIGINT to a kernel by its manager."""
    return lambda kernel: kernel.manager.signal_kernel(signal.SIGINT)
