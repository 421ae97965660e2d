"""A real JupyterLab on a student's copies of the lessons, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

SECONDS_TO_START = 60
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture
def jupyterlab(tmp_path):
    """The address of a JupyterLab started by `course lab`, which is stopped afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-c", "from course.cli import main; main()", "lab"]
    command += [str(tmp_path / "lessons"), "--no-browser", "--", f"--port={port}", "--allow-root"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1"]
    command += ["--LabApp.news_url=", "--ServerApp.disable_check_xsrf=True"]
    with (tmp_path / "lab.log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "HOME": str(home)}
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api", process, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def wait_for(address, process, log):
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def page(tmp_path):
    """A page of a fresh browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt install chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        yield page
        page.screenshot(path=tmp_path / "last.png")
        browser.close()
