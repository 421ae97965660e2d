"""A warm kernel behaves as an ordinary one."""

import signal
import time

import pytest


def test_runs_an_operation(kernel):
    assert (
        kernel.run("import keras\nprint(float(keras.ops.sum(keras.ops.ones((3, 4)))))") == "12.0\n"
    )


def test_trains_a_model(kernel):
    code = """
import keras, numpy as np
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
history = model.fit(np.ones((8, 3)), np.ones((8, 1)), epochs=2, verbose=0)
print(len(history.history["loss"]))
"""
    assert kernel.run(code) == "2\n"


def test_the_course_loads_quietly(kernel):
    assert kernel.run("import course\nfrom course.checking import check, hint") == ""


def test_a_figure_is_a_picture(kernel):
    kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert any("image/png" in message["content"].get("data", {}) for message in kernel.outputs)


def test_what_is_written_past_python_is_shown(kernel):
    kernel.run("import os, time")
    written = "written = os.write(1, b'raw '); status = os.system('echo child')"
    assert kernel.run(f"{written}; time.sleep(1)  # until ipykernel has read it") == "raw child\n"


def test_input_is_refused_at_once(kernel):
    assert "StdinNotImplementedError" in kernel.run("input()", seconds=20)


def test_the_backend_cannot_be_changed_by_a_cell(kernel):
    kernel.run("import os\nos.environ['KERAS_BACKEND'] = 'jax'")
    assert kernel.run("import keras\nprint(keras.backend.backend())") == "tensorflow\n"


def test_an_interrupt_stops_a_cell_and_the_next_one_runs(kernel):
    kernel.start("import time\nwhile True: time.sleep(0.01)")
    kernel.manager.interrupt_kernel()
    reply = kernel.client.get_shell_msg(timeout=20)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("print('on')") == "on\n"


def test_an_interrupt_reaches_what_the_kernel_started(kernel):
    kernel.start("import subprocess\nsubprocess.run(['sleep', '60'])")
    time.sleep(0.3)
    start = time.monotonic()
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=20)["content"]["status"] == "error"
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("code", "exit_code", "reason"),
    [
        ("import os; os._exit(3)", 3, "The kernel ended with exit code 3."),
        ("import os; os._exit(0)", 0, "The kernel ended."),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15, "by signal 15."),
        ("import ctypes; ctypes.string_at(0)", -11, "by signal 11."),
        ("import os; os.kill(os.getpid(), 9)", -9, "by signal 9."),
    ],
)
def test_how_a_kernel_ended_is_known(kernel, code, exit_code, reason):
    kernel.client.execute(code)
    ending = kernel.await_end()
    assert ending.exit_code == exit_code
    assert ending.reason.endswith(reason)
    assert ending.max_rss_kilobytes > 0
    assert not kernel.manager.is_alive()


def test_a_kernel_is_killed(kernel):
    provisioner = kernel.manager.provisioner
    kernel.manager.shutdown_kernel(now=True)
    assert provisioner.ending.exit_code == -signal.SIGKILL
    assert not provisioner.has_process


def test_a_kernel_is_shut_down_in_good_order(kernel):
    provisioner = kernel.manager.provisioner
    kernel.run("import atexit, keras; keras.ops.ones(1)")
    kernel.manager.shutdown_kernel()
    assert provisioner.ending.exit_code == 0


def test_a_restarted_kernel_is_new_and_its_client_stays(kernel):
    kernel.run("kept = 1")
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert "NameError" in kernel.run("kept")


def test_the_files_beside_the_notebook_are_there(start, tmp_path):
    folder = tmp_path / "submission"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "numbers.txt").write_text("1 2 3")
    (folder / "notebook.ipynb").write_text("{}")
    kernel = start(cwd=str(folder))
    assert kernel.run("import os\nprint(os.listdir(), open('data/numbers.txt').read())") == (
        "['data'] 1 2 3\n"
    )
    kernel.run("open('data/numbers.txt', 'w').write('changed')")
    assert (folder / "data" / "numbers.txt").read_text() == "1 2 3"
