"""The capstone runs from top to bottom on its sample, and what it says of the sample is so."""

import re
from importlib.resources import files

import nbformat
import pytest
from nbclient import NotebookClient

LESSON = (files("course") / "lessons" / "12-capstone.md").read_text(encoding="utf-8")
NOTEBOOK = files("course") / "notebooks" / "12-capstone.ipynb"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The released notebook after a fresh kernel has run all of it in an empty folder."""
    notebook = nbformat.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)
    folder = tmp_path_factory.mktemp("capstone")
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    return client.execute()


def outputs(ran, word):
    """What the cells that hold a word in their code have printed and shown, as text."""
    cells = [cell for cell in ran.cells if cell.cell_type == "code" and word in cell.source]
    assert cells, word
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for cell in cells
        for output in cell.outputs
    )


def test_nothing_fails_and_nothing_is_said_on_stderr(ran):
    for cell in ran.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", output
            assert output.get("name") != "stderr", output.text


def test_the_file_is_told_and_does_not_leak(ran):
    told = outputs(ran, "read_pairs(path)")
    assert "sample-pairs.tsv: 33 for training, 4 for validation, 3 for test" in told
    assert re.search(r"SHA-256 [0-9a-f]{64}", told)
    assert "5 sentences in the test, 0 of them in the training" in outputs(ran, "tested_on &")


def test_words_are_unknown_and_pieces_are_not(ran):
    [words] = re.findall(r"([\d.]+)% of the words in the test", outputs(ran, "words.build"))
    [pieces] = re.findall(r"([\d.]+)% of those in the test", outputs(ran, "Subwords(texts"))
    assert 60 < float(words) < 67  # "nearly two of three"
    assert float(pieces) < 10


def test_the_sample_is_remembered_and_nothing_more(ran):
    """The text says so: one curve falls nearly to 0, the other one rises."""
    alt = outputs(ran, "SeenAndUnseen(task)")
    measured = re.findall(r"Step [\d,]+: (\d+\.\d+) (?:nats a token )?and (\d+\.\d+)", alt)
    first, last = measured
    assert float(last[0]) < 0.5 < 2 < float(first[0])
    assert float(last[1]) > float(first[1]) > 3
    [known] = re.findall(r"on the training: BLEU ([\d.]+)", outputs(ran, "on the training"))
    assert float(known) > 90


def test_the_exam_names_the_translators_that_know_nothing(ran):
    told = outputs(ran, '"the sentence itself"')
    scores = dict(re.findall(r"^(.+): BLEU ([\d.]+) on 2 sentences", told, re.MULTILINE))
    assert list(scores) == ["your model, greedily", "the sentence itself", "always the same"]
    assert max(map(float, scores.values())) < 15  # of a sample: none has anything to be proud of
    assert "|tok:13a|" in told


def test_the_search_of_lesson_9_finds_translations_too(ran):
    told = outputs(ran, "beam_answers")
    names = re.findall(r"^(\w+): +BLEU [\d.]+ on 2 sentences", told, re.MULTILINE)
    assert names == ["greedy", "beam"]


def test_the_hand_example_is_what_the_text_says(ran):
    told = outputs(ran, '["the cat sat on the mat"]')
    assert "precisions 83.3, 60.0, 25.0, 16.7; brevity penalty 1.000" in told
    assert "16.7 %" in LESSON


def test_pictures_are_told(ran):
    assert "Cross-attention of the last block" in outputs(ran, "sentence_alignment")


def test_no_score_is_promised():
    """Nobody has measured one on a file that people would use."""
    assert not re.search(r"BLEU (score )?of (about |around )?(\d\d?[^\d]|\d\d?\.)", LESSON)
