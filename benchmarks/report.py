"""Print a benchmark's rows as a table or as JSON, and say whether its targets are met."""

import json
import platform
import resource
import sys
from dataclasses import asdict, dataclass
from importlib import metadata

from rich.console import Console
from rich.table import Table

PACKAGES = ("keras", "tensorflow", "numpy", "nbgrader")


@dataclass(frozen=True)
class Row:
    """One figure. `met` is None where there is no target, only a figure."""

    what: str
    value: float
    unit: str
    target: float | None = None
    met: bool | None = None


def at_most(what, value, unit, target):
    """Return the row of a figure that must not exceed its target."""
    return Row(what, value, unit, target, value <= target)


def at_least(what, value, unit, target):
    """Return the row of a figure that must reach its target."""
    return Row(what, value, unit, target, value >= target)


def processor_seconds():
    """Return the processor time that this process has used: beside it, others cost it nothing."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def finish(name, rows):
    """Print the rows and leave with exit code 1 when a target is missed."""
    if "--json" in sys.argv[1:]:
        print(json.dumps(as_data(name, rows), indent=2))
    else:
        table = Table("what", "value", "unit", "target", "met", title=name)
        for row in rows:
            met = {None: "", True: "yes", False: "NO"}[row.met]
            target = "" if row.target is None else f"{row.target:g}"
            table.add_row(row.what, f"{row.value:.4g}", row.unit, target, met)
        Console().print(table)
    sys.exit(int(any(row.met is False for row in rows)))


def as_data(name, rows):
    """Return a benchmark's result as plain data."""
    return {
        "name": name,
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {package: metadata.version(package) for package in PACKAGES},
        "rows": [asdict(row) for row in rows],
    }
