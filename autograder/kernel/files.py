"""The working copy: the files beside a notebook, as a kernel gets them."""

import os
import stat
import tempfile
import zipfile
from pathlib import Path


class TooManyFiles(ValueError):
    """The files beside a notebook take more room than a kernel has."""


def pack(folder, most_bytes):
    """Pack the files in a folder and below; return an open file, or None when there are none.

    Left out are notebooks, which a kernel has no use for, and whatever is not an ordinary file:
    a link could lead to another student's work, and a pipe would never end.
    Raises TooManyFiles when they hold more than `most_bytes`.
    """
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        count = _write(packed, Path(folder), most_bytes)
    except BaseException:
        packed.close()
        raise
    if count == 0:
        packed.close()
        return None
    return packed


def _write(packed, folder, most_bytes):
    """Write the archive and return the number of files in it."""
    total = count = 0
    with zipfile.ZipFile(packed, "w", strict_timestamps=False) as archive:
        for path in ordinary_files(folder):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(descriptor, "rb") as source:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    continue
                content = source.read(most_bytes - total + 1)
            total, count = total + len(content), count + 1
            if total > most_bytes:
                raise TooManyFiles(
                    f"The files beside the notebook must not hold more than {most_bytes:,} bytes. "
                    f"Received: {folder}"
                )
            archive.writestr(os.path.relpath(path, folder), content)
    return count


def ordinary_files(folder):
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".ipynb_checkpoints")
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix != ".ipynb" and stat.S_ISREG(path.lstat().st_mode):
                yield path
