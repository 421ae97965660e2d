"""One process beside each kernel: it passes signals on, and tells how the kernel ended.

In a process namespace it is the first process, so that the kernel is an ordinary one (the first
is deaf to signals), and whatever the kernel leaves behind ends with it.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket

import libc

MESSAGE_BYTES = 4096


def supervise(kernel, request, alone):
    """Wait for the kernel's end, tell it on the request's line, and exit.

    kernel: process id.    alone: whether this is the first process of its own namespace.
    Messages on the line: `{"signal": n}` in; `{"exit": code, "max_rss": kB, "cpu": seconds}` out.
    When the other end closes the line, or the server asks by SIGTERM, the kernel is killed.
    """
    for descriptor in request.descriptors:
        os.close(descriptor)
    libc.prctl(libc.SET_DUMPABLE, 0)  # no process of the kernel's user may look into this one
    if alone:
        libc.drop_capabilities()
    else:
        libc.prctl(libc.SET_SUBREAPER, 1)
    ended = _await_end(kernel, request.line, alone)
    _kill_all(kernel, alone)
    while ended is None or alone:
        try:
            process, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        if process == kernel:
            ended = status, usage
    status, usage = ended
    if request.text.get("scratch"):
        shutil.rmtree(request.text["scratch"], ignore_errors=True)
    request.tell(
        exit=os.waitstatus_to_exitcode(status),
        max_rss=usage.ru_maxrss,
        cpu=usage.ru_utime + usage.ru_stime,
    )
    os._exit(0)


def _await_end(kernel, line, alone):
    """Pass signals on until the kernel ends or must end; return its status and usage, or None."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda number, frame: None)
    poll = select.poll()
    poll.register(line, select.POLLIN)
    poll.register(woken, select.POLLIN)
    while True:
        ended = _collect(kernel)
        if ended is not None:
            return ended
        ready = {descriptor for descriptor, _ in poll.poll()}
        if woken.fileno() in ready and signal.SIGTERM in woken.recv(MESSAGE_BYTES):
            return None
        if line.fileno() in ready:
            number = _signal_asked_for(line)
            if number == signal.SIGKILL:
                return None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(kernel, number)


def _signal_asked_for(line):
    try:
        message = line.recv(MESSAGE_BYTES)
    except OSError:
        message = b""
    return json.loads(message)["signal"] if message else signal.SIGKILL


def _collect(kernel):
    """Take note of every process that has ended; return the kernel's end, or None."""
    ended = None
    with contextlib.suppress(ChildProcessError):
        while True:
            process, status, usage = os.wait4(-1, os.WNOHANG)
            if process == 0:
                break
            if process == kernel:
                ended = status, usage
    return ended


def _kill_all(kernel, alone):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if alone and os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)  # every process of this namespace but this one
        else:
            os.killpg(kernel, signal.SIGKILL)
