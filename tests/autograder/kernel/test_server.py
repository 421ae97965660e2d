"""Servers come and go: with their owner, after a kill, and with many kernels at once."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager

from autograder.kernel import server
from autograder.kernel.kernelspec import NAME, start_server

FIRST_OPERATION = (
    "import keras; x = keras.ops.matmul(keras.ops.ones((2, 3)), keras.ops.ones((3, 2)))"
)
SECONDS = 60


def servers_processes():
    """All processes below this one that belong to kernels."""
    return [process for process in psutil.Process().children(recursive=True) if is_ours(process)]


def is_ours(process):
    try:
        line = " ".join(process.cmdline())
        return process.status() != psutil.STATUS_ZOMBIE and (
            "ipykernel_launcher" in line or "rm -rf" in line
        )
    except psutil.NoSuchProcess:
        return False


def eventually(condition):
    """Whether a condition holds within some seconds."""
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


async def one_kernel(config):
    """Start a kernel, run its first operation, and end it."""
    manager = AsyncKernelManager(kernel_name=NAME, config=config)
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        reply = await client.execute_interactive(
            FIRST_OPERATION, timeout=SECONDS, output_hook=lambda message: None
        )
        assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def at_rest():
    """Whether a spare waits and no kernel is left.

    Then bubblewrap's second process, the server, the spare's supervisor and the spare are there.
    """
    [held] = server._servers.values()
    below = psutil.Process(held._process.pid).children(recursive=True)
    return sum(map(is_ours, below)) == 4 and held._spare.is_waiting


def left_over():
    """What is there for kernels now, at rest: processes, open descriptors, files."""
    assert eventually(at_rest)
    return (
        len(servers_processes()),
        len(os.listdir("/proc/self/fd")),
        len(list(server.scratch().rglob("*"))),
    )


def nothing_more_than(before):
    return all(now <= then for now, then in zip(left_over(), before, strict=True))


@pytest.mark.parametrize("count", [20, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_many_kernels_in_a_row_leave_nothing(config, sandbox, count):
    async def all_of_them():
        await one_kernel(config)
        before = left_over()
        for _ in range(count):
            await one_kernel(config)
        return before

    before = asyncio.run(all_of_them())
    assert eventually(lambda: nothing_more_than(before)), (before, left_over())


def test_eight_kernels_at_once_leave_nothing(config, sandbox):
    async def all_at_once():
        await one_kernel(config)
        before = left_over()
        await asyncio.gather(*(one_kernel(config) for _ in range(8)))
        return before

    before = asyncio.run(all_at_once())
    assert eventually(lambda: nothing_more_than(before)), (before, left_over())


def test_closing_leaves_no_process_and_no_folder(kernel):
    folder = server.scratch()
    assert servers_processes()
    server.close_all()
    assert eventually(lambda: not servers_processes())
    assert not folder.exists()
    assert kernel.await_end().exit_code == -9


def server_process():
    """The process that forks: the one that has imported Keras, below bubblewrap."""
    names = [process for process in servers_processes() if "python" in process.name()]
    return min(names, key=lambda process: process.create_time())


def test_after_a_killed_server_the_next_kernel_works(start):
    kernel = start()
    server_process().send_signal(signal.SIGKILL)
    assert start().run("print('on')") == "on\n"
    assert kernel.run("print('on')") == "on\n"  # it needs the server no more


def test_a_kernel_that_was_lost_says_so_and_the_next_one_works(start, caplog):
    kernel = start()
    provisioner = kernel.manager.provisioner
    for process in servers_processes():
        if process.name() == "bwrap":
            process.send_signal(signal.SIGKILL)
    assert kernel.await_end().reason == (
        "The kernel was lost: its server was killed. The next kernel gets a new one."
    )
    kernel.manager.cleanup_resources()
    assert provisioner.ending.reason in caplog.text
    assert start().run("print('on')") == "on\n"


OWNER = """
import sys, time
from jupyter_client.manager import KernelManager
from autograder.kernel import server
from autograder.kernel.kernelspec import NAME, start_server
manager = KernelManager(kernel_name=NAME)
manager.start_kernel()
print(server.scratch(), flush=True)
{then}
"""


@pytest.mark.parametrize("then", ["time.sleep(600)", "", "import os; os._exit(1)"])
def test_with_its_owner_everything_ends(config, sandbox, then):
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OWNER.format(then=then))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    folder = Path(owner.stdout.readline().strip())
    started = [process for process in psutil.process_iter() if mentions(process, folder)]
    if then.startswith("time"):
        assert folder.exists()
        assert started
        owner.kill()
    owner.wait()
    owner.stdout.close()
    assert eventually(lambda: not folder.exists())
    assert eventually(lambda: not any(map(is_ours, started)))
    assert eventually(lambda: not any(mentions(p, folder) for p in psutil.process_iter()))


def mentions(process, folder):
    try:
        return str(folder) in " ".join(process.cmdline())
    except psutil.Error:
        return False


def test_a_copy_of_the_owner_does_not_keep_the_server_alive(kernel):
    copy = os.fork()
    if copy == 0:
        time.sleep(30)
        os._exit(0)
    try:
        server.close_all()
        assert eventually(lambda: not servers_processes())
    finally:
        os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)


def test_an_unknown_backend_is_refused():
    with pytest.raises(ValueError, match=r"one of tensorflow, jax, torch. Received: 'theano'"):
        server.running("theano", isolated=True)


@pytest.mark.usefixtures("_servers")
def test_a_server_that_cannot_import_says_what(sandbox):
    with pytest.raises(server.ServerFailed, match="No module named 'nowhere'"):
        server.Server("tensorflow", isolated=True, imports=["nowhere"]).await_ready()


@pytest.mark.usefixtures("_servers")
@pytest.mark.parametrize("is_awaited", [True, False])
def test_a_server_ends_when_it_is_closed_ready_or_not(sandbox, is_awaited):
    other = server.Server("tensorflow", isolated=True, imports=["multiprocessing.dummy"])
    if is_awaited:
        other.await_ready()
    assert other.is_running
    other.close()
    assert not psutil.pid_exists(other._process.pid)


def test_a_server_that_was_started_early_is_the_one_that_runs(config, sandbox):
    server.close_all()
    start_server(config)
    [early] = server._servers.values()
    assert early._requests is None  # nobody waited for it
    assert server.running("tensorflow", isolated=True) is early


@pytest.mark.parametrize("name", ["python3", "transformer-course-cold"])
def test_no_server_is_started_early_for_other_kernels(config, sandbox, name):
    server.close_all()
    config.ExecutePreprocessor.kernel_name = name
    start_server(config)
    assert not server._servers


def test_a_server_that_fails_early_is_told_of_when_a_kernel_is_asked_for(config, monkeypatch):
    server.close_all()
    monkeypatch.setattr(server, "IMPORTS", ("nowhere",))
    start_server(config)
    with pytest.raises(server.ServerFailed, match="No module named 'nowhere'"):
        server.running("tensorflow", isolated=True)
    assert not server._servers
