"""The bubblewrap command around a kernel server: what of the machine it sees.

It sees the system's programs, the Python environment and the package `course`, all read-only; no
network, no other process, nobody's home. Of this repository or installation, `autograder` and
`solutions` are left out. Each kernel then closes more off for itself (`inside/namespaces.py`).
"""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

HOME = "/home/user"
CODE = "/tmp/kernel"  # the folder `inside`; a kernel's own /tmp hides it
INSIDE = Path(__file__).parent / "inside"
NOBODY = 65534  # whom root becomes in the server
INNER = 1000  # whom any other user appears to be there
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")  # links into /usr on most systems
SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nuser:x:{id}:{id}:user:{home}:/bin/bash\n"
GROUP = "root:x:0:\nuser:x:{id}:\n"


def bubblewrap():
    """The path of the program, or None where it is not installed."""
    return shutil.which("bwrap")


def launch(environment):
    """The command line that turns an interpreter into a kernel server, as an ordinary kernel's."""
    connection = f"{environment['HOME']}/.local/share/jupyter/runtime/kernel.json"
    return [sys.executable, "-m", "ipykernel_launcher", "-f", connection]


def environment(backend, home=HOME):
    """All environment variables of a server and its kernels: nothing is taken from this process."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": home,
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",  # there is no GPU in the sandbox to look for
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as ipykernel sets it
        "OPENBLAS_NUM_THREADS": "1",  # else NumPy's threads start on import, before the fork
    }


def readable():
    """What a kernel may read of this machine: str paths, read-only all of them."""
    system = ["/usr", *(f"/{name}" for name in SYSTEM), "/etc", "/proc", "/dev"]
    return system + [str(path) for path in _python_folders()]


def command(scratch, environment):
    """The whole command line of a sandboxed server.

    scratch: Path of a private folder.    environment: dict, as of `environment()`.
    """
    words = [bubblewrap(), "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    words += ["--hostname", "localhost", "--clearenv"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    words += _rights()
    words += _system(scratch)
    for folder in _python_folders():
        words += _bound(folder)
    for folder in _left_out():
        words += ["--perms", "0000", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    words += ["--ro-bind", str(INSIDE), CODE, "--chdir", CODE, "--remount-ro", "/"]
    return [*words, "--", *launch(environment)]


def _rights():
    """What the server needs to give each kernel a view of its own; it drops them after start."""
    if os.geteuid() == 0:
        needed = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID")
        return ["--cap-drop", "ALL", *(word for cap in needed for word in ("--cap-add", cap))]
    user = ["--unshare-user", "--uid", str(INNER), "--gid", str(INNER)]
    return [*user, "--cap-add", "CAP_SYS_ADMIN"]


def _system(scratch):
    words = ["--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc"]
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    for name in SETTINGS:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name, text in (("passwd", PASSWD), ("group", GROUP)):
        (scratch / name).write_text(text.format(id=INNER, home=HOME))
        words += ["--ro-bind", str(scratch / name), f"/etc/{name}"]
    words += ["--proc", "/proc", "--tmpfs", "/dev"]
    for name in DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    words += ["--symlink", "/proc/self/fd", "/dev/fd"]
    for folder in ("/dev/shm", "/tmp", HOME):
        words += ["--perms", "1777", "--tmpfs", folder]
    return [*words, "--remount-ro", "/dev"]


def _bound(folder):
    """Bind a folder where it is. Its parents become empty folders that anyone may pass through."""
    parents = list(reversed(folder.parents))[1:]
    made = [word for path in parents for word in ("--perms", "0755", "--dir", str(path))]
    return [*made, "--ro-bind", str(folder), str(folder)]


def _python_folders():
    """The environment, the interpreter's own installation, and `course`: Paths, none in another."""
    course = Path(find_spec("course").origin).parent
    found = {Path(sys.prefix), Path(sys.base_prefix), course}
    found |= {folder.resolve() for folder in found}  # links lead from the one to the other
    return sorted(
        folder
        for folder in found
        if not any(folder.is_relative_to(other) for other in {*found, Path("/usr")} - {folder})
    )


def _left_out():
    """The folders of `autograder` and `solutions`, where the environment would show them."""
    packages = [find_spec(name) for name in ("autograder", "solutions")]
    folders = [Path(spec.origin).resolve().parent for spec in packages if spec is not None]
    shown = [*_python_folders(), Path("/usr")]
    return [path for path in folders if any(path.is_relative_to(folder) for folder in shown)]
