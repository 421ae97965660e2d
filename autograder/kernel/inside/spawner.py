"""The server: wait for requests and fork for each one.

A forked copy may run TensorFlow or JAX only if the original never did: their thread pools do not
survive a fork, and a copy would wait for them for ever. So nothing here runs an operation, and
the number of threads is looked at before the first fork.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback

import libc
import namespaces
import supervisor

MESSAGE_BYTES, MOST_DESCRIPTORS = 1 << 16, 16


class Request:
    """What to start, as one side asked for it, and the line on which to answer.

    text: dict, of which `kernel.run` says what it holds.    descriptors: list of int.
    line: a socket whose other end watches and steers this kernel.
    """

    def __init__(self, text, descriptors):
        self.text = text
        self.line = socket.socket(fileno=descriptors[0])
        self.descriptors = descriptors[1:]

    def tell(self, **message):
        """Send a message to the other end, if it is still there."""
        with contextlib.suppress(OSError):
            self.line.send(json.dumps(message).encode())

    def close(self):
        """Close the line and every descriptor that came with the request."""
        self.line.close()
        for descriptor in self.descriptors:
            os.close(descriptor)


def serve():
    """Prepare, answer requests until nobody can ask any more, and return None.

    In each forked copy that shall become a kernel, return its Request.
    """
    introduction = socket.socket(fileno=os.dup(0))
    options = json.loads(introduction.recv(MESSAGE_BYTES))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # supervisors end by themselves
    try:
        _prepare(options)
    except Exception as error:
        introduction.send(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        return None
    requests, other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    socket.send_fds(introduction, [json.dumps({"ready": True}).encode()], [other_end.fileno()])
    introduction.close()
    other_end.close()
    _close_standard_streams()
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, MESSAGE_BYTES, MOST_DESCRIPTORS)
        if not message:
            break
        request = Request(json.loads(message), descriptors)
        if os.fork() == 0:
            requests.close()
            return _become_kernel(request, options)
        request.close()
    _end_supervisors()
    return None


def _end_supervisors():
    """Have every supervisor end its kernel, and wait until all have ended."""
    thread = threading.get_native_id()
    with open(f"/proc/self/task/{thread}/children") as children:
        for child in children.read().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGTERM)
    with contextlib.suppress(ChildProcessError):
        os.wait()  # returns when every one has ended, for their statuses are not kept


def _prepare(options):
    """Take the rights that the server needs, import, and see that a fork is safe.

    options: `isolated` bool; `user` int or None, whom root shall become; `imports` list of str.
    """
    libc.prctl(libc.SET_SUBREAPER, 1)
    if options["isolated"]:
        namespaces.uncover_proc()
        if options["user"] is not None:
            namespaces.become(options["user"])
        libc.drop_capabilities()
    for module in options["imports"]:
        importlib.import_module(module)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(
            f"A process that forks must have one thread. Received: {threads}, after importing "
            f"{', '.join(options['imports'])}."
        )
    gc.collect()
    gc.freeze()  # a collection in a copy would touch, and so copy, all of this memory


def _close_standard_streams():
    """Read nothing and write nowhere; what a kernel's code writes, the kernel sends on."""
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _become_kernel(request, options):
    """Fork twice more: this process ends, its child supervises, its grandchild is the kernel."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        if options["isolated"]:
            namespaces.enter()
        if os.fork() != 0:
            os._exit(0)
        kernel = os.fork()
        if kernel == 0:
            os.setsid()
            return request
        supervisor.supervise(kernel, request, alone=options["isolated"])
    except BaseException:
        request.tell(error=traceback.format_exc(limit=-3))
    os._exit(1)
