"""What a kernel server imports before it forks, so that no kernel has to.

Never `autograder` or `solutions`, and nothing that runs an operation or starts a thread.
"""

IMPORTS = (  # what lessons import
    "keras",
    "numpy",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "course.checking",
)
KERNEL_IMPORTS = (  # what a kernel imports when it starts, or at its first cell
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
    "encodings.cp437",
    "encodings.latin_1",
    "encodings.utf_16_be",
)
