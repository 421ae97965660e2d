"""The kernelspec that names our provisioner, and what of a class's configuration uses it.

It lies in the class's own folder, so that only this class's grading finds it: `JUPYTER_PATH` is
searched by nbgrader, nbconvert, nbclient and Jupyter alike.
"""

import contextlib
import json
import os
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from autograder.kernel import server
from autograder.kernel.layers import missing

NAME = "transformer-course-warm"  # of the kernelspec, and of the provisioner's entry point


def install_kernelspec(folder, backend="tensorflow"):
    """Write the kernelspec into a class's folder and return the Path of its own folder."""
    place = Path(folder, "kernels", NAME)
    place.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (warm, in a sandbox)",
        "language": "python",
        "interrupt_mode": "signal",
        "env": {"KERAS_BACKEND": backend},
        "metadata": {"kernel_provisioner": {"provisioner_name": NAME}},
    }
    (place / "kernel.json").write_text(json.dumps(spec, indent=1) + "\n")
    return place


def backend_of(spec):
    """Return the Keras backend that a kernelspec names."""
    return spec.env.get("KERAS_BACKEND", "tensorflow")


def use_warm_kernels(config, folder):
    """Have nbgrader execute notebooks in warm kernels.

    config: the `c` of an `nbgrader_config.py`.    folder: where `install_kernelspec` wrote.
    """
    config.ExecutePreprocessor.kernel_name = NAME
    config.ExecutePreprocessor.shutdown_kernel = "immediate"  # nothing to save: no 1 s of waiting
    config.AsyncKernelManager.client_class = "autograder.kernel.client.PromptKernelClient"
    folder, before = str(Path(folder).resolve()), os.environ.get("JUPYTER_PATH", "")
    if folder not in before.split(os.pathsep):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (folder, before)))


def start_server(config):
    """Start the server of a class's kernels before one is asked for: it imports while we do.

    config: of the class, as `use_warm_kernels` leaves it; elsewhere nothing happens.
    What fails here fails again where a kernel is asked for, and is told there.
    """
    if config.ExecutePreprocessor.kernel_name != NAME:
        return
    with contextlib.suppress(NoSuchKernel, ValueError, server.ServerFailed):
        spec = KernelSpecManager(config=config).get_kernel_spec(NAME)
        isolated = not missing()
        if isolated or config.WarmKernelProvisioner.trust_students is True:
            server.start(backend_of(spec), isolated)
