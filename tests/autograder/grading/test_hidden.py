"""A key is made once for a class, kept where its owner alone can read it, and never out of date."""

import logging

import pytest
from numpy.testing import assert_equal

from autograder import keys
from autograder.grading import hidden
from autograder.grading.hidden import HiddenCases, prepare_keys
from course.checking.values import unpack

NAME, LESSON = "start.normalize_rows", "00-start-here"


@pytest.fixture(autouse=True)
def nothing_made_yet():
    hidden._key.cache_clear()


@pytest.fixture
def made(monkeypatch):
    """The ids of the exercises whose keys are made."""
    found = []
    real = keys.make_key
    monkeypatch.setattr(keys, "make_key", lambda e, seed: found.append(e.id) or real(e, seed))
    return found


def key_of(folder, seed=5):
    return HiddenCases(seed=seed, keys_folder=str(folder)).hidden_key(NAME)


def again(folder, seed=5):
    hidden._key.cache_clear()  # as in another process
    return key_of(folder, seed)


def test_a_key_that_is_there_is_not_made_again(tmp_path, made):
    first = key_of(tmp_path / "keys")
    assert_equal(again(tmp_path / "keys"), first)
    assert made == [NAME]


def test_only_the_owner_can_read_it(tmp_path):
    key_of(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    (path,) = (tmp_path / "keys").iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_another_seed_or_program_makes_another_which_replaces_it(tmp_path, made, monkeypatch):
    key_of(tmp_path)
    other = again(tmp_path, seed=6)
    (path,) = tmp_path.iterdir()
    assert_equal(unpack(path.read_bytes()), other)
    monkeypatch.setattr(hidden, "_programs", lambda: "somebody changed a reference")
    again(tmp_path, seed=6)
    assert made == [NAME] * 3
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"not a key", b"PK\x03\x04"])
def test_a_broken_file_is_told_and_made_anew(tmp_path, made, caplog, content):
    first = key_of(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert_equal(again(tmp_path), first)
    assert "is made anew" in caplog.text
    assert made == [NAME] * 2
    assert_equal(unpack(path.read_bytes()), first)


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path, made, caplog):
    (tmp_path / "keys").write_text("a file is in its place")
    with caplog.at_level(logging.WARNING):
        assert key_of(tmp_path / "keys")["exercise"] == NAME
    assert made == [NAME]
    assert "could not be kept" in caplog.text


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert HiddenCases(seed=5).hidden_key(NAME)["exercise"] == NAME
    assert list(tmp_path.iterdir()) == []


def test_a_lesson_s_keys_are_prepared(tmp_path):
    prepare_keys(tmp_path, 5, assignment=LESSON, student="*", notebooks=[])
    assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == [NAME]
    prepare_keys(tmp_path, 5, assignment="an essay", student="*", notebooks=[])
    assert len(list(tmp_path.iterdir())) == 1
