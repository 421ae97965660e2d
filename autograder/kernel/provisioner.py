"""A Jupyter kernel provisioner: kernels are forked from a warm server, into a sandbox.

It is named by a kernelspec (see `kernelspec.py`) and needs no change in nbgrader, nbconvert,
nbclient or Jupyter. The kernelspec's `KERAS_BACKEND` chooses the server; nothing else of the
environment reaches a kernel, and the arguments of its command line do not either.
"""

import asyncio
import contextlib
import signal

from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Bool, Dict

from autograder.kernel import sandbox, server
from autograder.kernel.files import pack
from autograder.kernel.handle import Handle
from autograder.kernel.kernelspec import backend_of
from autograder.kernel.layers import explain, landlock_version, missing
from autograder.kernel.limits import Limits
from autograder.kernel.spare import CHANNELS, SIGNATURE, KernelFailed

START_SECONDS, KILL_SECONDS = 60, 30
END_CHECKS = 100  # 5 s; a killed server's last processes end within some milliseconds
TRUSTING = "Students' code is trusted: a part of the sandbox is missing here.\n{layers}"


class SandboxUnavailable(RuntimeError):
    """The sandbox cannot work on this machine; the text says what is missing and how to mend it."""


class _Lost(KernelFailed):
    """Its server ended before the kernel was ready."""


class WarmKernelProvisioner(KernelProvisionerBase):
    """Start, signal and end one kernel of a warm server."""

    trust_students = Bool(
        False,
        config=True,
        help="Start kernels even where the sandbox is incomplete, with what there is of it.",
    )
    limits = Dict(
        config=True,
        help="Bounds on a kernel that differ from the defaults, such as {'cpu_seconds': 600}.",
    )

    _handle = None
    _address = None

    @property
    def ending(self):
        """How the kernel ended: `handle.Ending`; None while it runs or before it was started."""
        return None if self._handle is None else self._handle.ending

    @property
    def has_process(self):
        """Whether there is a kernel to wait for."""
        return self._handle is not None and not self._is_waited_for

    async def pre_launch(self, **kwargs):
        """Check the configuration and the sandbox, and see that the server runs."""
        self._limits = Limits.from_config(self.limits)
        isolated = not await asyncio.to_thread(missing)
        if not isolated and not self.trust_students:
            raise SandboxUnavailable(explain())
        if not isolated:
            self.log.warning(TRUSTING.format(layers=explain()))
        backend = backend_of(self.kernel_spec)
        self._server = await asyncio.to_thread(server.running, backend, isolated)
        kept = {name: value for name, value in kwargs.items() if name in ("cwd", "env")}
        return await super().pre_launch(cmd=[], **kept)

    async def launch_kernel(self, cmd, cwd=None, **kwargs):
        """Fork a kernel and wait until it listens. Raises KernelFailed when it does not."""
        try:
            await self._fork(cwd)
        except (server.ServerFailed, _Lost):  # the server was killed while we asked it
            await self._see_server_end()
            self._server = await asyncio.to_thread(
                server.running, self._server.backend, self._server.isolated
            )
            await self._fork(cwd)
        return self.connection_info

    async def _fork(self, cwd):
        place = self._place()
        files = pack(cwd, self._limits.disk_bytes // 2) if cwd else None
        try:
            # on a restart, clients find the new kernel where the old one was
            spare = self._server.take(place, self._address)
            self._handle, self._is_waited_for = Handle(spare.line), False
            self._listen_at(spare.address)
            with contextlib.suppress(OSError):  # it has ended, which its line tells better
                spare.become(files)
        finally:
            if files is not None:
                files.close()
        handle = self._handle
        await handle.until(lambda: handle.is_ready or handle.error or handle.ending, START_SECONDS)
        if not handle.is_ready:
            self._handle = None
            handle.close()
            lost = handle.error is None and handle.ending.max_rss_kilobytes is None
            reason = f"The kernel did not start. {handle.error or handle.ending.reason}"
            raise _Lost(reason) if lost else KernelFailed(reason)
        if self._server.isolated:  # elsewhere its home would lie open until then
            self._server.prepare(place)

    async def _see_server_end(self):
        """Wait until the server is gone, or else has shown that it lost this kernel only."""
        for _ in range(END_CHECKS):
            if not self._server.is_running:
                return
            await asyncio.sleep(0.05)

    async def poll(self):
        """The exit code, or None while the kernel runs."""
        if self._handle is None:
            return 0
        self._handle.look()
        return None if self.ending is None else self.ending.exit_code

    async def wait(self):
        """Wait for the kernel's end and return its exit code."""
        if self._handle is None:
            return 0
        await self._handle.until(lambda: self.ending is not None, float("inf"))
        self._is_waited_for = True
        self._handle.close()
        return self.ending.exit_code

    async def send_signal(self, signum):
        """Send a signal to the kernel's process group."""
        if self.has_process and signum:
            self._handle.signal(signum)

    async def kill(self, restart=False):
        """Kill the kernel and all that it started; they are gone when this returns."""
        if self.has_process:
            self._handle.signal(signal.SIGKILL)
            await self._handle.until(lambda: self.ending is not None, KILL_SECONDS)

    async def terminate(self, restart=False):
        """Ask the kernel's process group to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart=False):
        """Remove the sockets; end a kernel that still runs."""
        if self._handle is not None:
            self._handle.look()
            if self.ending is not None and self.ending.max_rss_kilobytes is None:
                self.log.error(self.ending.reason)
            self._handle.close()
        if self._address is not None and not restart:
            self._address.remove()

    def _listen_at(self, address):
        """Tell our manager, and by it all clients, where the kernel listens."""
        self._address, manager = address, self.parent
        manager.transport, manager.ip = "ipc", address.ip
        manager.connection_file = str(address.folder / "connection.json")
        for port, channel in enumerate(CHANNELS, start=1):
            setattr(manager, f"{channel}_port", port)
        manager.session.key = address.key.encode()
        manager.session.signature_scheme = SIGNATURE
        self.connection_info = manager.get_connection_info()

    def _place(self):
        """What the kernel is locked into, whichever notebook it runs."""
        return {
            "isolated": self._server.isolated,
            "landlock": landlock_version() > 0,
            "home": sandbox.HOME,
            "scratch": None,
            "megabytes": self._limits.disk_megabytes,
            "readable": sandbox.readable(),
            "limits": self._limits.resources(),
        }
