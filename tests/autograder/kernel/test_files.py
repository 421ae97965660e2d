"""The working copy holds ordinary files only."""

import os
import zipfile

import pytest

from autograder.kernel.files import TooManyFiles, pack


def names(folder, most_bytes=1000):
    with pack(folder, most_bytes) as packed, zipfile.ZipFile(packed) as archive:
        return sorted(archive.namelist())


def test_files_and_folders_are_packed(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "b.txt").write_text("b")
    (tmp_path / "a.txt").write_text("a")
    assert names(tmp_path) == ["a.txt", "data/b.txt"]


def test_notebooks_links_and_pipes_are_left_out(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "kept.txt").write_text("k")
    (folder / "notebook.ipynb").write_text("{}")
    (folder / "link").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "old.txt").write_text("o")
    assert names(folder) == ["kept.txt"]


def test_a_file_older_than_zip_archives_is_packed(tmp_path):
    (tmp_path / "old").write_text("o")
    os.utime(tmp_path / "old", (0, 0))
    assert names(tmp_path) == ["old"]


def test_a_folder_without_files_needs_no_archive(tmp_path):
    assert pack(tmp_path, 1000) is None


def test_too_many_bytes_are_refused(tmp_path):
    (tmp_path / "one").write_bytes(bytes(600))
    (tmp_path / "two").write_bytes(bytes(600))
    with pytest.raises(TooManyFiles, match=f"more than 1,000 bytes. Received: {tmp_path}"):
        pack(tmp_path, 1000)
