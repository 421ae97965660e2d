"""The list of all exercises, for tools and for people."""

from rich.table import Table

from autograder.exercises import LESSONS
from autograder.weave import scaffold


def as_data():
    """Return one dict an exercise, in the order of the lessons."""
    return [
        {
            "id": exercise.id,
            "lesson": slug,
            "title": exercise.title,
            "kind": exercise.kind,
            "points": float(exercise.points),
            "cell": exercise.cell,
            "scaffold": scaffold(exercise),
            "forbidden": sorted(exercise.forbidden),
            "misconceptions": [{"id": m.id, "title": m.title} for m in exercise.misconceptions],
        }
        for slug, exercises in LESSONS.items()
        for exercise in exercises
    ]


def as_table():
    """Return the list as a table."""
    table = Table("lesson", "exercise", "title", "points", "mistakes it can name")
    for row in as_data():
        count = str(len(row["misconceptions"]))
        table.add_row(row["lesson"], row["id"], row["title"], f"{row['points']:g}", count)
    return table


def as_markdown():
    """Return the documentation page of all exercises and the mistakes they name."""
    lines = ["# Exercises", "", "Each line below an exercise is a mistake that its check names."]
    lesson = None
    for row in as_data():
        if row["lesson"] != lesson:
            lesson = row["lesson"]
            lines += ["", f"## {lesson}"]
        points = f"{row['points']:g} points" if row["points"] else "ungraded"
        lines += ["", f"### {row['title']} (`{row['id']}`, {points})", ""]
        lines += [f"- `{mistake['id']}`: {mistake['title']}" for mistake in row["misconceptions"]]
    return "\n".join(lines) + "\n"
