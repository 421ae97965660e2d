"""What a kernel's code cannot reach. Each probe is first seen to reach its aim outside."""

import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from autograder.kernel import sandbox

REPOSITORY = Path(__file__).resolve().parents[3]
TELLING = re.compile(
    "grad(?!ient)|student|submission|solution|(?<!oom_)score|sandbox|exam|cheat", re.IGNORECASE
)

AIMS = {
    "a TCP server": "import socket; socket.create_connection(('127.0.0.1', {tcp}), 5)",
    "a UDP server": "import socket; s = socket.socket(type=socket.SOCK_DGRAM); "
    "s.connect(('127.0.0.1', {udp})); s.send(b'x')",
    "a socket in a folder": "import socket; socket.socket(socket.AF_UNIX).connect('{folder}/s')",
    "an abstract socket": "import socket; socket.socket(socket.AF_UNIX).connect('\\0{abstract}')",
    "a file of the class": "open('{folder}/gradebook.db').read()",
    "the folder's name": "import os; os.stat('{folder}')",
    "the grader's process": "import os; os.kill({process}, 0)",
    "the grader's memory": "open('/proc/{process}/mem')",
    "the grader's environment": "import os; os.environ['TEST_SECRET']",
    "the reference solutions": "open('{repository}/solutions/__init__.py').read()",
    "this package": "open('{repository}/autograder/kernel/sandbox.py').read()",
    "the repository": "open('{repository}/pyproject.toml').read()",
    "shared memory": "import os; os.stat('/dev/shm/{abstract}')",
    "writing into the course": "import os; assert os.access('{repository}/course', os.W_OK)",
    "writing into the environment": "import os; assert os.access('{prefix}', os.W_OK)",
    "importing autograder": "import autograder.kernel.sandbox",
    "importing solutions": "import solutions.attention",
}


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Things of the grader's that a probe might look for."""
    name = f"test-{os.getpid()}"
    monkeypatch.setenv("TEST_SECRET", "told to nobody")
    (tmp_path / "gradebook.db").write_text("points")
    with ExitStack() as stack:
        tcp, udp, path, abstract = (
            stack.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        path.bind(str(tmp_path / "s"))
        abstract.bind(f"\0{name}")
        for listener in (tcp, path, abstract):
            listener.listen()
        shared = Path("/dev/shm", name)
        shared.write_text("x")
        stack.callback(shared.unlink)
        yield {
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "folder": tmp_path,
            "abstract": name,
            "process": os.getpid(),
            "repository": REPOSITORY,
            "prefix": sys.prefix,
        }


def test_nothing_outside_is_reached(start, places, tmp_path):
    kernel = start(cwd=str(tmp_path / "class"))
    for aim, code in AIMS.items():
        code = code.format(**places)
        outside = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code], cwd=REPOSITORY, capture_output=True
        )
        assert outside.returncode == 0, f"the probe for {aim} fails where nothing stops it"
        assert "Error" in kernel.run(code), f"a kernel reaches {aim}"


LEFT_BEHIND = {
    "/tmp": ("open('/tmp/left', 'w').close()", "open('/tmp/left')"),
    "/dev/shm": ("open('/dev/shm/left', 'w').close()", "open('/dev/shm/left')"),
    "the home": (
        "import os; open(os.path.expanduser('~/left'), 'w').close()",
        "open(os.path.expanduser('~/left'))",
    ),
    "an abstract socket": (
        "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0left'); s.listen()",
        "import socket; socket.socket(socket.AF_UNIX).connect('\\0left')",
    ),
    "System V memory": (
        "import ctypes; m = ctypes.CDLL(None); assert m.shmget(77, 4096, 0o1666) >= 0",
        "import ctypes; assert ctypes.CDLL(None).shmget(77, 4096, 0o666) >= 0",
    ),
    "a process": (
        "import subprocess; p = subprocess.Popen(['sleep', '61'])",
        "import pathlib; found = pathlib.Path('/proc').glob('*/cmdline'); "
        "assert any(b'sleep\\0' in file.read_bytes() for file in found)",
    ),
}


