"""Make a class: an nbgrader course directory whose stock commands grade by cases."""

import inspect
import json
import secrets
import shutil
from importlib import metadata
from pathlib import Path

from autograder.exercises import LESSONS
from autograder.grading.settings import SEED_FILE
from autograder.kernel.kernelspec import install_kernelspec
from autograder.kernel.server import check_backend
from autograder.weave import source_notebook, to_text
from autograder.weave.lesson import slugs

CONFIG = '''"""Settings of this class for nbgrader; every stock command reads this file."""

from pathlib import Path

from autograder.grading.settings import configure

c = get_config()
configure(c, Path(__file__).parent)

c.CourseDirectory.course_id = {name!r}

# Seconds that one cell may take. A check cell of lesson 03 takes well under one second, also on a
# busy machine; an endless loop costs a class of 100 students this much each.
c.ExecuteSubmission.timeout = 30

# Seconds that all answers and checks of one submission may take together. After that each cell is
# left one second, so that one notebook cannot hold up the class.
c.ExecuteSubmission.submission_timeout = 600

# Bytes of output that are kept of one cell: enough for a large plot; an endless print is cut.
c.ExecuteSubmission.output_bytes = 2_000_000

# Bounds on a kernel that differ from the defaults in autograder/kernel/limits.py, such as
# {{"memory_bytes": 4 << 30}}. Keras and lesson 03 need 0.4 GB; the default is 3 GB.
c.WarmKernelProvisioner.limits = {{}}

# Students' code runs in a sandbox, and where a part of it is missing (`course doctor` says which)
# nothing is graded. True grades all the same, with what there is of it: for your own code only.
c.WarmKernelProvisioner.trust_students = False
'''

GIVEN = "Answers to the lessons before this one, for its notebook to build on."

PACK = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "transformer-course-student"
version = "{version}"
requires-python = ">=3.11,<3.14"
dependencies = {needs}

[project.scripts]
course = "course.cli:main"

[tool.setuptools.packages.find]
include = ["course*"]

[tool.setuptools.package-data]
course = [
  "notebooks/*.ipynb", "checking/keys/*.npz", "checking/texts/*.json", "data/*.tsv", "data/*.json",
]
"""


def new_class(folder, backend="tensorflow"):
    """Make the class folder: config, class seed and the lessons' source notebooks.

    backend: of Keras, in the kernels that grade.    Raises ValueError where there is no such one,
    FileExistsError when `folder` is there and not empty: nothing of a class is replaced.
    """
    check_backend(backend)
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(
            f"A new class needs a folder that is empty or not there yet. Received: {folder}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    seed = folder / SEED_FILE
    seed.touch(mode=0o600)  # who knows the seed can compute the hidden cases
    seed.write_text(f"{secrets.randbits(63)}\n", encoding="ascii")
    config = CONFIG.format(name=folder.resolve().name)
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    install_kernelspec(folder, backend)
    for slug in slugs():
        target = folder / "source" / slug / f"{slug}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(to_text(source_notebook(slug)), encoding="utf-8")
        give_earlier_parts(slug, target.parent / "solutions")
    student_pack(folder / "student-pack")
    return folder


def give_earlier_parts(slug, folder):
    """Copy the references of the lessons before `slug`: `course.given` finds them there.

    nbgrader hands the folder out with the notebook, and puts it back when grading.
    """
    paths = [Path(path) for path in earlier_modules(slug)]
    if paths:
        folder.mkdir()
        (folder / "__init__.py").write_text(f'"""{GIVEN}"""\n', encoding="utf-8")
    for path in paths:
        shutil.copyfile(path, folder / path.name)


def earlier_modules(slug):
    """Return the files of the references of all lessons before `slug`, in order."""
    lessons = list(LESSONS)
    before = [exercise for name in lessons[: lessons.index(slug)] for exercise in LESSONS[name]]
    return list(dict.fromkeys(inspect.getsourcefile(e.reference) for e in before))


def student_pack(folder):
    """Write the package that students of a class install: `course`, nothing of the instructor's."""
    root = Path(__file__).resolve().parents[1]
    shutil.copytree(
        root / "course", folder / "course", ignore=shutil.ignore_patterns("__pycache__", "*.md")
    )
    distribution = metadata.metadata("transformer-course")
    needs = [need for need in metadata.requires("transformer-course") if "extra ==" not in need]
    text = PACK.format(version=distribution["Version"], needs=json.dumps(needs, indent=2))
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
