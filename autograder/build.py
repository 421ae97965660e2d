"""Bake what students hold: released notebooks, visible keys and texts, from lessons and exercises."""

import json
from pathlib import Path

from autograder import weave
from autograder.weave import lesson as lessons
from course.checking.values import pack, unpack

COURSE = Path(__file__).resolve().parents[1] / "course"


def build(folder=COURSE):
    """Write every built file below `folder`; return the paths of those that changed."""
    changed = []
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
