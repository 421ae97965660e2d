"""Bake what is made from lessons and exercises: notebooks, keys, texts and a page of docs."""

import json
from pathlib import Path

from autograder import listing, weave
from autograder.weave import lesson as lessons
from course.checking.values import pack, unpack

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "course"


def build(root=ROOT):
    """Write every built file below `root`; return the paths of those that changed."""
    folder = root / "course"
    changed = _write(root / "docs" / "exercises.md", listing.as_markdown().encode())
    for slug in lessons.slugs():
        texts = json.dumps(weave.lesson_texts(slug), indent=1, ensure_ascii=False, sort_keys=False)
        notebook = weave.to_text(weave.released_notebook(slug))
        changed += _write(folder / "checking" / "texts" / f"{slug}.json", (texts + "\n").encode())
        changed += _write(folder / "notebooks" / f"{slug}.ipynb", notebook.encode())
        changed += _write_keys(
            folder / "checking" / "keys" / f"{slug}.npz", weave.lesson_keys(slug)
        )
    return changed


def _write(path, content):
    if path.exists() and path.read_bytes() == content:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return [path]


def _write_keys(path, keys):
    """Write keys only when what they are made from changed: floats differ between processors."""
    if path.exists():
        baked = unpack(path.read_bytes())
        if {k: v["digest"] for k, v in baked.items()} == {k: v["digest"] for k, v in keys.items()}:
            return []
    return _write(path, pack(keys))
