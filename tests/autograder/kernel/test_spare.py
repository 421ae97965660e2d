"""The kernel that waits for the next notebook: it is taken, replaced, and shows no trace."""

import json
import subprocess
import sys
import time

import psutil
import pytest
from traitlets.config import Config

from autograder.kernel import sandbox, server
from tests.autograder.kernel.test_server import at_rest, eventually, servers_processes


def waiting(start):
    """Start one kernel, and return its server's spare."""
    start()
    [held] = server._servers.values()
    assert held._spare is not None
    return held._spare


def test_the_next_kernel_is_the_one_that_waited(start):
    spare = waiting(start)
    assert spare.is_waiting
    kernel = start()
    assert kernel.run("print('on')") == "on\n"
    [held] = server._servers.values()
    assert held._spare is not spare
    assert spare.line.fileno() == kernel.manager.provisioner._handle._line.fileno()


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_kernel_that_waited_looks_like_a_new_one(start, seconds):
    waiting(start)
    time.sleep(seconds)  # a while of waiting, or none: what it was at is left unfinished
    seen = start().run("import keras\nprint(keras.layers.Dense(2).name, keras.Sequential().name)")
    assert seen == "dense sequential\n"


def test_one_that_has_ended_is_replaced(start):
    spare = waiting(start)
    youngest = max(servers_processes(), key=lambda process: process.create_time())
    youngest.kill()
    assert eventually(lambda: not spare.is_waiting)
    assert start().run("print('on')") == "on\n"


def test_other_limits_need_another_one(start):
    waiting(start)
    tighter = Config()
    tighter.WarmKernelProvisioner.limits = {"cpu_seconds": 77}
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)[0])"
    assert start(tighter).run(code) == "77\n"


def test_no_more_than_one_waits(start):
    start().close()
    assert eventually(at_rest)
    kernels = [start() for _ in range(3)]
    assert all(kernel.run("print(1)") == "1\n" for kernel in kernels)
    assert not at_rest()
    for kernel in kernels:
        kernel.close()
    assert eventually(at_rest)


def test_without_a_server_none_is_prepared(start):
    start()
    [held] = server._servers.values()
    place = held._spare.place
    server.close_all()
    held._spare = None
    held.prepare(place)
    assert held._spare is None


def test_the_processes_of_a_spare_end_with_the_server(start):
    waiting(start)
    processes = servers_processes()
    server.close_all()
    assert eventually(lambda: not any(psutil.pid_exists(process.pid) for process in processes))


@pytest.mark.parametrize("module", ["warmup", "kernel", "spawner"])
def test_the_server_s_own_modules_are_gone_in_a_kernel(start, module):
    waiting(start)
    assert start().run(f"import sys; print({module!r} in sys.modules)") == "False\n"


def modules_after(names, folder=None):
    """The modules that are there in a new process, once it has imported some."""
    code = "import importlib, json, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "print(json.dumps(sorted(sys.modules)))"
    words = [sys.executable, "-c", code, *names]
    shown = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout
    return set(json.loads(shown.splitlines()[-1]))


def test_a_kernel_imports_what_its_server_has_imported(start):
    kernel = start()
    seen = kernel.run("import json, sys; print(json.dumps(sorted(sys.modules)))")
    before = modules_after((*server.IMPORTS, *server.KERNEL_IMPORTS, "tensorflow"))
    assert set(json.loads(seen)) - before <= {"runpy"}


def test_a_rehearsal_of_the_locks_imports_no_keras():
    assert not modules_after(["spawner", "kernel"], folder=sandbox.INSIDE) & {"keras", "numpy"}
