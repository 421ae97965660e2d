"""Answers are taken out of a notebook, and nothing else of it is run."""

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.weave import released_notebook, source_notebook, to_text
from course.own import answers
from solutions.training import PairBatches


def written(folder, notebook):
    path = folder / "lesson.ipynb"
    path.write_text(to_text(notebook), encoding="utf-8")
    return path


def answered(source, **metadata):
    nbgrader = {"grade": False, "solution": True, "grade_id": "a-b"}
    return new_code_cell(source, metadata={"nbgrader": {**nbgrader, **metadata}})


@pytest.mark.parametrize("slug", ["07-encoder-decoder", "08-training"])
def test_the_answers_of_a_lesson_are_there(tmp_path, slug):
    found = answers(written(tmp_path, source_notebook(slug)))
    if slug.startswith("07"):
        model = found.Transformer(9, d_model=4, num_layers=1, num_heads=2, hidden_dim=8)
        ids = np.array([[4, 5, 6]])
        assert model({"source": ids, "target": ids}).shape == (1, 3, 9)
        assert type(model.encoder) is found.Encoder
    else:
        pairs = [[4, 5, 6], [4, 5]], [[1, 4, 2], [1, 5, 5, 2]]
        ours, theirs = (kind(*pairs, batch_size=2)[0] for kind in (PairBatches, found.PairBatches))
        np.testing.assert_array_equal(ours[0]["source"], theirs[0]["source"])
        np.testing.assert_array_equal(ours[1], theirs[1])
        assert found.PairBatches is not PairBatches


def test_what_is_not_answered_says_so_when_it_is_used(tmp_path):
    found = answers(written(tmp_path, released_notebook("08-training")))
    with pytest.raises(NotImplementedError):
        found.fit(None, None, None)


def test_checks_and_experiments_are_not_run(tmp_path, capsys):
    cells = [
        new_markdown_cell("prose"),
        answered("import math", solution=False),
        new_code_cell("print('experiment')", metadata={"tags": ["experiment"]}),
        answered("def half(x):\n    return helper(x) / math.sqrt(4)"),
        answered("print('checked')", grade=True, solution=False),
        new_code_cell("def helper(x):\n    return x\nprint('mine')"),
    ]
    found = answers(written(tmp_path, new_notebook(cells=cells)))
    assert found.half(6) == 3
    assert capsys.readouterr().out == ""


def test_a_magic_needs_a_notebook_to_run_in(tmp_path):
    cells = [answered("x = !true\ndef one():\n    return 1")]
    with pytest.raises(ValueError, match=r"must run. Received: NameError: name 'get_ipython'"):
        answers(written(tmp_path, new_notebook(cells=cells)))


def test_a_cell_that_fails_is_named(tmp_path):
    cells = [answered("def broken(x)\n    return x")]
    with pytest.raises(ValueError, match=r"SyntaxError: .* begins with `def broken\(x\)`"):
        answers(written(tmp_path, new_notebook(cells=cells)))


def test_what_is_no_notebook_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"must be a lesson's notebook. Received: no such"):
        answers(tmp_path / "none.ipynb")
    for content in ("", "[]", "{}"):
        (tmp_path / "some.ipynb").write_text(content)
        with pytest.raises(ValueError, match=r"must be a lesson's notebook. Received: "):
            answers(tmp_path / "some.ipynb")
