"""Which parts of the sandbox work on this machine, and how to mend those that do not."""

import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass

from autograder.kernel import sandbox, server
from autograder.kernel.limits import Limits
from course.doctor import Finding

START_SECONDS = 60
HOW_TO_TRUST = (
    "To run kernels without it, trusting every submission: "
    "c.WarmKernelProvisioner.trust_students = True"
)
INSTALL = "install it, for instance: sudo apt install bubblewrap"
AS_ROOT = (
    "in a container, allow it: --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined"
)
AS_USER = (
    "sudo sysctl -w user.max_user_namespaces=15000 and, where these exist, "
    "kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
)
NEWER_LINUX = "use Linux 5.13 or newer, started with `landlock` among the modules of `lsm=`"


@dataclass(frozen=True)
class Layer:
    """A part of the sandbox: its name, whether it works here, what was seen, and the remedy."""

    name: str
    works: bool
    seen: str
    remedy: str


def layers():
    """Try every part of the sandbox and return what was found: a list of Layer."""
    if sys.platform != "linux":
        return [Layer("Linux", False, sys.platform, "grade on Linux, or in a Linux container")]
    program = sandbox.bubblewrap()
    failure = _rehearsal_failure() if program else "not tried without bubblewrap"
    version = landlock_version()
    return [
        Layer("bubblewrap", bool(program), program or "not installed", INSTALL),
        Layer(
            "namespaces",
            failure is None,
            failure or "users, processes, mounts, network",
            AS_ROOT if os.geteuid() == 0 else AS_USER,
        ),
        Layer("Landlock", version > 0, f"version {version}" if version else "none", NEWER_LINUX),
    ]


@functools.cache
def missing():
    """The layers that do not work here, tried once in this process: a tuple of Layer."""
    return tuple(layer for layer in layers() if not layer.works)


def findings():
    """The layers as `course doctor` tells them: lessons do without, grading does not."""
    return [
        Finding(
            f"grading: {layer.name}",
            layer.seen,
            "" if layer.works else layer.remedy,
            needed=False,
        )
        for layer in layers()
    ]


def explain():
    """What is missing and how to mend it: str, one line each, ending with the way around it."""
    lines = [f"  {layer.name}: {layer.seen}. To mend it: {layer.remedy}" for layer in missing()]
    return "\n".join(["The sandbox for students' code is incomplete here.", *lines, HOW_TO_TRUST])


@functools.cache
def landlock_version():
    """The version of Landlock here; 0 when there is none."""
    script = [sys.executable, "-E", "landlock.py"]
    found = subprocess.run(script, cwd=sandbox.INSIDE, capture_output=True, text=True, check=True)
    return int(found.stdout)


def _rehearsal_failure():
    """Start a server that imports nothing and let it lock in a process; why it failed, or None."""
    try:
        rehearsal = server.Server("tensorflow", isolated=True, imports=())
        rehearsal.await_ready()
    except server.ServerFailed as failure:
        return str(failure)
    limits = Limits()
    request = {
        "isolated": True,
        "landlock": False,
        "home": sandbox.HOME,
        "megabytes": limits.disk_megabytes,
        "readable": sandbox.readable(),
        "limits": limits.resources(),
    }
    try:
        with rehearsal.fork(request, []) as line:
            line.settimeout(START_SECONDS)
            answer = json.loads(line.recv(server.MESSAGE_BYTES) or b"{}")
    finally:
        rehearsal.close()
    if answer.get("ready"):
        return None
    return answer.get("error", "the process ended").strip().splitlines()[-1]
