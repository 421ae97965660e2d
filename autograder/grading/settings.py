"""The settings that make stock nbgrader grade by cases."""

import functools
from pathlib import Path

from autograder.kernel.kernelspec import use_warm_kernels

SANITIZE = [
    "autograder.grading.rebuild.Rebuild",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
AUTOGRADE = [
    "autograder.grading.links.DropLinks",
    "autograder.grading.ahead.ExecuteInTurn",
    "autograder.grading.judge.Judge",
    "autograder.grading.follow.FollowThrough",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.grading.grades.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
SEED_FILE = "class_seed"


def configure(c, folder):
    """Set nbgrader's config `c` for the class in `folder`; called by its `nbgrader_config.py`."""
    folder = Path(folder).resolve()
    c.CourseDirectory.root = str(folder)
    c.Autograde.exporter_class = "autograder.grading.exporter.SubmissionExporter"
    c.Autograde.pre_convert_hook = "autograder.grading.exporter.adopt_renamed"
    c.Autograde.sanitize_preprocessors = SANITIZE
    c.Autograde.autograde_preprocessors = AUTOGRADE
    seed, keys = read_seed(folder), folder / "keys"
    c.HiddenCases.seed, c.HiddenCases.keys_folder = seed, str(keys)
    c.GenerateAssignment.post_convert_hook = functools.partial(_prepare_keys, keys, seed)
    use_warm_kernels(c, folder)


def _prepare_keys(folder, seed, **of_the_assignment):
    from autograder.grading.hidden import prepare_keys  # it loads Keras

    prepare_keys(folder, seed, **of_the_assignment)


def read_seed(folder):
    """Return the class's seed. Raises ValueError with what the file must hold."""
    path = Path(folder) / SEED_FILE
    try:
        seed = int(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} must hold the class's seed, a whole number of 0 or more; `course new-class` "
            f"writes it. Received: {error}"
        ) from None
    if seed < 0:
        raise ValueError(f"{path} must hold a number of 0 or more. Received: {seed}")
    return seed
