"""A view of the machine for one kernel: its own users, processes, files and names."""

import contextlib
import os

import libc

USER = 1000  # the user id that the kernel's code sees, whoever runs it
PROC_COVERS = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus")
TEMPORARY, MEMORY = "/tmp", "/dev/shm"


def uncover_proc():
    """Take bubblewrap's covers off /proc: Linux lets nobody mount a /proc beside a covered one.

    What they cover belongs to root, who is nobody here, and is read-only to anyone else.
    """
    for cover in PROC_COVERS:
        with contextlib.suppress(OSError):
            libc.detach(cover)


def become(user):
    """Turn from root into an ordinary user, whom process limits bind."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    libc.prctl(libc.SET_DUMPABLE, 1)  # else /proc/self stays root's, and no user map can be written


def enter():
    """Enter a new user namespace; the next process forked enters a new process namespace.

    The calling process must have one thread.
    """
    user, group = os.getuid(), os.getgid()
    libc.unshare(libc.NEW_USER | libc.NEW_PIDS)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{USER} {user} 1")
    _write("/proc/self/gid_map", f"{USER} {group} 1")
    _write("/proc/sys/user/max_user_namespaces", "0")  # no further ones, whose root has more rights


def close_off(home, megabytes, keep):
    """Give this process its own home, /tmp, /dev/shm and /proc, and no network, not even to itself.

    home: a folder that exists.    megabytes: what home, /tmp and /dev/shm hold together.
    keep: folders that stay, even where one of these would hide them.
    Must be called in the process that `enter` lets fork first, or in a child of it.
    """
    libc.unshare(libc.NEW_MOUNTS | libc.NEW_IPC | libc.NEW_UTS | libc.NEW_NETWORK)
    libc.mount(None, "/", None, libc.RECURSIVE | libc.PRIVATE)
    kept = [
        (path, os.open(path, os.O_PATH | os.O_CLOEXEC))
        for path in keep
        if any(_beneath(path, folder) for folder in (home, TEMPORARY, MEMORY))
    ]
    flags = libc.NO_SETUID | libc.NO_DEVICES
    libc.mount("tmpfs", TEMPORARY, "tmpfs", flags, f"size={megabytes}m,nr_inodes=64k,mode=1777")
    for name, folder in (("home", home), ("memory", MEMORY), ("temporary", TEMPORARY)):
        own = os.path.join(TEMPORARY, name)
        os.mkdir(own)
        os.chmod(own, 0o700 if folder == home else 0o1777)
        libc.mount(own, folder, None, libc.BIND)  # the last one hides `home` and `memory` in /tmp
    for path, descriptor in kept:
        os.makedirs(path, exist_ok=True)
        libc.mount(f"/proc/self/fd/{descriptor}", path, None, libc.BIND | libc.RECURSIVE)
        os.close(descriptor)
    libc.mount("proc", "/proc", "proc", flags | libc.NO_EXEC | libc.READ_ONLY)


def _beneath(path, folder):
    return os.path.commonpath((path, folder)) == folder


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)
