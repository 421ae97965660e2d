"""The kernel server as its owner sees it: start it, ask it for kernels, notice when it is gone."""

import atexit
import contextlib
import json
import os
import secrets
import select
import socket
import subprocess
import threading

from autograder.kernel import sandbox
from autograder.kernel.imports import IMPORTS, KERNEL_IMPORTS
from autograder.kernel.scratch import Scratch
from autograder.kernel.spare import Address, Spare

MESSAGE_BYTES = 1 << 16
START_SECONDS = 180  # importing TensorFlow from a cold network disk
BACKENDS = ("tensorflow", "jax", "torch")

_lock = threading.Lock()
_servers = {}  # (backend, isolated) → Server
_scratch = []  # this process's only Scratch, once there is one


class ServerFailed(RuntimeError):
    """The server did not start, or ended while a kernel was being started."""


class Server:
    """One kernel server, which begins to import at once; `await_ready` comes before all else.

    backend: the Keras backend that it imports.    isolated: whether it runs in the sandbox.
    imports: modules to import.
    """

    def __init__(self, backend, isolated, imports):
        self.backend, self.isolated = backend, isolated
        self._spare, self._spare_lock = None, threading.Lock()
        self._requests = None  # the line to it, once it is ready
        self._introduction, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._log = open(scratch() / f"server-{id(self)}.log", "w+b")  # noqa: SIM115
        try:
            with theirs:
                self._process = self._launch(backend, theirs)
            options = {"isolated": isolated, "user": None, "imports": list(imports)}
            if isolated and os.geteuid() == 0:
                options["user"] = sandbox.NOBODY
            self._introduction.send(json.dumps(options).encode())
        except BaseException:
            self._introduction.close()
            self._log.close()
            raise

    def await_ready(self):
        """Wait until it takes requests. Raises ServerFailed when it does not come to that."""
        if self._requests is not None:
            return
        try:
            self._requests = self._receive_line()
        except BaseException:
            self._log.close()
            raise
        finally:
            self._introduction.close()

    def fork(self, request, descriptors):
        """Ask for a kernel and return the socket that watches and steers it (see `inside`).

        request: dict.    descriptors: what goes with it, after the socket's other end.
        Raises ServerFailed when the server is gone.
        """
        line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                message = [json.dumps(request).encode()]
                socket.send_fds(self._requests, message, [theirs.fileno(), *descriptors])
            except OSError as error:
                line.close()
                raise ServerFailed("The kernel server is gone.") from error
        return line

    def take(self, place, address=None):
        """Return a `Spare` for this place: the one that waits, if it is for it, or a new one.

        address: where it shall listen; None leaves that to the spare.
        Raises ServerFailed when the server is gone.
        """
        with self._spare_lock:
            spare, self._spare = self._spare, None
        fits = spare is not None and spare.place == place and spare.is_waiting and address is None
        if spare is not None and not fits:
            spare.close()
        return spare if fits else Spare(self, place, address or _new_address())

    def prepare(self, place):
        """Have a `Spare` wait for the next `take`; without a server there is none."""
        with self._spare_lock, contextlib.suppress(ServerFailed):
            if self._spare is None:
                self._spare = Spare(self, place, _new_address())

    @property
    def is_running(self):
        """Whether the server still holds its end of the line, or gets ready to."""
        if self._requests is None:
            return self._process.poll() is None
        poll = select.poll()
        poll.register(self._requests, select.POLLIN)
        return not poll.poll(0)

    def close(self):
        """End the server and its kernels, and wait until they are gone."""
        if self._requests is None:
            self._process.kill()
        self.forget()
        self._log.close()
        self._process.wait()

    def forget(self):
        """Let go of the server in a forked copy of its owner, whose end alone shall end it."""
        (self._requests or self._introduction).close()
        if self._spare is not None:
            self._spare.close()

    def _launch(self, backend, theirs):
        if self.isolated:
            environment = sandbox.environment(backend)
            words, folder = sandbox.command(scratch(), environment), "/"
        else:
            environment = sandbox.environment(backend, home=str(scratch()))
            words, folder = sandbox.launch(environment), sandbox.INSIDE
        return subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C in a terminal is its owner's to handle
        )

    def _receive_line(self):
        self._introduction.settimeout(START_SECONDS)
        try:
            message, descriptors, _, _ = socket.recv_fds(self._introduction, MESSAGE_BYTES, 1)
        except TimeoutError:
            self._process.kill()
            raise self._failure(f"it was not ready after {START_SECONDS} s") from None
        except ConnectionError:  # it ended with our message unread
            message = b""
        if not message:
            raise self._failure("it ended")
        answer = json.loads(message)
        if "error" in answer:
            raise self._failure(answer["error"])
        return socket.socket(fileno=descriptors[0])

    def _failure(self, reason):
        self._process.wait()
        self._log.seek(0)
        last = self._log.read().decode(errors="replace").strip().splitlines()[-1:]
        return ServerFailed("; ".join([f"The kernel server did not start: {reason}", *last]))


def scratch():
    """The folder of this process's sockets: Path. It disappears with the process."""
    if not _scratch:
        _scratch.append(Scratch())
    return _scratch[0].path


def _new_address():
    return Address(scratch() / secrets.token_hex(4))


def check_backend(backend):
    """Raise ValueError unless Keras has a backend of this name."""
    if backend not in BACKENDS:
        raise ValueError(
            f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}. Received: {backend!r}."
        )


def start(backend, isolated):
    """Have a server for a backend begin to import, if there is none or if it is gone.

    Raises ValueError on an unknown backend.
    """
    check_backend(backend)
    with _lock:
        _started(backend, isolated)


def running(backend, isolated):
    """The server for a backend, started now if there is none or if it is gone.

    Raises ValueError on an unknown backend, ServerFailed when the server does not start.
    """
    check_backend(backend)
    with _lock:
        server = _started(backend, isolated)
        try:
            server.await_ready()
        except BaseException:
            del _servers[backend, isolated]
            raise
    return server


def _started(backend, isolated):
    server = _servers.get((backend, isolated))
    if server is None or not server.is_running:
        if server is not None:
            server.close()
        _servers.pop((backend, isolated), None)
        imports = (*IMPORTS, *KERNEL_IMPORTS, backend)
        server = _servers[backend, isolated] = Server(backend, isolated, imports)
    return server


def close_all():
    """End all servers of this process and remove its sockets; the next kernel starts anew."""
    with _lock:
        while _servers:
            _servers.popitem()[1].close()
        while _scratch:
            _scratch.pop().close()


def _forget_in_copy():
    for held in (*_servers.values(), *_scratch):
        held.forget()
    _servers.clear()
    _scratch.clear()


atexit.register(close_all)
os.register_at_fork(after_in_child=_forget_in_copy)
