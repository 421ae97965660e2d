"""The doctor finds what is missing, old or misnamed, and says what to type."""

import functools
import os
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

import course
from course import doctor
from course.doctor import Finding, Report, findings, report, this_machine

PROJECT = tomllib.loads(
    Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8")
)["project"]
WELL = Finding("backend", "tensorflow")
ILL = Finding("numpy", "not installed", "pip install numpy")
BETTER = Finding("device", "CPU, 2 cores", "use the GPU", needed=False)


OF_PLUG_INS = functools.cache(doctor._of_plug_ins)  # they start a kernel server each time


@pytest.fixture(autouse=True)
def plug_ins_are_asked_once(monkeypatch):
    monkeypatch.setattr(doctor, "_of_plug_ins", OF_PLUG_INS)


def found(what):
    return next(finding for finding in findings() if finding.what == what)


def test_all_is_well_where_these_tests_run(capsys):
    assert report() == 0
    printed = capsys.readouterr().out
    assert "✗" not in printed
    names = ["Python", *doctor.PACKAGES, "backend", "device", "precision", "free disk here"]
    found = [line[2:].split("  ")[0] for line in printed.splitlines() if line[0] != " "]
    assert found[: len(names)] == names
    parts = ["bubblewrap", "namespaces", "Landlock"] if sys.platform == "linux" else ["Linux"]
    assert found[len(names) :] == [f"grading: {part}" for part in parts]


def test_python_packages_backend_device_and_precision_are_those_of_this_process():
    keras = sys.modules["keras"]
    assert found("Python").found.startswith(".".join(map(str, sys.version_info[:3])))
    assert found("keras").found == keras.__version__
    assert found("backend").found == keras.backend.backend()
    assert found("precision").found == keras.config.dtype_policy().name


def test_the_oldest_versions_are_those_of_the_project():
    oldest = {
        need.split(">=")[0]: tuple(map(int, need.split(">=")[1].split(",")[0].split(".")))
        for need in PROJECT["dependencies"]
        if ">=" in need
    }
    assert {name: oldest[name][:2] for name in doctor.PACKAGES} == doctor.PACKAGES
    assert {name: oldest[name] for name in course.OLDEST} == course.OLDEST
    (low, high) = (".".join(map(str, version)) for version in doctor.PYTHON)
    assert PROJECT["requires-python"] == f">={low},<{high}"


def test_a_missing_package_has_the_command_that_installs_it(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "PACKAGES", {"no-such-package": (1, 0)})
    assert found("no-such-package").found == "not installed"
    assert found("no-such-package").fix == f"{sys.executable} -m pip install -U no-such-package"
    assert report() == 1
    assert "✗ no-such-package" in capsys.readouterr().out


def test_an_old_package_is_named_with_what_is_needed(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", {"numpy": (99, 1)})
    assert found("numpy").found.endswith(", older than 99.1")
    assert found("numpy").fix == f'{sys.executable} -m pip install -U "numpy>=99.1"'


def test_a_python_in_a_path_with_a_space_is_quoted(monkeypatch):
    monkeypatch.setattr(doctor.sys, "executable", r"C:\My Programs\python.exe")
    monkeypatch.setattr(doctor, "PACKAGES", {"no-such-package": (1, 0)})
    assert found("no-such-package").fix.startswith(r'"C:\My Programs\python.exe" -m pip')


def test_a_python_that_does_not_fit_is_found(monkeypatch):
    monkeypatch.setattr(doctor, "PYTHON", ((3, 98), (3, 99)))
    assert found("Python").mark == "✗"


@pytest.mark.parametrize(
    ("wanted", "error", "fix"),
    [
        ("thiano", ValueError("Unable to import backend : thiano"), "tensorflow, jax, torch"),
        ("jax", ModuleNotFoundError("No module named 'jax'", name="jax"), "pip install -U jax"),
        ("torch", ImportError("libtorch.so: cannot open"), "pip install -U torch"),
        (None, ImportError("DLL load failed"), "pip install -U tensorflow"),
    ],
)
def test_a_backend_that_does_not_load_is_explained(monkeypatch, wanted, error, fix):
    def fail():
        raise error

    monkeypatch.setattr("course.quiet.load_keras", fail)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    if wanted:
        monkeypatch.setenv("KERAS_BACKEND", wanted)
    assert found("backend").found == f"does not load: {type(error).__name__}: {error}"
    assert fix in found("backend").fix


@pytest.mark.parametrize(
    ("kind", "shown"), [("CPU", f"CPU, {os.cpu_count()} cores"), ("GPU", "GPU"), ("TPU", "TPU")]
)
def test_the_device_is_told(monkeypatch, kind, shown):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor.device, "kind", lambda: kind)
    assert doctor._device("tensorflow") == Finding("device", shown)


@pytest.mark.parametrize("backend", doctor.BACKENDS)
def test_an_idle_gpu_is_told_and_is_no_fault(monkeypatch, backend):
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(doctor.device, "kind", lambda: "CPU")
    finding = doctor._device(backend)
    assert finding.mark == "○"
    assert finding.fix.startswith("to use the NVIDIA GPU as well: ")
    assert backend in finding.fix
    assert Report([finding]).healthy


def test_a_full_disk_is_found(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**29))
    assert found("free disk here") == Finding(
        "free disk here", "0.5 GiB", "free at least 1 GiB: lessons save weights"
    )


def test_a_report_is_lined_up_with_what_mends_it_below():
    assert str(Report([WELL, ILL, BETTER])) == (
        "✓ backend  tensorflow\n"
        "✗ numpy    not installed\n"
        "  to mend it:  pip install numpy\n"
        "○ device   CPU, 2 cores\n"
        "  to mend it:  use the GPU"
    )
    assert not Report([WELL, ILL]).healthy


def test_a_notebook_shows_a_table_that_is_escaped():
    page = Report([Finding("Python", "<b>3</b>", "a & b")])._repr_html_()
    assert "&lt;b&gt;3&lt;/b&gt;. To mend it: a &amp; b</td>" in page
    assert page.count("<tr>") == 1


def test_a_lesson_sees_what_it_computes_with_and_what_is_to_be_mended(monkeypatch):
    assert [finding.what for finding in this_machine().findings] == list(doctor.HERE)
    monkeypatch.setattr(doctor, "findings", lambda: [WELL, ILL, Finding("nbgrader", "0.9.6")])
    assert this_machine().findings == [WELL, ILL]
