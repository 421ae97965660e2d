"""A class of attackers between two honest students, graded once by `nbgrader autograde`."""

import contextlib
import copy
import os
import socket
import threading
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.classes import new_class
from autograder.demo.submissions import LESSON, answered
from autograder.kernel import layers
from autograder.stock import run_nbgrader, start_nbgrader
from tests.attacks.form import SCALE

HONEST = ("honest-first", "zz-honest-last")  # in the order of names they frame all others
TIMEOUT = 6  # seconds a cell
REPOSITORY = Path(__file__).resolve().parents[2]


class Listeners:
    """What attackers try to reach on this machine; `received` is what came, by name."""

    def __init__(self, folder, stack):
        self.received = []
        self.abstract = f"attacks-{os.getpid()}"
        places = {
            "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "path": (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "s")),
            "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{self.abstract}"),
        }
        self.sockets = {}
        for name, (family, kind, address) in places.items():
            bound = stack.enter_context(socket.socket(family, kind))
            bound.bind(address)
            bound.settimeout(0.2)
            if kind == socket.SOCK_STREAM:
                bound.listen()
            self.sockets[name] = bound
        self._ends = threading.Event()
        for name in self.sockets:
            thread = threading.Thread(target=self._listen, args=(name,))
            thread.start()
            stack.callback(thread.join)
        stack.callback(self._ends.set)

    def _listen(self, name):
        bound = self.sockets[name]
        while not self._ends.is_set():
            with contextlib.suppress(TimeoutError):
                if name == "udp":
                    bound.recv(99)
                else:
                    bound.accept()[0].close()
                self.received.append(name)

    def port(self, name):
        return self.sockets[name].getsockname()[1]


class Graded:
    """The class after grading: its folder, log, and what was received by the listeners."""

    def __init__(self, folder, attacks, extra_config=""):
        self.folder = folder
        new_class(folder)
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write(f"c.ExecuteSubmission.timeout = {TIMEOUT}\n{extra_config}")
        (folder / "secret").write_text("the instructor's own")
        run_nbgrader(folder, "generate_assignment", LESSON)
        with contextlib.ExitStack() as stack:
            listeners = Listeners(folder, stack)
            self._hand_in(attacks, listeners)
            self.before = self._files()
            with start_nbgrader(folder, "autograde", LESSON) as process:
                lines = []
                for line in process.stdout:
                    lines.append(line)
                    with (folder / "autograde.log").open("a") as log:
                        log.write(line)
                self.log = "".join(lines)
            self.status = process.returncode
            self.received = listeners.received

    def _hand_in(self, attacks, listeners):
        names = {
            "@FOLDER@": str(self.folder),
            "@REPOSITORY@": str(REPOSITORY),
            "@LESSON@": LESSON,
            "@TCP@": str(listeners.port("tcp")),
            "@UDP@": str(listeners.port("udp")),
            "@ABSTRACT@": listeners.abstract,
            "@PROCESS@": str(os.getpid()),
        }
        path = self.folder / "release" / LESSON / f"{LESSON}.ipynb"
        right = answered(nbformat.read(path, as_version=4))
        for name in HONEST:
            self._write(name, right)
        for attack in attacks:
            notebook = copy.deepcopy(right)
            cells = {cell.id: cell for cell in notebook.cells}
            cells[SCALE.cell].source = _filled(attack.answer, names)
            if attack.added:
                notebook.cells.insert(1, new_code_cell(_filled(attack.added, names)))
            if attack.edit:
                attack.edit(notebook)
            folder = self._write(attack.name, notebook)
            if attack.files:
                attack.files(folder)

    def _write(self, name, notebook):
        folder = self.folder / "submitted" / name / LESSON
        folder.mkdir(parents=True)
        (folder / f"{LESSON}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
        return folder

    def _files(self):
        """Sizes of the class's files that no submission may change."""
        paths = [*self.folder.glob("source/**/*"), *self.folder.glob("submitted/**/*")]
        paths += [self.folder / name for name in ("secret", "class_seed", "nbgrader_config.py")]
        return {
            path: path.read_bytes() for path in paths if path.is_file() and not path.is_symlink()
        }

    @property
    def unchanged(self):
        return self._files() == self.before

    def notebook(self, name):
        path = self.folder / "autograded" / name / LESSON / f"{LESSON}.ipynb"
        return nbformat.read(path, as_version=4)

    def outputs(self, name):
        """All that a submission's cells wrote, as one text."""
        return "\n".join(
            str(output) for cell in self.notebook(name).cells for output in cell.get("outputs", [])
        )


def _filled(text, names):
    for name, value in names.items():
        text = text.replace(name, value)
    return text


@pytest.fixture(scope="session")
def grade(tmp_path_factory):
    """Grade a class of attacks, in the sandbox unless the config says otherwise."""
    if layers.missing():
        pytest.skip(layers.explain())

    def grade_all(attacks, extra_config=""):
        return Graded(tmp_path_factory.mktemp("attacked") / "class", attacks, extra_config)

    return grade_all
