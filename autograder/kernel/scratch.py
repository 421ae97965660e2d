"""A private folder for sockets, which disappears with the process that made it."""

import os
import subprocess
import tempfile
from pathlib import Path

LONGEST = 60  # characters: a socket's path holds 107, and its name takes up to 40


class Scratch:
    """A folder of this process. A small watcher removes it when the process ends, even if killed.

    path: Path, absolute and short, readable by this user only.
    """

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="kernels-", dir=_short_folder()))
        self._watcher = subprocess.Popen(
            ["sh", "-c", 'read _; until rm -rf -- "$0"; do sleep 1; done', str(self.path)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal must not end it first
        )

    def close(self):
        """Remove the folder now."""
        self._watcher.stdin.close()
        self._watcher.wait()

    def forget(self):
        """Let go of the folder in a forked copy of its owner, whose end alone shall remove it."""
        self._watcher.stdin.close()


def _short_folder():
    """Where sockets go: the user's runtime folder, else the temporary one, else /tmp."""
    for folder in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir()):
        if folder and len(folder) <= LONGEST and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return "/tmp"
