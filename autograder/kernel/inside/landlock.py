"""Landlock: a lock that a process puts on itself and that nothing takes off again.

Reference: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import struct

import libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
VERSION_FLAG, BENEATH_PATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, DEVICE_CONTROL = 1 << 14, 1 << 15
READING = EXECUTE | READ_FILE | READ_FOLDER
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL
BIND_AND_CONNECT_TCP = 0b11  # version 4
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # version 6


def version():
    """The version of Landlock that this system has; 0 when it has none or it is turned off."""
    try:
        return libc.system_call(
            CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(VERSION_FLAG), what="landlock"
        )
    except OSError:
        return 0


def restrict(readable, writable):
    """Close all files but those beneath the given paths, and TCP, for this thread and its heirs.

    readable, writable: paths; one that does not exist is passed over.
    Raises OSError where there is no Landlock. It holds for threads that start afterwards.
    """
    available = version()
    rights = _file_rights(available)
    attributes = [rights]
    if available >= 4:
        attributes.append(BIND_AND_CONNECT_TCP)
    if available >= 6:
        attributes.append(ABSTRACT_SOCKETS_AND_SIGNALS)
    packed = struct.pack(f"{len(attributes)}Q", *attributes)
    rules = libc.system_call(
        CREATE_RULESET, packed, ctypes.c_size_t(len(packed)), ctypes.c_uint(0), what="landlock"
    )
    try:
        for paths, allowed in ((readable, READING), (writable, rights)):
            for path in filter(os.path.exists, paths):
                _allow(rules, path, allowed & rights)
        libc.system_call(RESTRICT_SELF, rules, ctypes.c_uint(0), what="landlock_restrict_self")
    finally:
        os.close(rules)


def _file_rights(available):
    """Every right over files that this version knows: 13 at first, later moved, truncate, ioctl."""
    bits = {1: 13, 2: 14, 3: 15, 4: 15}.get(available, 16)
    return (1 << bits) - 1


def _allow(rules, path, rights):
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            rights &= OF_A_FILE
        rule = struct.pack("=Qi", rights, folder)
        libc.system_call(
            ADD_RULE, rules, BENEATH_PATH, rule, ctypes.c_uint(0), what=f"landlock {path}"
        )
    finally:
        os.close(folder)


if __name__ == "__main__":
    print(version())