def test_kernels_leave_each_other_nothing(start):
    one, other = start(), start()
    for where, (leave, find) in LEFT_BEHIND.items():
        assert "Error" not in one.run(leave)
        assert "Error" not in one.run(find), f"the probe of {where} does not find its own"
        other.run("import os")
        assert "Error" in other.run(find), f"a kernel finds what another left: {where}"


def test_keys_in_the_kernels_keyring_are_private(start):
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers of these system calls are x86-64's")
    one, other = start(), start()
    add = "import ctypes; c = ctypes.CDLL(None).syscall; print(c(248, b'user', b'k', b'v', 1, {}))"
    find = "import ctypes; print(ctypes.CDLL(None).syscall(250, 10, {}, b'user', b'k', 0))"
    for ring in (-3, -4):  # the session's and the user's
        if int(one.run(add.format(ring))) < 0:
            pytest.skip("this Linux has no keyrings")
        assert int(one.run(find.format(ring))) > 0
        assert int(other.run(find.format(ring))) < 0


def test_only_its_own_processes_are_visible(kernel):
    text = kernel.run(
        "import os\nprint(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))"
    )
    assert text == "[1, 2]\n"
    assert "PermissionError" in kernel.run("open('/proc/1/environ').read()")
    kernel.run("os.kill(1, 9)")
    assert kernel.run("print('on')") == "on\n"


def test_no_rights_are_left_and_none_can_be_had(kernel):
    status = kernel.run("print(open('/proc/self/status').read())")
    assert re.findall(r"Cap(?:Inh|Prm|Eff|Bnd|Amb):\s*(\w+)", status) == ["0" * 16] * 5
    assert "NoNewPrivs:\t1" in status
    kernel.run("import subprocess")
    assert "CalledProcessError" in kernel.run(
        "subprocess.run(['unshare', '--user', 'true'], check=True, stderr=subprocess.DEVNULL)"
    )


def test_no_descriptor_leads_outside(kernel):
    links = kernel.run(
        "import os\n"
        "for fd in os.listdir('/proc/self/fd'):\n"
        "    try: print(os.readlink(f'/proc/self/fd/{fd}'))\n"
        "    except FileNotFoundError: pass"
    )
    inside = r"/dev/null|/proc/2/fd|pipe:\[\d+\]|socket:\[\d+\]|anon_inode:.*|/memfd:.*"
    assert all(re.fullmatch(inside, link) for link in links.split()), links


def test_nothing_tells_that_the_code_is_looked_at(kernel, monkeypatch):
    seen = kernel.run(
        "import os, sys, socket\n"
        "print(dict(os.environ), sys.argv, sys.orig_argv, sys.path, os.getcwd())\n"
        "print(open('/proc/self/cmdline').read(), open('/proc/self/environ').read())\n"
        "print(open('/proc/1/cmdline').read(), socket.gethostname(), os.listdir('/home/user'))\n"
        "print(os.listdir('/tmp'), open('/etc/passwd').read())\n"
        "print(open(get_ipython().kernel.config['IPKernelApp']['connection_file']).read()\n"
        "      if 'connection_file' in get_ipython().kernel.config['IPKernelApp'] else '')\n"
    )
    assert "/home/user" in seen
    assert "Error" not in seen
    assert not TELLING.search(seen.replace(str(REPOSITORY), ""))


def test_the_command_line_is_an_ordinary_kernels(kernel):
    words = kernel.run("print(open('/proc/self/cmdline').read())").strip("\n\0").split("\0")
    assert words[1:4] == ["-m", "ipykernel_launcher", "-f"]
    assert "[]" in kernel.run(
        "import sys\n[m for m in sys.modules if m.split('.')[0] in "
        "('autograder', 'solutions', 'spawner', 'supervisor', 'namespaces', 'landlock', 'libc')]"
    )


def test_the_servers_own_files_say_nothing_of_grading():
    for file in sandbox.INSIDE.glob("*.py"):
        assert not TELLING.search(file.read_text()), file
