"""Serve warm kernels: import the libraries once, then fork a ready kernel for each request.

The files of this folder run in a process of their own, without the package that they lie in: it
is bound read-only under another name there, so they import one another by plain names. This one
bears the name of the module that starts an ordinary kernel, and so does the command line. A
kernel's code sees neither this folder nor the modules.
"""

import sys

import kernel
import spawner


def main():
    request = spawner.serve()
    if request is not None:  # in a forked copy, which now turns into the kernel
        kernel.run(request)


if __name__ == "__main__":
    sys.path.pop(0)  # this folder; what it holds is imported by now
    main()
