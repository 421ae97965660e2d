"""A process that waits to become a kernel.

It was forked before anyone asked for it, has locked itself in, listens already, and runs what makes
the first cells quick (`inside/warmup.py`) while the notebook before it is executed.
"""

import contextlib
import json
import secrets
import select
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path

CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
SIGNATURE = "hmac-sha256"


class KernelFailed(RuntimeError):
    """A kernel did not start; the text says why."""


@dataclass(frozen=True)
class Address:
    """Where clients find a kernel, and how both sign what they say.

    folder: Path, of its sockets; it is made if it is not there.    key: str.
    """

    folder: Path
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def ip(self):
        """What stands in a connection file as `ip`: the beginning of the sockets' paths."""
        return str(self.folder / "kernel")

    @property
    def connection(self):
        """What else stands there: dict."""
        ports = {f"{channel}_port": port for port, channel in enumerate(CHANNELS, start=1)}
        return {**ports, "key": self.key, "signature_scheme": SIGNATURE}

    def listeners(self):
        """Sockets that listen there, in the order of `CHANNELS`, in place of any others."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        return [_listener(f"{self.ip}-{port}") for port in range(1, len(CHANNELS) + 1)]

    def remove(self):
        """Remove the sockets and their folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Spare:
    """One such process.

    server: the `Server` to fork it from.    place: dict, as `inside/kernel.py` says: what it is
    locked into.    address: the `Address` at which it listens.
    line: the socket that watches and steers it.
    """

    def __init__(self, server, place, address):
        self.place, self.address = place, address
        listeners = address.listeners()
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.line = server.fork(_with_home(place, address.folder), [theirs.fileno()])
            with contextlib.suppress(OSError):  # it has ended, which its line tells better
                self._send(address.connection, listeners)
        except BaseException:
            self._door.close()
            raise
        finally:
            for held in (theirs, *listeners):
                held.close()

    @property
    def is_waiting(self):
        """Whether nothing was heard of it: all it could tell before its time is its end."""
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        return not poll.poll(0)

    def become(self, files):
        """Let it begin; `line` tells the rest.

        files: a file with the packed working files, or None.    Raises OSError where it has ended.
        """
        with self._door:
            self._send({}, [] if files is None else [files])

    def _send(self, text, files):
        numbers = [file.fileno() for file in files]
        socket.send_fds(self._door, [json.dumps(text).encode()], numbers)

    def close(self):
        """Let go of it; it ends, and its sockets disappear."""
        self._door.close()
        self.line.close()
        self.address.remove()


def _with_home(place, folder):
    """The place with a home in the kernel's own folder, where it has not its own view of files."""
    if place["isolated"]:
        return place
    home = str(folder / "home")
    return {**place, "home": home, "scratch": home}


def _listener(path):
    """A socket that listens at `path`, in place of whatever was there."""
    if len(path) > 107:
        raise KernelFailed(f"A socket's path holds 107 characters. Received: {path}")
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    return listener
