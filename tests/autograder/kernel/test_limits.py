"""Bounds on a kernel: set by name, met as ordinary errors."""

import pytest
from traitlets.config import Config

from autograder.kernel.limits import MEGABYTE, Limits


def with_limits(**limits):
    config = Config()
    config.WarmKernelProvisioner.limits = limits
    return config


def test_an_unknown_limit_is_refused_by_name():
    with pytest.raises(ValueError, match=r"must be one of memory_bytes, .*Received: 'memory'"):
        Limits.from_config({"memory": 1})


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2"])
def test_a_limit_is_a_positive_integer(value):
    with pytest.raises(ValueError, match=r"positive integer. Received: processes"):
        Limits.from_config({"processes": value})


def test_a_wrong_limit_in_the_configuration_is_told_at_start(start):
    with pytest.raises(ValueError, match="Received: 'memory'"):
        start(with_limits(memory=1))


def test_too_much_memory_is_an_ordinary_error(start):
    kernel = start(with_limits(memory_bytes=1 << 30))
    assert "MemoryError" in kernel.run("import numpy as np; np.ones(1 << 28)")
    assert "Error" in kernel.run("import keras; keras.ops.ones((1 << 29,))")
    assert kernel.run("print(float(keras.ops.sum(keras.ops.ones(3))))") == "3.0\n"


def test_shared_memory_counts(start):
    kernel = start(with_limits(address_bytes=4 << 30))
    kernel.run("import mmap; maps = []")
    assert "Error" in kernel.run("while True: maps.append(mmap.mmap(-1, 1 << 28))")


def test_a_fork_bomb_ends_in_an_error(start):
    kernel = start(with_limits(processes=60))
    kernel.run("import os, time")
    bomb = """
made = 0
while True:
    if os.fork() == 0:
        time.sleep(600); os._exit(0)
    made += 1
"""
    assert "BlockingIOError" in kernel.run(bomb)
    assert 5 < int(kernel.run("print(made)")) < 60


def test_disk_and_files_are_bounded(start):
    kernel = start(with_limits(disk_bytes=8 * MEGABYTE, file_bytes=4 * MEGABYTE, open_files=100))
    assert "File too large" in kernel.run("open('one', 'wb').write(bytes(5 << 20))")
    assert "No space left" in kernel.run(
        "for n in range(9): open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))"
    )
    assert "No space left" in kernel.run("open('/dev/shm/x', 'wb').write(bytes(1 << 20))")
    assert "Too many open files" in kernel.run("held = [open('one') for _ in range(200)]")


def test_processor_time_is_bounded(start):
    kernel = start(with_limits(cpu_seconds=2))
    kernel.client.execute("while True: pass")
    assert kernel.await_end().exit_code == -9
