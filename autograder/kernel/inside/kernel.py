"""Turn a forked copy of the server into one notebook's kernel."""

import contextlib
import json
import os
import resource
import select
import socket
import sys
import traceback
import zipfile

import landlock
import libc
import namespaces
import warmup
import zmq

OWN_MODULES = ("kernel", "landlock", "libc", "namespaces", "spawner", "supervisor", "warmup")
MESSAGE_BYTES, MOST_DESCRIPTORS = 1 << 16, 16
CLOSING_SECONDS = 2
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def run(request):
    """Lock this process in, become the kernel of a notebook, and return when it is shut down.

    request.text, the place: `isolated` and `landlock`, bool; `home`, a folder; `megabytes`, the
        size of it; `readable`, folders; `limits`, of `resource` by name.
    request.descriptors: a door, the socket through which comes what is for this process alone: at
        once its connection, as in a connection file, with the listening sockets of ports 1 to 5;
        later the notebook's working files, if any. Without a door, the locks are tried, and that
        is all.
    """
    app = None
    try:
        _lock_in(request.text)
        if request.descriptors:
            with socket.socket(fileno=request.descriptors[0]) as door:
                app = _initialize(*_receive(door))
                _await_notebook(door)
    except BaseException:
        request.tell(error=traceback.format_exc(limit=-3))
        os._exit(1)
    request.tell(ready=True)
    request.line.close()
    if app is not None:
        del request
        app.start()
        # it asked for the end and may still be telling so, while ipykernel closes that channel
        app.control_thread.join(CLOSING_SECONDS)


def _lock_in(text):
    """Give up the view of everything but what a kernel needs, then the means to get it back."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # where memory runs out, the system ends this process first
    home = text["home"]
    os.makedirs(home, mode=0o700, exist_ok=True)
    if text["isolated"]:
        namespaces.close_off(home, text["megabytes"], text["readable"])
        libc.drop_capabilities()
    libc.prctl(libc.SET_NO_NEW_PRIVILEGES, 1)
    libc.leave_keyring()
    writable = [home, *DEVICES]
    if text["isolated"]:
        writable += [namespaces.TEMPORARY, namespaces.MEMORY]
    if text["landlock"]:
        landlock.restrict(text["readable"], writable)
    for name, most in text["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    os.environ["HOME"] = home
    os.environ["TMPDIR"] = namespaces.TEMPORARY if text["isolated"] else home


def _receive(door):
    """The next message through the door, and the descriptors that came with it."""
    message, descriptors, _, _ = socket.recv_fds(door, MESSAGE_BYTES, MOST_DESCRIPTORS)
    if not message:
        os._exit(0)  # nobody needs this process any more
    return json.loads(message), descriptors


def _await_notebook(door):
    """Warm up until a notebook comes through the door, and unpack its working files."""
    poll = select.poll()
    poll.register(door, select.POLLIN)
    with contextlib.closing(warmup.steps()) as steps:
        while not poll.poll(0) and next(steps, False):
            pass
    _, files = _receive(door)
    if files:
        with os.fdopen(files[0], "rb") as archive, zipfile.ZipFile(archive) as working_files:
            working_files.extractall()


def _listen_on(connection, listeners):
    """Have ZeroMQ take the sockets that came with the request, which lie outside of this view.

    So no folder is shared, and no kernel finds another's sockets.
    """
    channels = ("shell", "iopub", "stdin", "control", "hb")
    addresses = [f"ipc://{connection['ip']}-{connection[f'{name}_port']}" for name in channels]
    waiting = {
        address: socket.socket(fileno=listener)
        for address, listener in zip(addresses, listeners, strict=True)
    }
    bind = zmq.Socket.bind

    def bind_or_take(self, address):
        if address in waiting:
            self.setsockopt(zmq.USE_FD, waiting.pop(address).detach())
        return bind(self, address)

    zmq.Socket.bind = bind_or_take


def _initialize(connection, listeners):
    """Make a kernel of this process, in a working folder of its own, up to its first message."""
    from ipykernel.kernelapp import IPKernelApp

    work = os.path.join(os.environ["HOME"], "work")
    os.makedirs(work)
    os.chdir(work)
    os.environ["PWD"] = work
    runtime = os.path.join(os.environ["HOME"], ".local/share/jupyter/runtime")
    os.makedirs(runtime, mode=0o700)
    path = os.path.join(runtime, "kernel.json")
    connection = {**connection, "transport": "ipc", "ip": os.path.join(runtime, "kernel-ipc")}
    with open(path, "w") as file:
        json.dump(connection, file)
    _listen_on(connection, listeners)
    for name in OWN_MODULES:
        sys.modules.pop(name, None)
    sys.argv[1:] = ["-f", path]
    app = IPKernelApp.instance()
    quiet = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=CRITICAL"]
    app.initialize([*sys.argv[1:], *quiet])
    app.debug_shell_socket.close()  # it looks for the shell's socket by its path, in vain
    return app
