"""A process that waits to become a kernel.

It was forked before anyone asked for it, has locked itself in, and runs what makes the first cells
quick (`inside/warmup.py`) while the notebook before it is executed.
"""

import json
import select
import socket


class Spare:
    """One such process.

    server: the `Server` to fork it from.    place: dict, as `inside/kernel.py` says: what it is
    locked into.    line: the socket that watches and steers it.
    """

    def __init__(self, server, place):
        self.place = place
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self.line = server.fork(place, [theirs.fileno()])
        except BaseException:
            self._door.close()
            raise

    @property
    def is_waiting(self):
        """Whether nothing was heard of it: all it could tell before its time is its end."""
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        return not poll.poll(0)

    def become(self, connection, descriptors):
        """Send what makes it a notebook's kernel; `line` tells the rest.

        connection: dict, as in a connection file.    descriptors: the listening sockets, then the
        working files, if any.    Raises OSError where it has ended.
        """
        with self._door as door:
            socket.send_fds(door, [json.dumps(connection).encode()], descriptors)

    def close(self):
        """Let go of it; it ends."""
        self._door.close()
        self.line.close()
