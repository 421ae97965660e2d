"""The scaffold keeps what is given and hides what the student writes."""

import ast

import pytest

from autograder.exercises import EXERCISES, program_source
from autograder.weave.scaffold import scaffold, solution_cell


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_a_solution_cell_still_is_the_reference(exercise):
    def without_comments(source):
        return ast.dump(ast.parse(source))

    expected = without_comments(program_source(exercise.reference))
    assert without_comments(solution_cell(exercise)) == expected


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_a_scaffold_parses_and_hides_each_body(exercise):
    text = scaffold(exercise)
    (node,) = ast.parse(text).body
    assert node.name == exercise.name
    assert text.count("raise NotImplementedError()") == max(1, len(exercise.write))
    assert "SOLUTION" not in text
    for name in exercise.forbidden:
        assert name in text.split("def ")[0].split("class ")[0]


def test_a_docstring_stays_and_the_body_goes():
    text = scaffold(EXERCISES["attention.scale"])
    assert "Divide scores by the square root" in text
    assert "math.sqrt" not in text
