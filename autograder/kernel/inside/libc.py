"""The Linux calls that Python does not offer, each by name; every failure is an OSError."""

import ctypes
import os
import platform

_libc = ctypes.CDLL(None, use_errno=True)

# unshare(2)
NEW_MOUNTS, NEW_UTS, NEW_IPC = 0x0002_0000, 0x0400_0000, 0x0800_0000
NEW_USER, NEW_PIDS, NEW_NETWORK = 0x1000_0000, 0x2000_0000, 0x4000_0000

# mount(2)
READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x4_0000

# umount2(2)
DETACH = 2

# prctl(2)
SET_DUMPABLE, DROP_BOUNDING, SET_SUBREAPER = 4, 24, 36
SET_NO_NEW_PRIVILEGES, AMBIENT, AMBIENT_CLEAR_ALL = 38, 47, 4

CAPABILITY_VERSION_3 = 0x2008_0522
LAST_CAPABILITY = 40  # CAP_CHECKPOINT_RESTORE; a number that the system lacks is passed over
KEYCTL = {"x86_64": 250, "aarch64": 219}.get(platform.machine())
JOIN_SESSION_KEYRING = 1


def unshare(namespaces):
    """Leave the given namespaces for new ones; a new process namespace takes the next fork."""
    _checked(_libc.unshare(namespaces), "unshare")


def mount(source, target, kind, flags, options=None):
    """Mount `source` on the folder `target`; `kind` is a file system, or None for a bind."""
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    options = None if options is None else options.encode()
    _checked(_libc.mount(*arguments, ctypes.c_ulong(flags), options), f"mount {target}")


def detach(target):
    """Take the topmost mount off `target`."""
    _checked(_libc.umount2(os.fsencode(target), DETACH), f"umount {target}")


def prctl(option, argument=0):
    """Set an attribute of this process (prctl(2))."""
    _checked(_libc.prctl(option, *map(ctypes.c_ulong, (argument, 0, 0, 0))), f"prctl {option}")


def drop_capabilities():
    """Give up every capability, for this process and for what it will execute."""
    for capability in range(LAST_CAPABILITY + 1):
        _libc.prctl(DROP_BOUNDING, *map(ctypes.c_ulong, (capability, 0, 0, 0)))
    prctl(AMBIENT, AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    no_sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, 64 bits each
    _checked(_libc.capset(header, no_sets), "capset")


def leave_keyring():
    """Join a new session keyring: keys put into the old one would outlive this process."""
    if KEYCTL is not None:  # a system without keyrings fails, and has nothing to leave
        _libc.syscall(KEYCTL, JOIN_SESSION_KEYRING, None)


def system_call(number, *arguments, what):
    """Make a system call that the C library has no name for; return its result."""
    return _checked(_libc.syscall(number, *arguments), what)


def _checked(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
