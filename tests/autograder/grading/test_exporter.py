"""A broken file becomes a reason; a renamed one is found and kept."""

import nbformat
import pytest
from nbformat.v4 import new_notebook

from autograder.grading.exporter import SubmissionExporter, adopt_renamed, read_submission
from autograder.weave import released_notebook, to_text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"cells": [',
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"nbformat": 99}',
        b'{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    ],
)
def test_any_broken_file_gives_a_reason(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    notebook, reason = read_submission(path)
    assert notebook.cells == []
    assert reason
    assert path.read_bytes() == content
    _, resources = SubmissionExporter().from_filename(str(path))
    assert resources["unreadable"] == reason


def test_a_good_file_is_read(tmp_path):
    path = tmp_path / "x.ipynb"
    nbformat.write(new_notebook(), path)
    assert read_submission(path) == (new_notebook(), None)
    _, resources = SubmissionExporter().from_filename(str(path))
    assert "unreadable" not in resources


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "submitted" / "ada" / "03-attention"
    folder.mkdir(parents=True)
    return folder


def test_a_renamed_notebook_is_copied_and_the_original_stays(folder):
    original = folder / "03-attention (1).ipynb"
    original.write_text(to_text(released_notebook("03-attention")), encoding="utf-8")
    (folder / "scratch.ipynb").write_text("{}", encoding="utf-8")
    paths = [str(folder / "scratch.ipynb"), str(original)]
    adopt_renamed("03-attention", "ada", paths)
    wanted = folder / "03-attention.ipynb"
    assert paths[-1] == str(wanted)
    assert wanted.read_bytes() == original.read_bytes()


def test_a_notebook_of_the_right_name_is_left_alone(folder):
    wanted = folder / "03-attention.ipynb"
    wanted.write_text("{}", encoding="utf-8")
    paths = [str(wanted)]
    adopt_renamed("03-attention", "ada", paths)
    assert paths == [str(wanted)]
    assert wanted.read_text(encoding="utf-8") == "{}"


def test_no_notebook_at_all_is_nbgraders_matter():
    adopt_renamed("03-attention", "ada", [])
