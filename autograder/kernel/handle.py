"""One running kernel, as its supervisor tells of it."""

import asyncio
import contextlib
import json
from dataclasses import dataclass

MESSAGE_BYTES = 1 << 16
LOST = -9  # the exit code of a kernel that was killed, for one that nobody could ask any more


@dataclass(frozen=True)
class Ending:
    """How a kernel ended.

    exit_code: as `subprocess.Popen.returncode`; minus a signal's number when that ended it.
    reason: a sentence.    max_rss_kilobytes, cpu_seconds: what it used, None when it was lost.
    """

    exit_code: int
    reason: str
    max_rss_kilobytes: int | None = None
    cpu_seconds: float | None = None


class Handle:
    """Watch and steer a kernel over its line.

    line: a socket from `Server.fork`.    is_ready: whether the kernel listens.
    error: str or None, why it could not start.    ending: Ending, or None while it runs.
    """

    def __init__(self, line):
        self._line = line
        self._line.setblocking(False)
        self.is_ready = False
        self.error = None
        self.ending = None

    def look(self):
        """Take in whatever the supervisor has told; never waits."""
        with contextlib.suppress(BlockingIOError):
            while self.ending is None:
                try:
                    message = self._line.recv(MESSAGE_BYTES)
                except ConnectionError:
                    message = b""
                self._take(json.loads(message) if message else None)

    async def until(self, condition, seconds):
        """Wait until `condition()` holds. Raises TimeoutError after `seconds`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        self.look()
        while not condition():
            told = loop.create_future()
            loop.add_reader(self._line, lambda told=told: told.done() or told.set_result(None))
            try:
                await asyncio.wait_for(told, max(0, deadline - loop.time()))
            finally:
                loop.remove_reader(self._line)
            self.look()

    def signal(self, number):
        """Send a signal to the kernel's process group; nothing happens when it has ended."""
        with contextlib.suppress(OSError):
            self._line.send(json.dumps({"signal": int(number)}).encode())

    def close(self):
        """Let go of the kernel; one that runs is killed."""
        self._line.close()

    def _take(self, message):
        if message is None:
            self.ending = Ending(
                LOST, "The kernel was lost: its server was killed. The next kernel gets a new one."
            )
        elif "exit" in message:
            self.ending = Ending(
                message["exit"], _reason(message["exit"]), message["max_rss"], message["cpu"]
            )
        elif "error" in message:
            self.error = message["error"]
        else:
            self.is_ready = True


def _reason(code):
    if code == 0:
        return "The kernel ended."
    if code > 0:
        return f"The kernel ended with exit code {code}."
    return f"The kernel was ended by signal {-code}."
