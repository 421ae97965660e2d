"""What a submission's links lead to stays out of the kernel's reach."""

from types import SimpleNamespace

from autograder.grading.links import DropLinks, links


def test_links_are_found_at_every_depth_and_not_followed(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "seed").symlink_to("/etc/passwd")
    (tmp_path / "up").symlink_to(tmp_path.parent)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "kept.txt").write_text("k")
    assert sorted(map(str, links(tmp_path))) == ["data/seed", "gone", "up"]


def test_copies_of_links_are_removed(tmp_path, monkeypatch):
    submitted, copied = tmp_path / "submitted" / "ada" / "x", tmp_path / "copy"
    (submitted / "data").mkdir(parents=True)
    (submitted / "data" / "seed").symlink_to("/etc/passwd")
    (submitted / "up").symlink_to(tmp_path)
    (submitted / "kept.txt").write_text("k")
    (copied / "data").mkdir(parents=True)
    (copied / "up").mkdir()
    (copied / "up" / "class_seed").write_text("1")
    for name in ("data/seed", "kept.txt"):
        (copied / name).write_text("copied")
    step = DropLinks()
    step.config.CourseDirectory.root = str(tmp_path)
    resources = {
        "nbgrader": {"student": "ada", "assignment": "x"},
        "metadata": {"path": str(copied)},
    }
    monkeypatch.chdir(tmp_path)
    step.preprocess(SimpleNamespace(), resources)
    assert sorted(str(p.relative_to(copied)) for p in copied.rglob("*")) == ["data", "kept.txt"]
